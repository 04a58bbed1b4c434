"""The plan: which steps a change takes, in which order, and what each step must not break."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_interface
from typing import Any

import pytest

from floatip.change import plan
from floatip.change.plan import Kind, Live, PlanError, Step, Wait
from floatip.model.cluster import Cluster, Floating, Instance, Member, Node

VIPS = {"VI_1": "10.9.1.6", "VI_6": "10.9.1.7"}
NODES = ("d1", "d2", "d3")


def text(node: str, *, only: tuple[str, ...] = ("VI_1",), priority: int = 0, **settings: str) -> str:
    """A keepalived.conf as `render` lays it out; a keyword argument exchanges or adds a setting of every instance."""
    return "# Managed by floatip\n" + "".join(block(node, name, priority, settings) for name in only)


def block(node: str, name: str, priority: int, change: dict[str, str]) -> str:
    values = {
        "interface": "eth1",
        "virtual_router_id": "101",
        "priority": str(priority or 150 - 50 * NODES.index(node)),
    }
    values |= {"advert_int": "1", "version": "2", **change}
    lines = "".join(f"    {key} {value}".rstrip() + "\n" for key, value in values.items())
    addresses = f"    virtual_ipaddress {{\n        {VIPS[name]}/24\n    }}\n"
    return f"\nvrrp_instance {name} {{\n    state BACKUP\n{lines}{addresses}}}\n"


def cluster(nodes: int = 2, *names: str) -> Cluster:
    members = tuple(
        Member(node, "eth1", ip_interface(f"10.9.1.{16 + rank}/24"), 150 - 50 * rank)
        for rank, node in enumerate(NODES[:nodes])
    )
    instances = tuple(
        Instance(name, 101, (Floating(ip_interface(f"{VIPS[name]}/24")),), members) for name in (names or ("VI_1",))
    )
    return Cluster("lab", tuple(Node(node) for node in NODES[:nodes]), instances)


def live(node: str, held: str | None, *, pending: bool = False, **settings: Any) -> Live:
    return Live(text(node, **settings), True, pending, frozenset({VIPS["VI_1"]}) if held == node else frozenset())


def pair(held: str | None = "d1", **settings: Any) -> dict[str, Live]:
    return {node: live(node, held, **settings) for node in ("d1", "d2")}


def wanted(nodes: int = 2, **settings: Any) -> dict[str, str]:
    return {node: text(node, **settings) for node in NODES[:nodes]}


def steps_of(made: plan.Plan) -> list[str]:
    """The plan in short: `d2` activates, `d1?` waits."""
    return [step.node + ("?" if isinstance(step, Wait) else "") for step in made.steps]


def test_nothing_to_do_is_no_step() -> None:
    made = plan.make(cluster(), wanted(), pair())
    assert (made.kind, made.steps) == (Kind.NOTHING, ())


@pytest.mark.parametrize(("held", "order"), [("d1", ["d2", "d1"]), ("d2", ["d1", "d2"]), (None, ["d1", "d2"])])
def test_a_reload_goes_to_the_backup_first(held: str | None, order: list[str]) -> None:
    made = plan.make(cluster(), wanted(advert_int="2"), pair(held))
    assert (made.kind, steps_of(made)) == (Kind.RELOAD, order)


def test_a_change_on_one_node_reloads_only_that_node() -> None:
    changed = wanted() | {"d2": text("d2", priority=90)}
    assert steps_of(plan.make(cluster(), changed, pair())) == ["d2"]


def test_a_node_that_was_not_told_yet_is_told_now() -> None:
    found = pair() | {"d2": live("d2", "d1", pending=True)}
    assert steps_of(plan.make(cluster(), wanted(), found)) == ["d2"]


@pytest.mark.parametrize(
    "change",
    [{"virtual_router_id": "102"}, {"version": "3"}, {"unicast_peer": "{\n        10.9.1.61\n    }"}],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_identity_waits_for_the_backup(change: dict[str, Any]) -> None:
    made = plan.make(cluster(), wanted(**change), pair())
    assert (made.kind, steps_of(made)) == (Kind.IDENTITY, ["d2", "d1?", "d1"])
    (wait,) = (step for step in made.steps if isinstance(step, Wait))
    assert (wait.by, wait.free_of, wait.addresses) == (frozenset({"d2"}), frozenset(), frozenset({"10.9.1.6"}))


def test_an_identity_change_that_was_cut_off_still_waits() -> None:
    found = {"d1": live("d1", "d1"), "d2": live("d2", "d1", virtual_router_id="102")}
    assert steps_of(plan.make(cluster(), wanted(virtual_router_id="102"), found)) == ["d1?", "d1"]


def test_three_nodes_change_identity_with_the_holder_last() -> None:
    found = {node: live(node, "d2") for node in NODES}
    made = plan.make(cluster(3), wanted(3, virtual_router_id="102"), found)
    assert steps_of(made) == ["d1", "d3", "d2?", "d2"]


def test_the_virtual_mac_comes_while_the_others_still_use_their_own() -> None:
    made = plan.make(cluster(), wanted(use_vmac="vrrp.101"), pair())
    assert (made.kind, steps_of(made)) == (Kind.START_OVER, ["d1", "d1?", "d1", "d1?", "d1", "d1?", "d2"])
    lowered, again, final = (step.conf for step in made.steps if isinstance(step, Step) and step.node == "d1")
    assert ["priority 1\n" in text for text in (lowered, again, final)] == [True, True, False]
    assert ["use_vmac" in text for text in (lowered, again, final)] == [False, True, True]
    home = [step for step in made.steps if isinstance(step, Wait)][-1]
    assert (home.by, home.free_of) == (frozenset({"d1"}), frozenset({"d2"}))
    assert final == text("d1", use_vmac="vrrp.101")


def test_a_lesser_holder_is_given_its_address_back_too() -> None:
    made = plan.make(cluster(), wanted(use_vmac="vrrp.101", nopreempt=""), pair("d2", nopreempt=""))
    assert steps_of(made) == ["d1", "d2", "d2?", "d2", "d2?", "d1", "d2", "d2?", "d2", "d1"]
    given_back = [step.conf for step in made.steps if isinstance(step, Step) and step.node == "d1"][1]
    assert "priority 1\n" in given_back


def test_the_virtual_mac_goes_with_the_backups_first() -> None:
    made = plan.make(cluster(), wanted(), pair(use_vmac="vrrp.101"))
    assert (made.kind, steps_of(made)) == (Kind.START_OVER, ["d2", "d1", "d1?", "d1", "d1?", "d1"])


def test_a_holder_that_started_over_already_does_not_hand_over_again() -> None:
    found = {"d1": live("d1", "d1", use_vmac="vrrp.101"), "d2": live("d2", "d1")}
    assert steps_of(plan.make(cluster(), wanted(use_vmac="vrrp.101"), found)) == ["d2"]


def test_a_backup_that_normally_stays_back_receives_all_the_same() -> None:
    made = plan.make(cluster(), wanted(use_vmac="vrrp.101", nopreempt=""), pair(nopreempt=""))
    on_d2 = [step.conf for step in made.steps if isinstance(step, Step) and step.node == "d2"]
    assert ["nopreempt" in text for text in on_d2] == [False, True]


def test_two_instances_with_two_holders_change_one_after_the_other() -> None:
    both = ("VI_1", "VI_6")
    found = {
        "d1": Live(text("d1", only=both), True, False, frozenset({VIPS["VI_1"]})),
        "d2": Live(text("d2", only=both), True, False, frozenset({VIPS["VI_6"]})),
    }
    made = plan.make(cluster(2, *both), wanted(only=both, virtual_router_id="102"), found)
    assert steps_of(made) == ["d2", "d1?", "d1", "d1", "d2?", "d2"]
    first = next(step for step in made.steps if isinstance(step, Step))
    assert first.conf.count("virtual_router_id 102") == 1, "the instance that d2 holds keeps its identity for now"
    assert [step for step in made.steps if isinstance(step, Step)][-1].conf == text(
        "d2", only=both, virtual_router_id="102"
    )


def test_first_start_begins_with_the_preferred_node() -> None:
    found = {node: Live(None, False, False, frozenset()) for node in ("d1", "d2")}
    made = plan.make(cluster(), wanted(), found)
    assert (made.kind, steps_of(made)) == (Kind.START, ["d1", "d2"])


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        ({}, ["d1", "d2", "d1?", "d1"]),
        ({"d1": {"daemon": (2, 1, 5)}}, ["d1", "d2"]),
        ({"d1": {"holds": frozenset(VIPS.values())}}, ["d1", "d2"]),
        ({"d2": {"active": True, "conf": text("d2")}}, ["d1"]),
    ],
    ids=["nobody runs", "it has to wait", "somebody holds it", "another one runs"],
)
def test_the_preferred_server_starts_with_less_patience_where_nobody_holds_the_address(
    change: dict[str, dict[str, Any]], steps: list[str]
) -> None:
    new = Live(None, False, False, frozenset(), (2, 2, 7))
    made = plan.make(cluster(), wanted(), {node: replace(new, **change.get(node, {})) for node in ("d1", "d2")})
    assert (made.kind, steps_of(made)) == (Kind.START, steps)
    if len(steps) == 4:
        first, _, wait, last = made.steps
        assert isinstance(first, Step) and "down_timer_adverts 1\n" in first.conf and isinstance(wait, Wait)
        assert wait.elsewhere and isinstance(last, Step) and last.conf == wanted()["d1"]


def test_a_new_node_starts_after_the_others_know_it() -> None:
    found = pair() | {"d3": Live(None, False, False, frozenset())}
    made = plan.make(cluster(3), wanted(3, advert_int="2"), found)
    assert steps_of(made) == ["d2", "d1", "d3"]


def test_a_lone_running_node_says_that_a_client_will_notice() -> None:
    found = pair() | {"d2": Live(None, False, False, frozenset())}
    made = plan.make(cluster(), wanted(virtual_router_id="102"), found)
    assert "no other can take over" in made.notice


def test_half_a_cluster_does_not_change_its_identity() -> None:
    with pytest.raises(PlanError, match="--limit leaves out d2"):
        plan.make(cluster(), {"d1": text("d1", virtual_router_id="102")}, {"d1": live("d1", "d1")})


def test_a_holder_whose_identity_changes_is_quiet_before_the_other_takes_over() -> None:
    """Else one gratuitous ARP of it, sent just before it lets go, would draw the clients back."""
    defaults = "global_defs {\n    vrrp_garp_master_refresh 1\n}\n"
    found = {name: Live(defaults + (live.conf or ""), True, False, live.holds) for name, live in pair().items()}
    goal = {name: defaults + text for name, text in wanted(virtual_router_id="102").items()}
    made = plan.make(cluster(), goal, found)
    assert steps_of(made) == ["d1", "d2", "d1?", "d1"]
    quiet, loud = (step.conf for step in made.steps if isinstance(step, Step) and step.node == "d1")
    assert quiet == (found["d1"].conf or "").replace("refresh 1", "refresh 0")
    assert loud == goal["d1"]


def test_a_holder_that_is_not_alone_goes_on_telling_who_has_the_address() -> None:
    """Two hold it, and the one that lets go first may be the one that the clients ask."""
    defaults = "global_defs {\n    vrrp_garp_master_refresh 1\n}\n"
    found = {name: Live(defaults + (live.conf or ""), True, False, pair()["d1"].holds) for name, live in pair().items()}
    goal = {name: defaults + text for name, text in wanted(virtual_router_id="102").items()}
    assert steps_of(plan.make(cluster(), goal, found)) == ["d2", "d1?", "d1"]


def test_what_the_first_pass_changed_stays_changed_in_the_second() -> None:
    both = ("VI_1", "VI_6")
    found = {
        "d1": Live(text("d1", only=both), True, False, frozenset({VIPS["VI_1"]})),
        "d2": Live(text("d2", only=both), True, False, frozenset({VIPS["VI_6"]})),
    }
    made = plan.make(cluster(2, *both), wanted(only=both, use_vmac="vrrp.101"), found)
    on_d2 = [step.conf for step in made.steps if isinstance(step, Step) and step.node == "d2"]
    counts = [text.count("use_vmac") for text in on_d2]
    assert counts == sorted(counts)


@pytest.mark.parametrize(
    ("setting", "daemon"),
    [
        ({}, (2, 2, 7)),
        ({"nopreempt": ""}, (2, 2, 7)),
        ({"nopreempt": ""}, (2, 1, 5)),
        ({"preempt_delay": "300"}, (2, 3, 3)),
        ({"preempt_delay": "300"}, ()),
    ],
)
def test_an_address_is_handed_over_sooner_than_any_election_would(
    setting: dict[str, Any], daemon: tuple[int, ...]
) -> None:
    """Whoever takes over needs but one advert's time, and the holder ranks below it before that time is over."""
    goal = {node: text(node, priority=rank, **setting) for node, rank in zip(NODES, (100, 150, 50), strict=True)}
    found = {node: replace(live(node, "d1", **setting), daemon=daemon) for node in NODES}
    made = plan.make(cluster(3), goal, found, {"VI_1": "d2"})
    assert steps_of(made) == ["d2", "d1", "d2?", "d2"]
    taking, giving, wait, last = made.steps
    assert isinstance(taking, Step) and isinstance(giving, Step) and isinstance(wait, Wait) and isinstance(last, Step)
    assert "priority 254\n" in taking.conf and "preempt" not in taking.conf
    assert ("down_timer_adverts 1\n" in taking.conf) == (daemon > (2, 2))
    assert (sorted(wait.by), sorted(wait.free_of)) == (["d2"], ["d1"])
    assert (giving.conf, last.conf) == (goal["d1"], goal["d2"])


@pytest.mark.parametrize("own", [{}, {"garp_master_refresh": "5"}])
def test_the_holder_repeats_nothing_while_another_one_takes_over(own: dict[str, Any]) -> None:
    often = "global_defs {\n    vrrp_garp_master_refresh 1\n}\n"
    goal = {node: often + text(node, priority=rank, **own) for node, rank in (("d1", 100), ("d2", 150))}
    found = {node: replace(live(node, "d1"), conf=often + text(node, **own), daemon=(2, 2, 7)) for node in goal}
    made = plan.make(cluster(), goal, found, {"VI_1": "d2"})
    assert steps_of(made) == ["d2", "d1", "d2?", "d1", "d2"]
    silent, last = [step.conf for step in made.steps if isinstance(step, Step) and step.node == "d1"]
    assert "vrrp_garp_master_refresh 0\n" in silent and " garp_master_refresh" not in silent
    assert last == goal["d1"]


@pytest.mark.parametrize(("advert_int", "daemon"), [(1.0, (2, 1, 5)), (1.0, ()), (0.1, (2, 2, 7))])
def test_an_election_does_where_it_is_as_quick(advert_int: float, daemon: tuple[int, ...]) -> None:
    fast = cluster()
    fast = replace(fast, instances=(replace(fast.instances[0], advert_int=advert_int),))
    goal = {node: text(node, priority=rank) for node, rank in (("d1", 100), ("d2", 150))}
    found = {node: replace(state, daemon=daemon) for node, state in pair().items()}
    assert steps_of(plan.make(fast, goal, found, {"VI_1": "d2"})) == ["d2", "d1"]


def test_what_one_server_has_is_handed_over_at_once() -> None:
    both = ("VI_1", "VI_6")
    goal = {node: text(node, only=both, priority=rank) for node, rank in (("d1", 100), ("d2", 150))}
    held = frozenset(VIPS.values())
    found = {"d1": Live(text("d1", only=both), True, False, held), "d2": live("d2", "d1", only=both)}
    found = {node: replace(state, daemon=(2, 2, 7)) for node, state in found.items()}
    made = plan.make(cluster(2, *both), goal, found, dict.fromkeys(both, "d2"))
    assert steps_of(made) == ["d2", "d1", "d2?", "d2"]
    (wait,) = [step for step in made.steps if isinstance(step, Wait)]
    assert wait.addresses == held


@pytest.mark.parametrize(
    ("held", "lead"), [("d2", {"VI_1": "d2"}), (None, {"VI_1": "d2"}), ("d1", {}), ("d1", {"X": "d2"})]
)
def test_nobody_hands_over_what_is_there_already_or_with_nobody(held: str | None, lead: dict[str, str]) -> None:
    made = plan.make(cluster(), wanted(nopreempt=""), pair(held, nopreempt=""), lead)
    assert made.steps == ()


@pytest.mark.parametrize("change", [{"virtual_router_id": "9"}, {"use_vmac": "vrrp.101"}])
def test_a_handover_and_a_new_identity_are_two_deploys(change: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="Deploy the inventory first, then move the address"):
        plan.make(cluster(), wanted(nopreempt="", **change), pair(nopreempt=""), {"VI_1": "d2"})
