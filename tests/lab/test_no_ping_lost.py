"""A client that asks a hundred times a second notices no change of the configuration.

Where the address changes hands on the way, one ping each time may be lost; where it stays, none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from floatip.change import summary
from floatip.change.plan import Kind
from floatip.change.plan.model import NOTICE
from floatip.model.paths import FOREIGN_CONF, MEMBERS
from floatip.runs.events import Proved, Refusal
from lab.names import FLOATING, spec
from lab.paths import KEY, KNOWN_HOSTS, ROOT
from lab.place import Place
from tests.lab.changes import CONF, INVENTORY, Journals, confs, inventory, settled, unnoticed
from tests.lab.conftest import Runs, start
from tests.lab.ran import Ran

SECOND = "10.9.1.7"
OLD = ROOT / "tests" / "unit" / "old_inventories"


@pytest.fixture
def pyinfra() -> Runs:
    """`pyinfra ARGS…`, without an answer to its questions."""

    def run(*args: str | Path, check: bool = True, timeout: float = 180) -> Ran:
        return start("pyinfra", *args, check=check, timeout=timeout)

    return run


@pytest.fixture
def pair(place: Place, deploy: Runs) -> Place:
    """The pair as inventories/lab.py has it, at rest; most of the time it is already."""
    deploy(INVENTORY)
    settled(place)
    return place


def test_a_second_run_changes_nothing_and_nobody_notices(pair: Place, deploy: Runs) -> None:
    journals = Journals(pair)
    with unnoticed(pair):
        answer = deploy("--json", INVENTORY)
    report = answer.document
    assert all(not operation["success"] and not operation["error"] for operation in report["results"]["operations"])
    assert (answer.planned.kind, answer.changes) == (Kind.NOTHING, [])
    assert {name: journals.lines(name) for name in ("d1", "d2")} == {"d1": [], "d2": []}
    assert pair.holders(FLOATING) == ["d1"]


CHANGES: list[tuple[str, Mapping[str, Any], Kind]] = [
    ("another-address", {"virtual_ipaddress": [f"{FLOATING}/24", f"{SECOND}/24"]}, Kind.RELOAD),
    ("slower-adverts", {"advert_int": 2}, Kind.RELOAD),
    ("another-vrid", {"virtual_router_id": 102}, Kind.IDENTITY),
    ("sub-second-adverts", {"advert_int": 0.1}, Kind.IDENTITY),
    ("unicast", {"unicast": True}, Kind.IDENTITY),
    ("version-3", {"version": 3}, Kind.IDENTITY),
    ("virtual-mac", {"use_vmac": True}, Kind.START_OVER),
    ("as-it-was", {}, Kind.START_OVER),
]
"""One change after the other, each of which takes the one before back as well."""


def test_changes_and_the_way_back_cost_no_answer(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    before, starts = confs(pair), Journals(pair)
    for name, instance, kind in CHANGES:
        goal, journals = inventory(tmp_path, instance=instance), Journals(pair)
        with unnoticed(pair, hands=0 if kind is Kind.RELOAD else 2):
            answer = deploy(goal)
            settled(pair)
        assert (answer.planned.kind, answer.planned.instances) == (kind, {"VI_1": kind}), name
        assert (confs(pair) == before) == (instance == {}), name
        if kind is Kind.RELOAD:
            assert journals.reloads() == {"d1": 1, "d2": 1}, name
            assert journals.transitions() == {"d1": 0, "d2": 0}, name
    assert starts.starts() == {"d1": 0, "d2": 0}


PLACED: list[tuple[Mapping[str, Any], Kind, tuple[str, str, str, str]]] = [
    ({"address": f"{FLOATING}/24", "label": "eth1:vip"}, Kind.RELOAD, ("eth1", "eth1:vip", "", "global")),
    ({"address": f"{FLOATING}/24", "dev": "eth2", "label": "eth2:v"}, Kind.RELOAD, ("eth2", "eth2:v", "", "global")),
    ({"address": f"{FLOATING}/24", "brd": "10.9.1.255"}, Kind.START_OVER, ("eth1", "eth1", "10.9.1.255", "global")),
    ({"address": f"{FLOATING}/32", "scope": "host"}, Kind.RELOAD, ("eth1", "eth1", "", "host")),
]
"""Options of the address, one change after the other, and what the kernel says then: interface, label, broadcast
address, scope."""


def test_the_address_is_put_on_the_interface_as_the_inventory_says(
    pair: Place, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    """A reload takes the address off and puts it there anew: one ping may fall in between."""
    for host in pair.servers:
        host.run("ip link add eth2 link eth1 type macvlan mode bridge; ip link set eth2 up")
    journals = Journals(pair)
    for options, kind, there in PLACED:
        file = inventory(tmp_path, instance={"virtual_ipaddress": [options]})
        before = journals.transitions()
        with unnoticed(pair, hands=1 if kind is Kind.RELOAD else 2):
            answer = deploy(file)
            settled(pair)
        assert (answer.planned.kind, answer.planned.instances) == (kind, {"VI_1": kind})
        assert placed(pair, "d1") == [there]
        assert placed(pair, "d2") == []
        assert answer.all(Proved) == [Proved(FLOATING, "d1", True, "VI_1")]
        assert (journals.transitions() == before) == (kind is Kind.RELOAD)
    assert floatip("doctor", file).returncode == 0
    deploy(INVENTORY)
    settled(pair)
    assert placed(pair, "d1") == [("eth1", "eth1", "", "global")]
    for host in pair.servers:
        host.run("ip link del eth2")


def placed(place: Place, name: str) -> list[tuple[str, str, str, str]]:
    """How the kernel of a server has the address."""
    found = place.host(name).look("address", "show", "to", FLOATING)
    each = [(link["ifname"], address) for link in found if link for address in link["addr_info"] if "local" in address]
    return [
        (device, address.get("label", ""), address.get("broadcast", ""), address["scope"]) for device, address in each
    ]


BY_HAND = """! by hand \u2013 {name}
global_defs
{{
\trouter_id\t{name}   # this one
}}
vrrp_instance\tVI_1
{{\t! so they say
\tpriority {priority}
\tinterface "eth1"
\tvirtual_router_id 77
\tvirtual_ipaddress
\t{{ 10.9.1.6/24
\t}} }}
"""


def test_a_pair_made_by_hand_with_another_vrid_is_taken_over(pair: Place, deploy: Runs) -> None:
    """In a layout of their own: braces below, tabs, comments behind braces, defaults left out, another order."""
    ours = confs(pair)
    for host, priority in zip(pair.servers, (150, 100), strict=True):
        host.write(CONF, BY_HAND.format(name=host.name, priority=priority), 0o640)
        host.run("systemctl reload keepalived")
    settled(pair)
    journals = Journals(pair)
    with unnoticed(pair, hands=2):
        answer = deploy(INVENTORY, "--data", "floatip_replace=true")
        settled(pair)
    assert (answer.planned.kind, answer.planned.instances) == (Kind.IDENTITY, {"VI_1": Kind.IDENTITY})
    assert confs(pair) == ours
    assert journals.starts() == {"d1": 0, "d2": 0}
    for host in pair.servers:
        assert "by hand" in host.read(FOREIGN_CONF)
        host.run(f"rm {FOREIGN_CONF}")


WITH_A_PASSWORD = """! by hand
global_defs {{
   notification_email {{ admin@example.org }}
   router_id LVS_DEVEL
}}
vrrp_instance VI_1 {{
    state {state}  # ведущий
    interface eth1
    virtual_router_id 101
    priority {priority}
    advert_int 2
    authentication {{
        auth_type PASS
        auth_pass 1111
    }}
    virtual_ipaddress {{
        10.9.1.6
    }}
}}
"""


def test_an_adopted_pair_loses_its_password_and_no_ping(
    pair: Place, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    """Read from the servers themselves; afterwards the doctor has nothing to say."""
    config = tmp_path / "ssh_config"
    config.write_text(f"Host *\n  IdentityFile {KEY}\n  UserKnownHostsFile {KNOWN_HOSTS}\n")
    for host, state, priority in zip(pair.servers, ("MASTER", "BACKUP"), (150, 100), strict=True):
        host.write(CONF, WITH_A_PASSWORD.format(state=state, priority=priority), 0o640)
    for host in pair.servers:
        host.run("systemctl restart keepalived")
    settled(pair)
    servers = [f"{name}=root@127.0.0.1:{spec(name).connection['ssh_port']}" for name in ("d1", "d2")]
    adopted = floatip("adopt", *servers, "--ssh-config", config, "--name", "lab")
    (tmp_path / "lab.py").write_text(adopted.stdout)
    document = floatip("adopt", *servers, "--ssh-config", config, "--json").document
    assert [question["code"] for question in document["questions"]] == ["prefix"]
    assert {node: host["vrrp"]["VI_1"]["address"] for node, host in document["hosts"]} == (
        {"d1": "10.9.1.16/24", "d2": "10.9.1.61/24"}
    )
    with unnoticed(pair, hands=2):
        answer = deploy(tmp_path / "lab.py", "--data", "floatip_replace=true")
        settled(pair)
    assert answer.planned.kind == Kind.IDENTITY
    assert all("auth_pass" not in text and "advert_int 2" in text for text in confs(pair).values())
    assert floatip("doctor", tmp_path / "lab.py", "--json").document["findings"] == []
    for host in pair.servers:
        host.run(f"rm {FOREIGN_CONF}")


ONE_FILE_FOR_ALL = """$SECRET=1111
@d1 $PRIORITY=150
@d2 $PRIORITY=100
$AUTHENTICATION=authentication { \\
    auth_type PASS \\
    auth_pass $SECRET \\
}
include instances/*.conf
"""
INSTANCE = """vrrp_instance VI_1 {
    include ../interface
    virtual_router_id 101
    priority $PRIORITY
    advert_int 2
    $AUTHENTICATION
    virtual_ipaddress {
        ~SEQ(LAST, 6, 7) 10.9.1.${LAST}/24
    }
}
"""


def test_an_adopted_pair_with_definitions_and_other_files_loses_no_ping(
    pair: Place, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    """All of it is read from the servers; the password goes, the interval changes with it, the VRID stays."""
    config = tmp_path / "ssh_config"
    config.write_text(f"Host *\n  IdentityFile {KEY}\n  UserKnownHostsFile {KNOWN_HOSTS}\n")
    for host in pair.servers:
        host.run("mkdir -p /etc/keepalived/instances")
        host.write("/etc/keepalived/interface", "interface eth1\n", 0o644)
        host.write("/etc/keepalived/instances/web.conf", INSTANCE, 0o644)
        host.write(CONF, ONE_FILE_FOR_ALL, 0o640)
        host.run("systemctl restart keepalived")
    settled(pair, address=SECOND)
    servers = [f"{name}=root@127.0.0.1:{spec(name).connection['ssh_port']}" for name in ("d1", "d2")]
    adopted = floatip("adopt", *servers, "--ssh-config", config, "--name", "lab")
    assert "1111" not in adopted.stdout + adopted.stderr
    file = tmp_path / "lab.py"
    file.write_text(adopted.stdout.replace('"advert_int": 2', '"advert_int": 3'))
    journals = Journals(pair)
    with unnoticed(pair, hands=2), unnoticed(pair, SECOND, hands=2):
        answer = deploy(file, "--data", "floatip_replace=true")
        settled(pair)
    assert answer.planned.kind == Kind.IDENTITY
    assert all("auth_pass" not in text and "advert_int 3" in text for text in confs(pair).values())
    assert journals.starts() == {"d1": 0, "d2": 0}
    assert floatip("doctor", file, "--json").document["findings"] == []
    for host in pair.servers:
        host.run(f"rm -r {FOREIGN_CONF} /etc/keepalived/instances /etc/keepalived/interface")


def test_a_change_on_one_node_reloads_only_that_node(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    journals = Journals(pair)
    with unnoticed(pair):
        deploy(inventory(tmp_path, member={"d2": {"priority": 120}}))
    assert "    priority 120\n" in pair.host("d2").read(CONF)
    assert journals.reloads() == {"d1": 0, "d2": 1}
    assert journals.lines("d1") == []
    assert journals.transitions() == {"d1": 0, "d2": 0}


def test_another_preferred_node_takes_the_address_without_a_gap(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    with unnoticed(pair, hands=2):
        deploy(inventory(tmp_path, member={"d2": {"priority": 200}}))
        settled(pair, "d2")
        deploy(INVENTORY)
        settled(pair, "d1")


def test_a_dry_run_says_what_a_client_will_notice_and_touches_nothing(
    pair: Place, pyinfra: Runs, tmp_path: Path
) -> None:
    before, journals = confs(pair), Journals(pair)
    kinds = {
        Kind.NOTHING: INVENTORY,
        Kind.RELOAD: inventory(tmp_path / "a.py", instance={"advert_int": 2}),
        Kind.IDENTITY: inventory(tmp_path / "b.py", instance={"virtual_router_id": 9}),
        Kind.START_OVER: inventory(tmp_path / "c.py", instance={"use_vmac": True}),
    }
    for kind, path in kinds.items():
        answer = pyinfra("--dry", path, "deploy.py")
        assert (answer.planned.kind, answer.planned.notice) == (kind, NOTICE[kind])
        assert str(answer.planned.notice) in answer.stderr
    assert confs(pair) == before
    assert (journals.lines("d1"), journals.lines("d2")) == ([], [])


def test_a_diff_shows_the_changed_line(pair: Place, pyinfra: Runs, tmp_path: Path) -> None:
    before = confs(pair)
    changed = inventory(tmp_path, member={"d1": {"priority": 160}})
    said = plain(pyinfra("--dry", "--diff", changed, "deploy.py").stderr)
    assert [line.strip() for line in said if "priority" in line] == ["-     priority 150", "+     priority 160"]
    assert confs(pair) == before


def test_a_limit_leaves_the_others_alone(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    d1 = pair.host("d1").read(CONF)
    journals = Journals(pair)
    with unnoticed(pair):
        deploy("--limit", "d2", inventory(tmp_path, member={"d1": {"priority": 160}, "d2": {"priority": 90}}))
    assert "    priority 90\n" in pair.host("d2").read(CONF)
    assert (pair.host("d1").read(CONF), journals.lines("d1")) == (d1, [])


def test_a_limit_refuses_what_all_must_do_together(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    before, journals = confs(pair), Journals(pair)
    answer = deploy("--limit", "d2", inventory(tmp_path, instance={"virtual_router_id": 102}), check=False)
    assert answer.returncode != 0
    assert (answer.refused.code, answer.refused.nodes) == (Refusal.LEFT_OUT, ("d1",))
    assert str(answer.refused.message) in answer.stderr
    assert confs(pair) == before
    assert (journals.lines("d1"), journals.lines("d2")) == ([], [])


def test_with_json_there_is_one_document_and_the_log_goes_elsewhere(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    answer = deploy("--json", inventory(tmp_path, member={"d2": {"priority": 110}}))
    report = answer.document
    changed = {
        operation["name"]: operation["success"] for operation in report["results"]["operations"] if operation["success"]
    }
    (activated,) = [(begin, nodes) for begin, nodes in answer.changes if begin.what.template == summary.ACTIVATE]
    assert changed[activated[0].what] == ["d2"] == list(activated[1])
    assert report["results"]["failed_hosts"] == []
    assert activated[0].what in answer.stderr


def plain(text: str) -> list[str]:
    """Lines without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


@pytest.mark.parametrize("name", ["first", "readme"])
def test_what_the_first_release_deployed_is_deployed_again(
    pair: Place, deploy: Runs, tmp_path: Path, name: str
) -> None:
    """Its keepalived.conf and its record are on the servers; its inventory has all that it had then."""
    file = tmp_path / f"{name}.py"
    text = (OLD / f"{name}.py").read_text()
    for host in pair.servers:  # the article's addresses, by which nobody reaches the lab
        reached = f'"ssh_hostname": "{host.spec.management}", "ssh_user": "root", "ssh_strict_host_key_checking": "yes"'
        text = text.replace(reached, str(host.spec.connection)[1:-1])
        host.write(CONF, (OLD / f"{name}.{host.name}.conf").read_text(), 0o640)
        host.run(f"sed -i '1s/ [^ ]*$//' {MEMBERS} && systemctl reload keepalived")
    file.write_text(text)
    settled(pair)
    before, journals = confs(pair), Journals(pair)
    with unnoticed(pair):
        first = deploy(file)
    assert [begin.what for begin, _ in first.changes] == [summary.MEMBERS]
    assert (first.planned.kind, confs(pair), journals.transitions()) == (Kind.NOTHING, before, {"d1": 0, "d2": 0})
    assert deploy(file).changes == []
