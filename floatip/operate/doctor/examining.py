"""Everything that a diagnosis wants to know of clusters, asked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from floatip.hosts import daemon, host_answer, network_scan, probe, programs, surroundings, worker_answers
from floatip.hosts.ssh_errors import Reason
from floatip.model.cluster import Cluster
from floatip.model.settings import mailing
from floatip.model.settings.scripts import Runs
from floatip.operate.doctor import Case, Seen, case


def examine(clusters: Sequence[Cluster]) -> list[Case]:
    """Everything that a diagnosis wants to know of each cluster."""
    answers = probe.ask(questions(clusters))
    return [understood(cluster, answers) for cluster in clusters]


def questions(clusters: Sequence[Cluster]) -> list[list[Any]]:
    """What `probe.ask` is asked for a diagnosis, of every server and its network; one may be in several clusters."""
    data = {node.name: dict(node.connection) for cluster in clusters for node in cluster.nodes}
    return [[name, entry, _network(clusters, name)] for name, entry in data.items()]


def understood(cluster: Cluster, answers: Mapping[str, Any]) -> Case:
    """What `probe.ask` brought back for a diagnosis, as values."""
    values = {
        node.name: worker_answers.result(
            answers.get(node.name), dict(node.connection), partial(_seen, programs.asked(cluster, node.name))
        )
        for node in cluster.nodes
    }
    seen = {name: value for name, value in values.items() if isinstance(value, Seen)}
    failures: dict[str, str] = {name: value for name, value in values.items() if isinstance(value, Reason)}
    return case(cluster, seen, failures)


PARTS: tuple[worker_answers.Part, ...] = ("lines", "daemon", "aside", "network")


def _seen(wanted: Sequence[Runs], answer: worker_answers.Answer) -> Seen:
    lines = {key: worker_answers.lines(answer, key) for key in PARTS}
    state = host_answer.by_root(lines["lines"])
    clock = 0.0 if state.clock is None else state.clock - float(answer["at"])
    if "programs" in answer:
        state = replace(state, programs=programs.parse(wanted, worker_answers.lines(answer, "programs")))
    own = daemon.parse(lines["daemon"])
    return Seen(state, own, surroundings.parse(lines["aside"]), network_scan.parse(lines["network"]), clock)


def _network(clusters: Sequence[Cluster], name: str) -> worker_answers.Network:
    instances = [instance for cluster in clusters for instance in cluster.instances_of(name)]
    parts = [(member, instance) for instance in instances if (member := instance.member(name))]
    pairs = [list(place) for member, instance in parts for place in instance.places(member)]
    pairs += [[member.interface, str(device.address)] for member, instance in parts for device in instance.foreign]
    runs = [
        [program.user, program.path, program.where] for cluster in clusters for program in programs.asked(cluster, name)
    ]
    asked: worker_answers.Network = {"programs": runs} if runs else {}
    if any(instance.virtual_routes or instance.virtual_rules for instance in instances):
        asked["routes"] = True
    if server := next(filter(None, (_mail_server(cluster, name) for cluster in clusters)), None):
        asked["mail"] = mailing.host_port(server)
    return {**asked, "doctor": True, "listen": sorted({member.interface for member, _ in parts}), "ask": pairs}


def _mail_server(cluster: Cluster, name: str) -> str | None:
    """The one that takes mail from a server."""
    sends = any(instance.smtp_alert for instance in cluster.instances_of(name))
    return cluster.smtp_server if sends else None
