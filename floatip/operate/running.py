"""What the servers of a file or a draft run: what the last deploy put there, where that is kept; else what their own
files say. How to reach them, and the client that looks on, is what the file says: nobody deploys that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from floatip.hosts import probe
from floatip.hosts.distinct import DistinctServers
from floatip.hosts.host_state import HostState
from floatip.hosts.ssh_errors import Reason
from floatip.model import diffs, inventory, parse
from floatip.model.cluster import Cluster
from floatip.model.inventory.data import hosts_data
from floatip.model.messages import NO_MESSAGE, Said, say
from floatip.operate.refusals import Code, Unfit
from floatip.runs import deployed
from floatip.runs.deployed import Record

PATIENCE = 5.0  # seconds for the files of a server


class Source(StrEnum):
    """Where it is known from what runs."""

    FILE = "file"  # it is what the file says
    RECORD = "record"  # from the last deploy of this computer
    SERVERS = "servers"  # from their own files
    NOTHING = "nothing"  # no server has a keepalived.conf
    UNKNOWN = "unknown"  # no server could be asked, and nothing is kept: taken for what the file says


@dataclass(frozen=True, slots=True)
class Running:
    """`cluster`: what runs, None for nothing; `changes`: a diff from it to the file, where the file is complete;
    `record`: what is kept of the last deploy."""

    source: Source
    cluster: Cluster | None
    changes: tuple[str, ...] = ()
    record: Record | None = None

    @property
    def notice(self) -> Said:
        """What a reader has to know of it; nothing where the file is what runs."""
        return TOLD[self.source]


TOLD: Mapping[Source, Said] = {
    Source.FILE: NO_MESSAGE,
    Source.RECORD: say("Not deployed yet. What you see here is what the last deploy put on the servers."),
    Source.SERVERS: say("Not deployed yet. What you see here is what the servers' own files say."),
    Source.NOTHING: say("Not deployed yet: no server has a keepalived.conf."),
    Source.UNKNOWN: say("No server answered, so it is not known whether this was deployed."),
}


def of(clusters: Sequence[Cluster]) -> list[Running]:
    """What the servers of a file run, cluster by cluster. Whoever has to be asked is asked at the same time."""
    (found,) = of_files([clusters])
    return found


def of_files(files: Sequence[Sequence[Cluster]]) -> list[list[Running]]:
    """The same of the clusters of several files: one request for all of them."""
    return _running(
        [[Question(cluster.name, hosts_data(cluster), cluster) for cluster in clusters] for clusters in files]
    )


def of_draft(name: str, hosts: Sequence[Sequence[Any]], cluster: Cluster | None) -> Running:
    """The same of a draft. `cluster`: None where it is not complete."""
    ((found,),) = _running([[Question(name, hosts, cluster)]])
    return found


class Question:
    """What runs of a cluster as a file or a draft has it? `hosts`: its servers, right or wrong; `record`, `kept`: what
    was deployed from here; `ways`: of the servers to ask, none where the file says what is kept."""

    def __init__(self, name: str, hosts: Sequence[Sequence[Any]], cluster: Cluster | None) -> None:
        self.cluster = cluster
        self.written = {str(node): data for node, data in hosts}
        self.record = deployed.of(name, hosts)
        self.kept = None if self.record is None else _reached(self.record.cluster, cluster)
        self.settled = bool(self.kept and cluster and inventory.dumps(self.kept) == inventory.dumps(cluster))
        asked = self.written if self.kept is None else dict(hosts_data(self.kept))
        self.ways: Mapping[str, Any] = {} if self.settled else asked

    def answered(self, states: Mapping[str, HostState | Reason]) -> Running:
        """With what all servers have told."""
        if self.settled:
            return Running(Source.FILE, self.cluster, record=self.record)
        found = {name: state for name in self.ways if isinstance(state := states.get(name), HostState)}
        source, runs = judged(self.cluster, self.kept, found)
        changes = () if source in (Source.FILE, Source.UNKNOWN) else difference(runs, self.cluster)
        return Running(source, runs, changes, self.record)


def _running(files: Sequence[Sequence[Question]]) -> list[list[Running]]:
    """One request for all servers. A server is known by its name in a file, and reached as that file says now."""
    servers = DistinctServers()
    asked = [[_ways(question, questions, servers) for question in questions] for questions in files]
    states = probe.states_of(servers.data, PATIENCE) if servers.data else {}
    return [
        [
            question.answered({name: states[key] for name, key in ways.items()})
            for question, ways in zip(questions, found, strict=True)
        ]
        for questions, found in zip(files, asked, strict=True)
    ]


def _ways(question: Question, questions: Sequence[Question], servers: DistinctServers) -> dict[str, str]:
    """Server → the name under which it is asked."""
    written = {name: data for question in questions for name, data in question.written.items()}
    return {name: servers.add(name, written.get(name, data)) for name, data in question.ways.items()}


def judged(
    cluster: Cluster | None, kept: Cluster | None, found: Mapping[str, HostState]
) -> tuple[Source, Cluster | None]:
    """Which of them runs. `kept`: what was deployed from here, which may be long ago; `found`: who has answered."""
    there = {name: state for name, state in found.items() if (state.text("conf") or "").strip()}
    if found and not there:
        return Source.NOTHING, None
    agreeing = {
        source: _agreeing(candidate, there) for source, candidate in ((Source.FILE, cluster), (Source.RECORD, kept))
    }
    if agreeing[Source.FILE] > agreeing[Source.RECORD]:
        return Source.FILE, cluster
    if kept is not None:
        return Source.RECORD, kept
    if there and (own := _adopted(cluster, there)) is not None:
        return Source.SERVERS, own
    return Source.UNKNOWN, cluster


def file(running: Running, path: Path | None) -> Path:
    """The inventory of what runs, for a run that changes nothing of it. Unfit where there is none. `path`: one that
    says what the file says."""
    if path and running.source in (Source.FILE, Source.UNKNOWN):
        return path
    if running.source in (Source.FILE, Source.RECORD) and running.cluster and running.record:
        return inventory.save(running.cluster, running.record.file.parent / "asked")
    raise not_deployed()


def not_deployed() -> Unfit:
    """For what cannot be done before a deploy."""
    return Unfit(
        Code.NOT_DEPLOYED,
        say(
            "What the servers run is not what this inventory says, and this computer knows of no deploy. "
            "Deploy it first."
        ),
    )


def difference(runs: Cluster | None, then: Cluster | None) -> tuple[str, ...]:
    """The lines of a diff from what runs to a file."""
    if then is None:
        return ()
    before, after = ("" if cluster is None else inventory.dumps(cluster) for cluster in (runs, then))
    return tuple(diffs.of_inventory(before, after))


def _reached(kept: Cluster, cluster: Cluster | None) -> Cluster:
    """With the ways to its servers that the file has now."""
    if cluster is None:
        return kept
    ways = {node.name: node for node in cluster.nodes}
    return replace(kept, nodes=tuple(ways.get(node.name, node) for node in kept.nodes), client=cluster.client)


def _agreeing(cluster: Cluster | None, there: Mapping[str, HostState]) -> int:
    """How many servers have the very file that this cluster gives them."""
    if cluster is None:
        return 0
    from floatip.change import differences  # only where the file says something else than what is kept

    own = {node.name for node in cluster.nodes}
    return sum(
        not lines for lines in differences.of(cluster, {name: there[name] for name in there if name in own}).values()
    )


def _adopted(cluster: Cluster | None, there: Mapping[str, HostState]) -> Cluster | None:
    """What their files say; of a server that did not answer, what the file says."""
    if cluster is None:
        return None
    from floatip.keepalived.adopt import adopt

    found = adopt(
        {name: state.text("conf") or "" for name, state in there.items()},
        {name: state.addresses for name, state in there.items()},
    )
    groups = found.data["vrrp_instances"]
    hosts = [
        (
            name,
            {
                **data,
                **found.hosts.get(name, {}),
                "vrrp": found.vrrp.get(name) or {key: part for key, part in _parts(data) if key in groups},
            },
        )
        for name, data in hosts_data(cluster)
    ]
    local_only = {"client": dict(cluster.client)} if cluster.client else {}
    return parse.parse(cluster.name, hosts, {**found.data, **local_only}).cluster


def _parts(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(data["vrrp"].items())
