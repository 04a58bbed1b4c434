"""What was done lately, from here, in one list: deploys, moves, reboots, removals, and failover tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from floatip.model.messages import Said, say
from floatip.operate.drill import FAULTS
from floatip.runs import jobs
from floatip.runs.jobs import Run
from floatip.server_side.lease.model import What
from wizard.context import Context
from wizard.drafts import Draft
from wizard.show import drills, run_titles
from wizard.show.drills import Drills
from wizard.show.run_titles import State

MOST = 8
PAGE = 50  # on the page of a cluster
RESULTS: Mapping[State, Said] = {
    "going": say("… in progress"),
    "done": say("● done"),
    "stopped": say("○ stopped, as asked"),
    "failed": say("▲ failed"),
}
FAILED = {What.CHECK: say("▲ differs, or not known")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One of them. `key`: begins with its day and time; `cluster`: whose it is, which is said where there are several;
    `page`: endpoint and arguments of the page that shows it."""

    key: str
    cluster: str
    what: What
    called: Said
    state: State
    page: tuple[str, Mapping[str, str]]
    who: str = ""

    @property
    def result(self) -> Said:
        """How it stands or ended."""
        return RESULTS[self.state] if self.state != "failed" else FAILED.get(self.what, RESULTS["failed"])

    @property
    def when(self) -> str:
        """The day and the time."""
        return drills.when(self.key)


def entries(runs: Iterable[Run], drafts: Iterable[Draft], names: Iterable[str], tests: Drills) -> list[Entry]:
    """The newest, in that order. `names`: the saved inventories; a test is shown by way of the draft of its cluster."""
    deeds = (run for run in runs if run.what is not What.CHECK)  # a timer may check every few minutes
    found = [_entry(run) for run in islice(deeds, MOST)]
    by_name = {draft.name: draft.key for draft in reversed(list(drafts)) if draft.name}
    for name in names:
        if name in by_name:
            found += _tests(name, by_name[name], tests)
    return sorted(found, key=lambda entry: entry.key, reverse=True)[:MOST]


def of(draft: Draft, here: Context, most: int = PAGE) -> list[Entry]:
    """The same of one cluster."""
    runs = jobs.of(here.runs, here.inventories.path(draft.name)) if draft.name else iter(())
    found = [_entry(run) for run in islice(runs, most)]
    if draft.name:
        found += _tests(draft.name, draft.key, here.drills)
    return sorted(found, key=lambda entry: entry.key, reverse=True)[:most]


def _entry(run: Run) -> Entry:
    called, page = run_titles.called(run), ("run.watch", {"key": run.key})
    return Entry(run.key, run.inventory.stem, run.what, called, run_titles.state(run), page, run.who)


def _tests(cluster: str, draft: str, tests: Drills) -> Iterable[Entry]:
    latest = tests.latest(cluster)
    if latest and latest.under_way:
        called = say("failover test: {fault}", fault=FAULTS[latest.fault].label)
        yield Entry(latest.key, cluster, What.DRILL, called, "going", ("drill.show", {"key": draft}))
    for entry in islice(drills.earlier(cluster), MOST):
        name, fault = entry.report.node, FAULTS[entry.report.fault].label
        called = say("failover test on {name}: {fault}", name=name, fault=fault)
        state: State = "done" if entry.report.held() else "failed"
        page = ("drill.show", {"key": draft, "of": entry.key})
        yield Entry(entry.key, cluster, What.DRILL, called, state, page, entry.who)
