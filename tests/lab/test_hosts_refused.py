"""A deploy that cannot go well does not begin: one clear message, and no host was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from floatip.change.plan import Kind
from floatip.runs.events import Refusal
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.lab.changes import CONF, INVENTORY, inventory, left, settled, snapshot
from tests.lab.conftest import Labs, Runs

OTHER = "10.9.1.7"
SUDO = {"ssh_user": "admin", "_sudo": True}


@pytest.fixture(scope="module")
def clean(labs: Labs) -> Iterator[Place]:
    """One lab for the stories of this module that leave its hosts as they were."""
    yield labs.up()
    labs.down()


VI_1 = "vrrp_instances.VI_1"
# change, who refuses it, (path, code) of each problem, and what a message or a hint must name
REFUSED: dict[str, tuple[Mapping[str, Any], Refusal, set[tuple[str, str]], str]] = {
    "a-slip-in-the-interface": (
        {"member": {"d1": {"interface": "eht1"}}},
        Refusal.HOSTS,
        {("nodes.d1.vrrp.VI_1.interface", "no-such-interface")},
        "'eth1'",
    ),
    "another-hosts-address": (
        {"member": {"d2": {"address": "10.9.1.62/24"}}},
        Refusal.HOSTS,
        {("nodes.d2.vrrp.VI_1.address", "address-not-on-interface")},
        "'10.9.1.61/24'",
    ),
    "a-user-who-is-not-root": (
        {"host": {"d1": {"ssh_user": "admin"}, "d2": {"ssh_user": "admin"}}},
        Refusal.HOSTS,
        {("nodes.d1", "not-root"), ("nodes.d2", "not-root")},
        "'_sudo': True",
    ),
    "equal-priorities": (
        {"member": {"d2": {"priority": 150}}},
        Refusal.INVENTORY,
        {("nodes.d2.vrrp.VI_1.priority", "equal-priorities")},
        "150",
    ),
    "a-line-break-and-more": (
        {"instance": {"virtual_ipaddress": ["10.9.1.6/24\n    }\n}\ninclude /etc/shadow"]}},
        Refusal.INVENTORY,
        {(f"{VI_1}.virtual_ipaddress.0", "control-character")},
        "",
    ),
    "a-shell-in-the-interface": (
        {"member": {"d1": {"interface": "$(touch /root/x)"}}},
        Refusal.INVENTORY,
        {("nodes.d1.vrrp.VI_1.interface", "bad-interface")},
        "",
    ),
    "a-setting-nobody-knows": (
        {"instance": {"virtual_router_di": 5}},
        Refusal.INVENTORY,
        {(f"{VI_1}.virtual_router_di", "unknown-key")},
        "'virtual_router_id'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_host_is_changed(clean: Place, deploy: Runs, floatip: Runs, tmp_path: Path, case: str) -> None:
    change, code, problems, named = REFUSED[case]
    before = {host.name: snapshot(host) for host in clean.servers}
    wrong = inventory(tmp_path, **change)
    refused = deploy(wrong, check=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert refused.refused.code is code
    assert {(error.path, error.code) for error in refused.errors} == problems
    assert all(named in f"{error.message} {error.hint}" for error in refused.errors)
    assert all(str(error.message) in refused.stderr for error in refused.errors)
    for host in clean.servers:
        assert before[host.name].differences(snapshot(host)) == []
    checked = floatip("check", wrong, check=False)
    assert checked.returncode == (2 if code is Refusal.INVENTORY else 0)


@pytest.mark.hosts(State.READY)
def test_where_one_host_cannot_be_reached_the_other_is_left_alone(lab: Place, deploy: Runs, tmp_path: Path) -> None:
    d1, d2 = lab.servers
    before = snapshot(d1)
    d2.power_off()
    refused = deploy(INVENTORY, check=False)
    assert refused.returncode != 0
    assert (refused.refused.code, refused.refused.nodes) == (Refusal.UNREACHABLE, ("d2",))
    assert before.differences(snapshot(d1)) == []
    d2.power_on()
    d2.wait_ready()
    deploy(INVENTORY)
    settled(lab)
    d1_before = d1.read(CONF)
    d2.power_off()
    refused = deploy(inventory(tmp_path, instance={"advert_int": 2}), check=False)
    assert refused.returncode != 0
    assert (refused.refused.code, refused.refused.nodes) == (Refusal.UNREACHABLE, ("d2",))
    assert d1.read(CONF) == d1_before
    assert lab.holders("10.9.1.6") == ["d1"]


@pytest.mark.parametrize(
    "packages",
    [
        pytest.param("there", marks=pytest.mark.hosts(State.READY)),
        pytest.param("not there"),
    ],
)
@pytest.mark.soak  # `test_floats` tells it, of one server
def test_a_user_with_sudo_deploys_changes_and_removes(
    lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path, packages: str
) -> None:
    """`packages`: whether they are there before."""
    before = {host.name: snapshot(host) for host in lab.servers}
    admins = {"d1": SUDO, "d2": SUDO}
    deploy(inventory(tmp_path / "lab.py", host=admins))
    settled(lab)
    changed = inventory(tmp_path / "lab.py", host=admins, instance={"virtual_router_id": 102})
    deploy(changed)
    settled(lab)
    for host in lab.servers:
        assert "virtual_router_id 102" in host.read(CONF)
        assert host.run(f"stat -c %a:%U:%G {CONF}").stdout == "640:root:root\n"
    assert deploy(changed).planned.kind is Kind.NOTHING
    floatip("remove", changed, "--yes")
    assert lab.holders("10.9.1.6") == []
    for host in lab.servers:
        assert left(before[host.name], snapshot(host)) == []


@pytest.mark.hosts(State.DEPLOYED)
def test_another_cluster_s_configuration_is_replaced_only_when_asked_for(
    lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    other = inventory(tmp_path / "web.py", instance={"virtual_ipaddress": [f"{OTHER}/24"], "virtual_router_id": 102})
    other.write_text(other.read_text().replace("\nlab = ", "\nweb = "))
    before = {host.name: snapshot(host) for host in lab.servers}
    begins = [
        deploy(other, check=False),
        deploy(other, "--dry", check=False),
        floatip("remove", other, "--yes", check=False),
    ]
    for ran in begins:
        assert (ran.returncode, ran.refused.code) == (1, Refusal.HOSTS)
        assert {(error.path, error.code) for error in ran.errors} == {
            (f"nodes.{name}", "other-cluster") for name in before
        }
    assert all(before[host.name].differences(snapshot(host)) == [] for host in lab.servers)
    settled(lab)
    deploy(other, "--data", "floatip_replace=true")
    settled(lab, address=OTHER)
    assert lab.holders(FLOATING) == []
    assert deploy(other).planned.kind is Kind.NOTHING
    assert deploy(INVENTORY, check=False).refused.code is Refusal.HOSTS
