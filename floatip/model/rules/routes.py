"""Rules on routes that move along: what the kernel refuses while keepalived runs, which only logs it."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model import routes
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say
from floatip.model.problems import Problem
from floatip.model.rules.known import instance_path, of_instance


def sources(cluster: Cluster) -> Iterator[Problem]:
    """A route comes from an address that the server has then: only a floating one is the same on each."""
    for instance in cluster.instances:
        for number, line in enumerate(instance.virtual_routes):
            source = routes.parts(line).get("src")
            if source and source not in cluster.floating:
                message = say(
                    "{subject}: {line} has the source {address}, which does not float.",
                    subject=of_instance(instance, "virtual_routes"),
                    line=line,
                    address=source,
                )
                hint = say("Use a floating address: every server has to have it.")
                yield Problem(instance_path(instance, f"virtual_routes.{number}"), "route-source", message, hint)


def twice(cluster: Cluster) -> Iterator[Problem]:
    """Two that the kernel takes for the same one: it refuses the second, and drops the first with it."""
    seen: dict[object, str] = {}
    for instance, key, number, line, sign in _signs(cluster):
        if sign in seen:
            message = say(
                "{subject}: {line} already exists, as {other}.",
                subject=of_instance(instance, key),
                line=line,
                other=seen[sign],
            )
            yield Problem(
                instance_path(instance, f"{key}.{number}"), "duplicate-route", message, say("Keep one of them.")
            )
        seen.setdefault(sign, line)


def _signs(cluster: Cluster) -> Iterator[tuple[Instance, str, int, str, object]]:
    for instance in cluster.instances:
        for number, line in enumerate(instance.virtual_routes):
            said = routes.parts(line)
            six = any(":" in said.get(word, "") for word in ("to", "via"))
            sign = ("route", six, said.get("to"), said.get("table", "main"), said.get("metric", ""))
            yield instance, "virtual_routes", number, line, sign
        for number, line in enumerate(instance.virtual_rules):
            yield instance, "virtual_rules", number, line, ("rule", line)


RULES = (sources, twice)
