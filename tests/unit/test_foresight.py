"""What happens if: a row an event, and the same answer as the election itself gives."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_interface

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from floatip.keepalived.forecast import Event, foresee, successor
from floatip.model.cluster import Cluster, Floating, Instance, Member, Node
from floatip.model.tracking import Script
from tests.examples import examples

CHECK = Script("chk", "process", "nginx")


def cluster(*priorities: int, script: Script | None = None, **settings: object) -> Cluster:
    """d1, d2 … with these priorities."""
    members = tuple(
        Member(f"d{number}", "eth1", ip_interface(f"10.9.1.{number + 10}/24"), priority)
        for number, priority in enumerate(priorities, 1)
    )
    tracked = (script.name,) if script else ()
    instance = Instance("VI_1", 101, (Floating(ip_interface("10.9.1.6/24")),), members, track_script=tracked)
    nodes = tuple(Node(member.node) for member in members)
    return Cluster("web", nodes, (replace(instance, **settings),), (script,) if script else ())  # type: ignore[arg-type]


def events_of(of: Cluster) -> dict[str, Event]:
    """What → event."""
    return {str(event.what): event for event in foresee(of)}


ROWS = [
    (cluster(150, 100), "d1 fails.", "d2", 3.9),
    (cluster(100, 150), "d2 fails.", "d1", 3.9),
    (cluster(150, 100), "keepalived is stopped on d1.", "d2", 0.9),
    (cluster(150, 100, advert_int=0.1, version=3), "d1 fails.", "d2", 0.7),
    (cluster(150, 100), "d1 comes back.", "d1", None),
    (cluster(150, 100, nopreempt=True), "d1 comes back.", "d2", None),
    (cluster(150, 100), "The cable of eth1 on d1 is cut.", "d2", 3.9),
    (cluster(150, 100), "d1 and d2 fail.", None, None),
    (cluster(150, 100, 50), "d1 and d2 fail.", "d3", 7.7),
    (cluster(150, 100, script=CHECK), "The health check chk fails on d1.", "d2", 9.9),
    (cluster(150, 100, script=replace(CHECK, weight=-60)), "The health check chk fails on d1.", "d2", 9.9),
    (cluster(150, 100, script=replace(CHECK, weight=-40)), "The health check chk fails on d1.", "d1", None),
    (cluster(150, 100, script=replace(CHECK, weight=60)), "The health check chk fails on d1.", "d2", 9.9),
    (cluster(150, 100, script=replace(CHECK, weight=50)), "The health check chk fails on d1.", "d1", None),
    (
        cluster(150, 100, nopreempt=True, script=replace(CHECK, weight=-60)),
        "The health check chk fails on d1.",
        "d1",
        None,
    ),
]


def tracking(weight: int, *, nopreempt: bool = False) -> Cluster:
    """Its leader tracks eth2."""
    described = cluster(150, 100, nopreempt=nopreempt)
    own = (("track_interface", "eth2", weight),) if weight else ()
    first, *others = described.instances[0].members
    first = replace(first, track_interface=("eth1", "eth2"), weights=own)
    return replace(described, instances=(replace(described.instances[0], members=(first, *others)),))


INTERFACES = [
    (tracking(0), "d2", 0.9),
    (tracking(-60), "d2", 3.9),
    (tracking(-50), "d1", None),
    (tracking(0, nopreempt=True), "d2", 0.9),
]


@pytest.mark.parametrize(("of", "holder", "seconds"), INTERFACES)
def test_another_interface_goes_down(of: Cluster, holder: str, seconds: float | None) -> None:
    event = events_of(of)["The interface eth2 of d1 goes down."]
    assert (event.holder, None if event.seconds is None else round(event.seconds, 1)) == (holder, seconds)


def test_a_weight_of_an_instance_counts_before_that_of_the_check() -> None:
    for own, here, holder in ((0, -40, "d1"), (-40, 0, "d2"), (-40, -60, "d2")):
        weights = (("track_script", "chk", here),)
        of = cluster(150, 100, script=replace(CHECK, weight=own), weights=weights)
        assert events_of(of)["The health check chk fails on d1."].holder == holder


def test_a_server_that_does_not_track_its_interface_keeps_the_address() -> None:
    cut = events_of(cluster(150, 100, dont_track_primary=True))["The cable of eth1 on d1 is cut."]
    assert (cut.holder, "d1 keeps the address, too" in cut.outcome) == ("d2", True)
    assert "keeps" not in events_of(cluster(150, 100))["The cable of eth1 on d1 is cut."].outcome


@pytest.mark.parametrize(("of", "what", "holder", "seconds"), ROWS)
def test_an_event(of: Cluster, what: str, holder: str | None, seconds: float | None) -> None:
    event = events_of(of)[what]
    assert event.holder == holder
    assert event.seconds == pytest.approx(seconds, abs=0.1) if seconds else event.seconds is None
    assert holder is None or holder in event.outcome


@examples(100)
@given(
    some.lists(some.integers(1, 254), min_size=2, max_size=6, unique=True),
    some.integers(-253, 253),
)
def test_the_healthy_one_with_the_highest_effective_priority_leads(priorities: list[int], weight: int) -> None:
    assume(max(priorities) + weight <= 254)  # more is refused by the rules
    script = replace(CHECK, weight=weight)
    instance = cluster(*priorities, script=script).instances[0]
    leader = instance.preferred

    def effective(member: Member) -> int:
        passed = member is not leader
        change = weight if (weight > 0) == passed else 0
        return max(1, min(254, member.priority + change))

    able = [member for member in instance.members if member is not leader or weight != 0]
    best = max(able, key=lambda member: (effective(member), member is leader))
    assert successor(instance, script) == (None if best is leader else best)
