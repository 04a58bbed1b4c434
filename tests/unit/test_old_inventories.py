"""What deployed with 0.1 deploys today, and means the same: inventories of its time, and the keepalived.conf that 0.1
itself made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.keepalived.render import keepalived_conf
from floatip.model import inventory
from floatip.model.problems import errors

OLD = sorted(Path(__file__).with_name("old_inventories").glob("*.py"))
ADDED = {"vrrp_garp_master_repeat 10", "vrrp_garp_interval 0.001"}
"""What later versions have the daemon do besides."""


@pytest.mark.parametrize("file", OLD, ids=[path.stem for path in OLD])
def test_an_inventory_of_the_first_version(file: Path) -> None:
    (found,) = inventory.read(file)
    assert not errors(found.problems) and found.cluster
    for node in found.cluster.nodes:
        before = file.with_suffix(f".{node.name}.conf").read_text().splitlines()
        now = keepalived_conf(found.cluster, node.name).splitlines()
        assert [line for line in now if line.strip() not in ADDED] == before
        assert all(line.strip() in ADDED for line in set(now) - set(before))


def test_there_are_some() -> None:
    assert [path.stem for path in OLD] == ["everything", "first", "readme"]
