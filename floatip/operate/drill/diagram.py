"""A drill as a page: the figures, and a picture with a lane for each server and one for the client."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, reduce

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from floatip.language import telling
from floatip.model.messages import NO_MESSAGE, Said, all_of, say
from floatip.model.paths import shipped
from floatip.operate.drill.faults import FAULTS
from floatip.operate.drill.progress import SHOWN, SLICE, Progress
from floatip.operate.drill.report import Report
from floatip.operate.drill.sides import Side

Tell = Callable[[Said], str]
WIDTH, LANE, LEFT, TOP = 900, 48, 110, 30
ROOM = 72  # what the name of a state needs, in the picture's units
SIGNS = {"MASTER": "●", "BACKUP": "○", "FAULT": "▲", "STOPPED": "▲"}


def picture(report: Report, tell: Tell = str) -> str:
    """The timeline as SVG, with a title and a description that say the same in words. `tell`: says them."""
    scale = (WIDTH - LEFT - 10) / max(report.seconds, 0.001)
    names = list(report.lanes)
    client = TOP + LANE * len(names)

    def at(seconds: float) -> float:
        return round(LEFT + seconds * scale, 1)

    def wide(seconds: float) -> float:
        return round(max(seconds * scale, 1.0), 1)

    lanes = [
        (
            name,
            TOP + LANE * row,
            [(at(begin), wide(end - begin)) for begin, end in report.lanes[name] or ()],
            _apart([(at(when), state) for when, state in report.states.get(name, ())]),
        )
        for row, name in enumerate(names)
    ]
    step = next(step for step in (1, 2, 5, 10, 30, 60, 120) if report.seconds / step <= 12 or step == 120)
    return _made(
        "drill.svg",
        width=WIDTH,
        height=client + LANE + 30,
        top=TOP,
        bottom=client + LANE,
        left=LEFT,
        span=round(report.seconds * scale, 1),
        client=client,
        lanes=lanes,
        title=f"{report.node}: {tell(FAULTS[report.fault].label)}",
        caption=tell(verdict(report)),
        watcher=tell(say("client")),
        milliseconds=lambda number: tell(say("{number} ms", number=number)),
        seconds=lambda number: tell(say("{number} s", number=number)),
        marks=[(at(report.fault_at), tell(say("fault"))), (at(report.undo_at), tell(say("undone")))],
        lost=[(at(begin), wide(ms / 1000), f"{ms:.0f}") for begin, ms in report.outages],
        ticks=[(at(second), second) for second in range(0, int(report.seconds) + 1, step) if at(second) < WIDTH - 30],
    )


def strip(progress: Progress, tell: Tell = str) -> str:
    """The pings of a drill under way as SVG: the last seconds, up to now."""
    begin, end = progress.shown
    scale = (WIDTH - LEFT - 10) / SHOWN
    left = round(WIDTH - 10 - (end - begin) * scale, 1)
    lost = [(left + first * SLICE * scale, count * SLICE * scale) for first, count in _silent(progress.slices())]
    since = {name: at for name, at in progress.since if begin <= at <= end}
    marks = [(name, label) for name, label in (("fault", say("fault")), ("undone", say("undone"))) if name in since]
    return _made(
        "strip.svg",
        width=WIDTH,
        left=left,
        span=round((end - begin) * scale, 1),
        title=tell(say("The pings of the last {seconds} s", seconds=f"{end - begin:.0f}")),
        caption=tell(longest(progress)),
        watcher=tell(say("client")),
        now=tell(say("now")),
        marks=[(round(left + (since[name] - begin) * scale, 1), tell(label)) for name, label in marks],
        lost=[(round(x, 1), round(wide, 1)) for x, wide in lost],
    )


def longest(progress: Progress) -> Said:
    """The longest silence so far, as a sentence."""
    milliseconds = f"{1000 * progress.silence():.0f}"
    return say("The longest gap without an answer so far: {milliseconds} ms.", milliseconds=milliseconds)


def line(progress: Progress, most: int = 60) -> str:
    """The same for a terminal: a sign for each tenth of a second, up to now."""
    return "".join("▇" if answered else "▁" for answered in progress.slices()[-most:])


def _silent(slices: Sequence[bool]) -> list[tuple[int, int]]:
    """(first, how many) of the slices without answers, those side by side as one."""
    found: list[tuple[int, int]] = []
    for place, answered in enumerate(slices):
        if not answered and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif not answered:
            found.append((place, 1))
    return found


HEADS = (say("When"), say("Server"), say("Fault"), say("Predicted"), say("Measured"))
"""Of the table of earlier tests on the page that is kept."""


def page(report: Report, earlier: Sequence[Report] = ()) -> str:
    """A page of its own, to be kept and to be sent to somebody, in the language of this process."""
    tell = telling.tell
    return _made(
        "drill.html",
        language=telling.current(),
        report=report,
        title=tell(say("Failover test of {cluster}", cluster=report.cluster)),
        label=tell(FAULTS[report.fault].label),
        verdict=tell(verdict(report)),
        picture=picture(report, tell),
        figures=[(tell(name), tell(value)) for name, value in figures(report)],
        heading=tell(say("Earlier failover tests")),
        heads=[tell(head) for head in HEADS],
        earlier=[[tell(value) for value in _row(other)] for other in earlier],
    )


def _row(report: Report) -> tuple[Said | str, ...]:
    """Under HEADS."""
    waited = (say("{number} ms", number=f"{number:.0f}") for number in (report.predicted_ms, report.outage_ms))
    return (_when(report), report.node, FAULTS[report.fault].label, *waited)


def _when(report: Report) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(report.at))


def verdict(report: Report) -> Said:
    """One sentence for a person."""
    waited = say(
        "clients waited {measured} ms at most ({predicted} ms predicted)",
        measured=f"{report.outage_ms:.0f}",
        predicted=f"{report.predicted_ms:.0f}",
    )
    if report.held():
        return say(
            "Failover finished within the predicted time: {waited}, {holder} has the address again.",
            waited=waited,
            holder=report.holder,
        )
    if report.back and (behind := report.left_behind(report.predicted_ms)):
        return say(
            "Failover did not go as predicted: {addresses} did not move together with {address}.",
            addresses=all_of(tuple(side.address for side in behind)),
            address=report.address,
        )
    if report.back:
        return say(
            "Failover did not go as predicted: {waited}, {holder} has the address again.",
            waited=waited,
            holder=report.holder,
        )
    return say(
        "Failover did not go as predicted: {waited}, {home} should have the address again.",
        waited=waited,
        home=report.home,
    )


def figures(report: Report) -> list[tuple[Said, Said]]:
    """What was measured, as rows."""
    held = {"holder": report.holder, "home": report.home}
    end = (
        say("{holder} (expected: {home})", **held)
        if report.holder
        else say("no single server (expected: {home})", **held)
    )
    return [
        (say("Address"), say("{name}", name=report.address)),
        (say("When"), say("{name}", name=_when(report))),
        (say("Predicted outage"), say("{number} ms at most", number=f"{report.predicted_ms:.0f}")),
        (say("Measured outage"), say("{number} ms", number=f"{report.outage_ms:.0f}")),
        (say("Held by two at once"), _seconds(report.twice)),
        (say("Held by no server"), _seconds(report.nobody)),
        *((say("Together: {name}", name=side.address), _side(side)) for side in report.sides),
        *((say("States of {name}", name=name), _listed(states)) for name, states in report.states.items() if states),
        (say("Who answered"), _listed(report.answered)),
        (say("At the end"), end),
    ]


def _side(side: Side) -> Said:
    """How long its address was not there, or not where the rest of the group was."""
    end = side.holder or say("no single server")
    if side.nobody is None:
        return say("not seen; apart for {apart} s; at the end: {end}", apart=f"{side.apart:.2f}", end=end)
    return say(
        "held by no server for {nobody} s; apart for {apart} s; at the end: {end}",
        nobody=f"{side.nobody:.2f}",
        apart=f"{side.apart:.2f}",
        end=end,
    )


def _seconds(seconds: float) -> Said:
    return say("{seconds} s", seconds=f"{seconds:.2f}")


def _apart(marks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Names of states, but for those that would stand on the one before."""
    kept: list[tuple[float, str]] = []
    for x, state in marks:
        if not kept or x - kept[-1][0] >= ROOM:
            kept.append((min(x, WIDTH - ROOM), f"{SIGNS.get(state, '')} {state}"))
    return kept


def _listed(events: Sequence[tuple[float, str]]) -> Said:
    """What began when, with commas between."""
    found = [say("{name} from {seconds} s", name=name, seconds=f"{at:.1f}") for at, name in events]
    return reduce(lambda left, right: say("{left}, {right}", left=left, right=right), found) if found else NO_MESSAGE


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(shipped("templates"))
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _made(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values)
