"""Rules on health checks; what their weights do is in `weights`."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.model.problems import Level, Problem
from floatip.model.rules.tracking import defined_and_tracked_once
from floatip.model.settings import KINDS
from floatip.model.settings.scripts import OURS, programs
from floatip.model.tracking import Script


def scripts_exist(cluster: Cluster) -> Iterator[Problem]:
    """Every tracked script is defined, and tracked once."""
    names = [script.name for script in cluster.scripts]

    def unknown(instance: str, name: str) -> Said:
        return say(
            "track_script of {instance} names {name}, but vrrp_scripts has none of that name.",
            instance=instance,
            name=name,
        )

    yield from defined_and_tracked_once(cluster, "track_script", names, "unknown-script", unknown)


def scripts_used(cluster: Cluster) -> Iterator[Problem]:
    """A health check that no instance tracks would never do anything."""
    tracked = {name for instance in cluster.instances for name in instance.track_script}
    for script in cluster.scripts:
        if script.name not in tracked:
            message = say("Health check {script} is tracked by no instance.", script=script.name)
            hint = say('Add it to an instance: "track_script": ["{script}"], or remove it.', script=script.name)
            yield Problem(f"vrrp_scripts.{script.name}", "unused-script", message, hint)


def runs_as_root(cluster: Cluster) -> Iterator[Problem]:
    """Allowed for what nobody else can change, which the servers are asked about."""
    for script in dict.fromkeys(program for node in cluster.nodes for program in programs(cluster, node.name)):
        if script.as_root:
            theirs = say("{path} runs as root: whoever can change it controls the server.", path=script.path)
            message = theirs if script.path != OURS else say("A script of floatip runs as root.")
            hint = say("Choose a user who may do just what it needs, where that is possible.")
            yield Problem(script.where, "runs-as-root", message, hint, Level.WARNING)


def looks_at_floating(cluster: Cluster) -> Iterator[Problem]:
    """A check of the floating address asks whichever server leads, not the one that runs the check."""
    floating = cluster.floating
    for script in cluster.scripts:
        where = KINDS[script.kind].host(script) if script.target else ""
        if where in floating:
            message = say(
                "Health check {script} asks {where}, a floating address: the server that holds it answers.",
                script=script.name,
                where=where,
            )
            hint = say("Ask 127.0.0.1, so that each server checks itself.")
            yield Problem(_path(script, script.kind), "checks-floating", message, hint, Level.WARNING)


def _path(script: Script, key: str) -> str:
    return f"vrrp_scripts.{script.name}.{key}"


RULES = (
    scripts_exist,
    scripts_used,
    runs_as_root,
    looks_at_floating,
)
