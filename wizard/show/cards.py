"""The start page: a card for each saved inventory, and one for each cluster that is not saved yet."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster
from floatip.model.problems import Problem
from floatip.operate import fleet
from floatip.operate.drill import reports
from floatip.operate.fleet import Standing
from floatip.operate.running import Running, Source
from floatip.operate.status import Level
from floatip.runs.lock import process
from wizard.context import Context
from wizard.drafts import Draft
from wizard.show import drills

ORDER: tuple[Level, ...] = ("bad", "warning", "unknown", "good")


@dataclass(frozen=True, slots=True)
class Card:
    """One inventory. `standings`: of its clusters, usually one; `at`: of the oldest look, None where somebody has to be
    waited for; `unsaved`: drafts that say something else; `words`: its addresses and servers, to be found by."""

    name: str
    problems: Sequence[Problem]
    standings: Sequence[Standing]
    at: float | None
    unsaved: Sequence[Draft]
    words: str = ""

    @property
    def level(self) -> Level:
        """The worst."""
        levels = {standing.level for standing in self.standings}
        return next((level for level in ORDER if level in levels), "unknown")

    @property
    def waits(self) -> bool:
        """Whether its servers are just being asked."""
        return self.at is None and not self.problems

    @property
    def attention(self) -> bool:
        """Whether it needs a person, by what is known."""
        noted = any(standing.notes for standing in self.standings)
        return bool(self.problems or self.unsaved or noted or (not self.waits and self.level != "good"))


def cards(context: Context) -> tuple[list[Card], list[Draft]]:
    """One for each inventory, and the drafts of clusters that are not saved yet. Nobody is waited for."""
    files = context.inventories.files()
    clusters = [cluster for file in files.values() for cluster in file.clusters]
    found = context.fleet.of(clusters)
    shown = [(standing and standing.cluster) or cluster for cluster, standing in zip(clusters, found, strict=True)]
    lines = iter([_line(*each) for each in zip(clusters, found, context.watchers.glances(shown), strict=True)])
    unsaved = context.own.unsaved(context.drafts.all(), files)
    made = [
        _card(
            name,
            file,
            list(islice(lines, len(file.clusters))),
            [draft for draft in unsaved if draft.name == name],
        )
        for name, file in files.items()
    ]
    return made, [draft for draft in unsaved if draft.name not in files]


def _line(cluster: Cluster, running: Running | None, look: Snapshot | None) -> tuple[Standing, float | None]:
    """A cluster, and when it was looked at; None where that is not known yet."""
    report = reports.newest(cluster.name)
    if running is None:
        return fleet.of(Running(Source.UNKNOWN, cluster), None, report), None
    if running.cluster is None:
        return fleet.of(running, None, report), time.time()
    return fleet.of(running, look, report), look.at if look else None


def _card(name: str, file: fleet.File, lines: Sequence[tuple[Standing, float | None]], own: Sequence[Draft]) -> Card:
    times = [at for _, at in lines]
    known = [at for at in times if at is not None]
    at = min(known, default=0.0) if len(known) == len(times) else None
    standings = [standing for standing, _ in lines]
    return Card(name, file.problems, standings, at, own, " ".join(_words(file.clusters, standings)))


def _words(clusters: Sequence[Cluster], standings: Sequence[Standing]) -> Iterator[str]:
    """Of the file, and of what runs."""
    for cluster in clusters:
        yield from map(str, cluster.floating)
        for node in cluster.nodes:
            yield from (node.name, str(dict(node.connection).get("ssh_hostname", "")))
    for standing in standings:
        yield from (row.address for row in standing.rows)


def when(tested: fleet.Tested) -> str:
    """The day and the time of a failover test."""
    return drills.when(tested.key)


def by(draft: Draft) -> str:
    """Who has answered last, where that is somebody else, or this person on another computer."""
    return "" if draft.who == process.who() else draft.who
