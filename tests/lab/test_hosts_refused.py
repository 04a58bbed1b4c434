"""A deploy that cannot go well does not begin: one clear message, and no host was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.layers import State
from lab.place import Place
from tests.lab.changes import CONF, INVENTORY, inventory, left, settled, snapshot
from tests.lab.conftest import Labs, Runs

HAND_MADE = "vrrp_instance MINE {\n    interface eth1\n    virtual_router_id 7\n    priority 42\n}\n"
KEPT = f"{CONF}.before-floatip"
SUDO = {"ssh_user": "admin", "_sudo": True}


@pytest.fixture(scope="module")
def clean(labs: Labs) -> Iterator[Place]:
    """One lab for the stories of this module that leave its hosts as they were."""
    yield labs.up()
    labs.down()


REFUSED: dict[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "a-slip-in-the-interface": (
        {"member": {"d1": {"interface": "eht1"}}},
        ("d1 has no interface 'eht1'.", "Did you mean 'eth1'?"),
    ),
    "another-hosts-address": (
        {"member": {"d2": {"address": "10.9.1.62/24"}}},
        ("d2 has no address 10.9.1.62/24 on eth1.", "'10.9.1.61/24'"),
    ),
    "a-user-who-is-not-root": (
        {"host": {"d1": {"ssh_user": "admin"}, "d2": {"ssh_user": "admin"}}},
        ("d1: the SSH user is not root.", "d2: the SSH user is not root.", "'_sudo': True"),
    ),
    "equal-priorities": ({"member": {"d2": {"priority": 150}}}, ("priority", "150")),
    "a-line-break-and-more": (
        {"instance": {"virtual_ipaddress": ["10.9.1.6/24\n    }\n}\ninclude /etc/shadow"]}},
        ("virtual_ipaddress",),
    ),
    "a-shell-in-the-interface": ({"member": {"d1": {"interface": "$(touch /root/x)"}}}, ("interface",)),
    "a-setting-nobody-knows": ({"instance": {"virtual_router_di": 5}}, ("Did you mean 'virtual_router_id'?",)),
}
BY_THE_INVENTORY = ("equal-priorities", "a-line-break-and-more", "a-shell-in-the-interface", "a-setting-nobody-knows")


@pytest.mark.parametrize("case", REFUSED)
def test_no_host_is_changed(clean: Place, deploy: Runs, floatip: Runs, tmp_path: Path, case: str) -> None:
    change, words = REFUSED[case]
    before = {host.name: snapshot(host) for host in clean.servers}
    wrong = inventory(tmp_path, **change)
    refused = deploy(wrong, check=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert all(word in refused.stderr for word in words), refused.stderr
    for host in clean.servers:
        assert before[host.name].differences(snapshot(host)) == []
    checked = floatip("check", wrong, check=False)
    assert checked.returncode == (2 if case in BY_THE_INVENTORY else 0)


def test_where_one_host_cannot_be_reached_the_other_is_left_alone(lab: Place, deploy: Runs, tmp_path: Path) -> None:
    d1, d2 = lab.servers
    before = snapshot(d1)
    d2.power_off()
    refused = deploy(INVENTORY, check=False)
    assert refused.returncode != 0
    assert "No connection to d2 (see above), so no host was changed." in refused.stderr
    assert before.differences(snapshot(d1)) == []
    d2.power_on()
    d2.wait_ready()
    deploy(INVENTORY)
    settled(lab)
    d1_before = d1.read(CONF)
    d2.power_off()
    refused = deploy(inventory(tmp_path, instance={"advert_int": 2}), check=False)
    assert refused.returncode != 0
    assert d1.read(CONF) == d1_before
    assert lab.holders("10.9.1.6") == ["d1"]


@pytest.mark.hosts(State.READY)
def test_a_configuration_that_somebody_wrote_is_replaced_only_when_asked_for(
    lab: Place, deploy: Runs, floatip: Runs
) -> None:
    d1, d2 = lab.servers
    d1.write(CONF, HAND_MADE, 0o600)
    before = {host.name: snapshot(host) for host in lab.servers}
    refused = deploy(INVENTORY, check=False)
    assert refused.returncode != 0
    assert f"d1 already has a {CONF} that floatip did not write." in refused.stderr
    assert "--data floatip_replace=true" in refused.stderr
    for host in lab.servers:
        assert before[host.name].differences(snapshot(host)) == []
    deploy(INVENTORY, "--data", "floatip_replace=true")
    settled(lab)
    assert d1.read(KEPT) == HAND_MADE
    assert "# Managed by floatip" in d1.read(CONF)
    assert not d2.exists(KEPT)
    assert "Nothing will be changed" in deploy(INVENTORY).stderr
    floatip("remove", INVENTORY, "--yes")
    assert d1.read(CONF) == HAND_MADE
    assert d1.run(f"stat -c %a {CONF}").stdout == "600\n"
    assert not d1.exists(KEPT)
    assert lab.holders("10.9.1.6") == []


def test_a_user_with_sudo_deploys_changes_and_removes(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
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
    assert "Nothing will be changed" in deploy(changed).stderr
    floatip("remove", changed, "--yes")
    assert lab.holders("10.9.1.6") == []
    for host in lab.servers:
        assert left(before[host.name], snapshot(host)) == []
