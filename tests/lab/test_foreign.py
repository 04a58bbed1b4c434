"""A device that floatip does not manage shares the addresses: d3 is somebody else's, with a keepalived.conf by hand."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from floatip.change.plan import Kind
from floatip.operate.doctor.model import Code as Finding
from floatip.operate.status import Code
from floatip.runs import storage
from floatip.runs.events import Failure, Proved, Restored
from lab import LabError, wait_until
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING, spec
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import settled
from tests.lab.conftest import Runs
from tests.lab.ran import Ran
from tests.lab.stories import Looks

CANARY = "cAn7ry-x"
VARIABLE = "FLOATIP_LAB_PASSWORD"
ENCODED = [base64.b64encode(b"\0" * shift + f"auth_pass {CANARY}\n".encode())[4:-4].decode() for shift in range(3)]
"""However its line falls into the groups of three bytes that base64 encodes."""
CONF = "/etc/keepalived/keepalived.conf"
PROCESSES = "/run/seen"
WATCH = f"""
systemd-run -q --unit=watch-processes sh -c '
    while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | sort -u; sleep 0.01; done >{PROCESSES}'
"""
BY_HAND = """
vrrp_instance shared {{
    interface eth1
    virtual_router_id 101
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass {password}
    }}
    virtual_ipaddress {{
        {address}/24
    }}
}}
"""


def by_hand(place: Place, priority: int, password: str = CANARY) -> None:
    """Somebody sets d3 up, without floatip."""
    d3 = place.host("d3")
    d3.write(CONF, BY_HAND.format(priority=priority, address=FLOATING, password=password), 0o600)
    d3.run("systemctl restart keepalived")


def with_device(directory: Path, priority: int, client: Mapping[str, object] | None = None, **settings: object) -> Path:
    """The lab's inventory, which names d3, and says where the password is. `client`: who watches failover tests."""
    device = {"address": spec("d3").address, "priority": priority}
    shared = {"foreign": {"router": device}, "authentication": f"env:{VARIABLE}"}
    group = {"client": client} if client else None
    return changes.inventory(directory, instance={**shared, **settings}, group=group)


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator has it in the environment."""
    monkeypatch.setenv(VARIABLE, CANARY)


def proved(ran: Ran) -> list[Proved]:
    """What was seen at the end."""
    return ran.all(Proved)


def row(floatip: Runs, file: Path) -> tuple[int, dict[str, Any]]:
    """The exit code of the status, and its row."""
    answer = floatip("status", file, "--json", check=False)
    (found,) = answer.document["addresses"]
    return answer.returncode, found


def both(lab: Place) -> bool:
    """Whether d1 and d3 have the address, and not one after the other while d3 starts anew."""
    return all(sorted(lab.holders(FLOATING)) == ["d1", "d3"] for _ in range(3))


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("servers", [3])
def test_a_device_shares_the_address(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    by_hand(lab, 120)
    settled(lab, "d3")
    file = with_device(tmp_path, 120)
    first = deploy(file)
    assert proved(first) == [Proved(FLOATING, "d1", True, "VI_1")]
    settled(lab, "d1")
    again = deploy(file)
    assert (again.planned.kind, again.changes) == (Kind.NOTHING, [])
    finds(floatip, file)

    watched = with_device(tmp_path, 120, client=dict(lab.client.spec.connection))
    drilled = floatip("drill", watched, "--json", timeout=120)  # the device takes over meanwhile
    report = drilled.document
    assert (report["held"], report["holder"], report["lanes"]["d2"]) == (True, "d1", []), report
    assert len({who for _, who in report["answered"]}) == 2, report
    settled(lab, "d1")

    with Looks(lab) as looks:
        lab.host("d1").run("systemctl stop keepalived")
        settled(lab, "d3")
        wait_until("the status knows", lambda: row(floatip, file)[1]["code"] == Code.ELSEWHERE, timeout=30)
        assert row(floatip, file)[0] == 0
        lab.host("d1").run("systemctl start keepalived")
        settled(lab, "d1")
    assert looks.twice == []

    by_hand(lab, 200)
    settled(lab, "d3")
    leading = with_device(tmp_path, 200)
    held = deploy(leading)
    assert (held.planned.kind, held.changes) == (Kind.NOTHING, [])
    assert proved(held) == [Proved(FLOATING, "router", True, "VI_1")]
    finds(floatip, leading)
    assert floatip("drill", leading, "--json", check=False).error["code"] == "elsewhere"
    assert floatip("move", leading, "d2", "--json", check=False).error["code"] == "elsewhere"
    other = deploy(with_device(tmp_path, 200, garp_master_delay=3))
    assert (other.planned.kind, proved(other)) == (Kind.RELOAD, [Proved(FLOATING, "router", True, "VI_1")])
    settled(lab, "d3")
    by_hand(lab, 210)
    settled(lab, "d3")
    finds(floatip, leading, Finding.DEVICE_DIFFERS)
    by_hand(lab, 200, "0ther")
    wait_until("d1 and d3 do not hear each other", partial(both, lab))
    finds(floatip, leading, Finding.DEVICE_APART)
    lab.host("d3").run("systemctl stop keepalived")
    settled(lab, "d1")


def finds(floatip: Runs, file: Path, *wanted: Finding) -> None:
    """Wait until that is all the doctor finds: it listens for some seconds, in which a device may yet come to rest."""
    found: list[str] = []

    def look() -> bool:
        found[:] = [each["code"] for each in floatip("doctor", file, "--json", check=False).document["findings"]]
        return found == [*wanted]

    try:
        wait_until(f"the doctor finds {wanted}", look, timeout=60)
    except LabError as late:
        raise AssertionError(f"{late}; it finds {found}") from None


def holding(directory: Path) -> list[str]:
    """The files below a directory in which the password is, plain or in base64."""
    files = {file: file.read_bytes().decode("utf-8", "replace") for file in directory.rglob("*") if file.is_file()}
    return [str(file) for file, text in files.items() if any(secret in text for secret in (CANARY, *ENCODED))]


def on_a_server(host: Host) -> dict[str, str]:
    """The same of a server: file → its mode and owner."""
    found = host.run(
        f"grep -rlsF {CANARY} /etc /var /root /home /tmp /run /usr/local /dev/shm | xargs -r stat -c '%n %a %U:%G'"
    )
    return {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in found.stdout.splitlines()}


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("servers", [3])
def test_the_password_stays_where_it_is(
    lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand(lab, 120)
    settled(lab, "d3")
    file = with_device(tmp_path, 120)
    monkeypatch.delenv(VARIABLE)
    refused = deploy(file, check=False)
    assert refused.returncode == 1
    assert [(error.path, error.code) for error in refused.errors] == [
        ("vrrp_instances.VI_1.authentication", "no-password")
    ]
    assert not lab.host("d1").run(f"cat {CONF}", check=False).stdout

    monkeypatch.setenv(VARIABLE, CANARY)
    for host in (lab.host("d1"), lab.host("d2")):
        host.run(WATCH)
    runs = [deploy("-vvv", "--debug", "--diff", file), deploy("--diff", file)]
    settled(lab, "d1")
    assert runs[1].planned.kind is Kind.NOTHING
    live = floatip("check", file, "--live", "--json")
    assert live.document["servers"] == {"d1": [], "d2": []}
    monkeypatch.setenv(VARIABLE, "0ther")
    drifted = floatip("check", file, "--live", "--json", check=False)
    assert (drifted.returncode, [len(changes) > 0 for changes in drifted.document["servers"].values()]) == (
        1,
        [True, True],
    )

    wrong = deploy("--diff", file, check=False)
    assert wrong.failed.code is Failure.NOT_SETTLED
    assert wrong.failed.holders == {FLOATING: ("d1", "router")}
    assert {restored.node: restored.ok for restored in wrong.all(Restored)} == {"d1": True, "d2": True}
    settled(lab, "d1")
    monkeypatch.setenv(VARIABLE, CANARY)
    assert deploy(file).planned.kind is Kind.NOTHING
    more = [floatip(*words, check=False) for words in (("render", file), ("status", file, "--json"), ("doctor", file))]

    for ran in (refused, *runs, live, drifted, wrong, *more):
        said = f"{ran.stdout}{ran.stderr}{ran.events}"
        assert [secret for secret in (CANARY, "0ther", *ENCODED) if secret in said] == [], said
    assert holding(tmp_path) == []
    assert holding(storage.state_directory()) == []
    for host in (lab.host("d1"), lab.host("d2")):
        host.run("systemctl stop watch-processes")
        seen = host.read(PROCESSES)
        assert "floatip" in seen, "nothing was watched"
        assert [secret for secret in (CANARY, *ENCODED) if secret in seen] == []
        where = on_a_server(host)
        assert CONF in where
        assert {path.rpartition("/")[0] for path in where} == {"/etc/keepalived"}
        assert set(where.values()) == {"640 root:root"}
