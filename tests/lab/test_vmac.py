"""The virtual MAC address of the article, 00:00:5e:00:01:65 for VRID 101, as the client sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.keepalived import timing
from lab import Probe
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.lab import stories
from tests.lab.measuring import answered_within

VIRTUAL = "00:00:5e:00:01:65"

pytestmark = pytest.mark.skipif("config.getoption('--lab') != 'nspawn'", reason="VirtualBox drops foreign MACs")


@pytest.mark.hosts(State.READY)
def test_the_client_sees_the_virtual_mac_whoever_has_the_address(lab: Place, tmp_path: Path) -> None:
    instance = stories.instance(use_vmac=True)
    d1, d2 = lab.servers
    stories.deployed(lab, stories.cluster(instance), tmp_path)
    stories.settles(lab, "d1")
    stories.reaches(lab, VIRTUAL)

    with Probe(lab.client, FLOATING, stories.PROBE_MS) as probe:
        d1.link_down()
        stories.settles(lab, "d2")
        stories.reaches(lab, VIRTUAL)
    answered_within(probe.pings, timing.takeover_bound(instance, "crash") + stories.MEASURING_SLACK)
    assert VIRTUAL not in (d1.mac(), d2.mac())

    d1.link_up()
    stories.settles(lab, "d1")
    stories.reaches(lab, VIRTUAL)

    stories.deployed(lab, stories.cluster(stories.instance()), tmp_path)
    stories.settles(lab, "d1")
    stories.reaches(lab, d1.mac())
    d1.run("systemctl stop keepalived")
    stories.settles(lab, "d2")
    stories.reaches(lab, d2.mac())
