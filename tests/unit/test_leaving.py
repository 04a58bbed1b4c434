"""A node leaves: who gets what it holds, in which order, and when nobody could."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from floatip.change.plan import Live, Obstacle, PlanError, Step, Wait
from floatip.change.plan.leaving import Leave, leave, running
from tests.unit.test_plan import VIPS, live, text

NEEDED = frozenset(VIPS.values())
ONE, SIX = VIPS["VI_1"], VIPS["VI_6"]


def three(held: str | None = "d1", **settings: Any) -> dict[str, Live]:
    """d1 leads, then d2, then d3."""
    return {node: live(node, held, **settings) for node in ("d1", "d2", "d3")}


def steps_of(made: Leave) -> list[str]:
    """The steps in short: `d1=1` gets that priority, `d2-` loses what holds it back, `d1?d2,d3` waits for one of."""
    return [_short(step) for step in made.steps]


def _short(step: Step | Wait) -> str:
    if isinstance(step, Wait):
        assert step.node in step.free_of
        return f"{step.node}?{','.join(sorted(step.by))}"
    (priority,) = {line.split()[1] for line in step.conf.splitlines() if line.startswith("    priority ")}
    return f"{step.node}={priority}{'+' if 'nopreempt' in step.conf or 'preempt_delay' in step.conf else ''}"


def test_the_best_of_the_others_gets_it() -> None:
    made = leave(["d1"], three(), NEEDED)
    assert (steps_of(made), made.heirs) == (["d1=1", "d1?d2,d3"], {ONE: "d2"})
    assert steps_of(leave(["d1"], three(), NEEDED, sure=True)) == ["d1=1", "d1?d2"]


@pytest.mark.parametrize("setting", [{"nopreempt": ""}, {"preempt_delay": "300"}])
def test_one_that_stays_back_is_made_to_take_it_and_gets_its_own_settings_again(setting: dict[str, str]) -> None:
    made = leave(["d1"], three(**setting), NEEDED)
    assert steps_of(made) == ["d2=100", "d1=1+", "d1?d2,d3", "d2=100+"]
    last = made.steps[-1]
    assert isinstance(last, Step)
    assert last.conf == three(**setting)["d2"].conf


def test_one_that_holds_nothing_cannot_take_anything_meanwhile() -> None:
    made = leave(["d1"], three("d2"), NEEDED)
    assert (steps_of(made), made.heirs) == (["d1=1"], {})


@pytest.mark.parametrize("own", [{"active": False}, {"conf": None}])
def test_one_that_does_not_run_hands_nothing_over(own: dict[str, bool | None]) -> None:
    nodes = three()
    assert leave(["d1"], nodes | {"d1": replace(nodes["d1"], **own)}, NEEDED) == Leave()  # type: ignore[arg-type]


def test_only_those_that_hear_it_are_heirs() -> None:
    nodes = three()
    stopped = nodes | {"d2": replace(nodes["d2"], active=False)}
    assert leave(["d1"], stopped, NEEDED).heirs == {ONE: "d3"}
    strange = nodes | {"d2": live("d2", "d1", virtual_router_id="77")}
    assert leave(["d1"], strange, NEEDED).heirs == {ONE: "d3"}


def test_without_an_heir_it_keeps_what_is_needed() -> None:
    alone = {name: state for name, state in three().items() if name == "d1"}
    with pytest.raises(PlanError) as refused:
        leave(["d1"], alone, NEEDED)
    assert (refused.value.code, refused.value.nodes) == (Obstacle.NO_HEIR, ("d1",))
    made = leave(["d1"], alone, frozenset({SIX}))
    assert (steps_of(made), made.heirs) == (["d1=1"], {})


def test_of_two_addresses_each_goes_its_own_way() -> None:
    both = ("VI_1", "VI_6")
    d1 = Live(text("d1", only=both), True, False, NEEDED)
    nodes = {
        "d1": d1,
        "d2": Live(text("d2"), True, False, frozenset()),
        "d3": live("d3", None, only=("VI_6",)),
    }
    made = leave(["d1"], nodes, NEEDED)
    assert (steps_of(made), made.heirs) == (["d1=1", "d1?d2", "d1?d3"], {ONE: "d2", SIX: "d3"})


def test_of_several_that_leave_none_takes_it() -> None:
    made = leave(["d1", "d2"], three(), NEEDED)
    assert (steps_of(made), made.heirs) == (["d2=1", "d1=1", "d1?d3"], {ONE: "d3"})
    (wait,) = [step for step in made.steps if isinstance(step, Wait)]
    assert wait.free_of == {"d1", "d2"}
    with pytest.raises(PlanError):
        leave(["d1", "d2", "d3"], three(), NEEDED)


ODD = [
    ("advert_int 1", "advert_int x"),
    ("advert_int 1", "advert_int nan"),
    ("advert_int 1", "advert_int 0"),
    ("priority 150", "priority high"),
    (f"{ONE}/24", f"{ONE}%eth1/24"),
    (f"{ONE}/24", "somewhere"),
]


@pytest.mark.parametrize(("old", "new"), ODD)
def test_what_floatip_never_writes_is_not_guessed_at(old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"line that floatip|settings that floatip|not appear to be"):
        running(text("d1").replace(old, new))
