"""A device that floatip does not manage shares the addresses: d3 is somebody else's, with a keepalived.conf by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from floatip.change.plan import Kind
from floatip.operate.status import Code
from floatip.runs.events import Proved
from lab import wait_until
from lab.layers import State
from lab.names import FLOATING, spec
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import settled
from tests.lab.conftest import Runs
from tests.lab.ran import Ran
from tests.lab.stories import Looks

CONF = "/etc/keepalived/keepalived.conf"
BY_HAND = """
vrrp_instance shared {{
    interface eth1
    virtual_router_id 101
    priority {priority}
    advert_int 1
    virtual_ipaddress {{
        {address}/24
    }}
}}
"""


def by_hand(place: Place, priority: int) -> None:
    """Somebody sets d3 up, without floatip."""
    d3 = place.host("d3")
    d3.write(CONF, BY_HAND.format(priority=priority, address=FLOATING))
    d3.run("systemctl restart keepalived")


def with_device(directory: Path, priority: int) -> Path:
    """The lab's inventory, which names d3."""
    device = {"address": spec("d3").address, "priority": priority}
    return changes.inventory(directory, instance={"foreign": {"router": device}})


def proved(ran: Ran) -> list[Proved]:
    """What was seen at the end."""
    return ran.all(Proved)


def row(floatip: Runs, file: Path) -> tuple[int, dict[str, Any]]:
    """The exit code of the status, and its row."""
    answer = floatip("status", file, "--json", check=False)
    (found,) = answer.document["addresses"]
    return answer.returncode, found


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
    assert floatip("doctor", file, "--json", check=False).document["findings"] == []

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
    assert floatip("doctor", leading, "--json", check=False).document["findings"] == []
    assert floatip("move", leading, "d2", "--json", check=False).error["code"] == "elsewhere"
    other = changes.inventory(
        tmp_path,
        instance={"foreign": {"router": {"address": spec("d3").address, "priority": 200}}, "garp_master_delay": 3},
    )
    assert proved(deploy(other)) == [Proved(FLOATING, "router", True, "VI_1")]
    settled(lab, "d3")
    lab.host("d3").run("systemctl stop keepalived")
    settled(lab, "d1")
