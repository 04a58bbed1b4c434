"""Rules on health checks, with the proof that a failing one really moves the address.

keepalived adds a positive weight while the check succeeds and subtracts a negative one while it
fails, then keeps the sum within 1 to 254 (vrrp_track.c). With weight 0 a failing check puts the
server into FAULT, which always moves the address.
"""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Contender, Instance, Member, Script
from floatip.model.messages import Said, say
from floatip.model.problems import Level, Problem, did_you_mean
from floatip.model.rules.known import instance_path, lift, ranked
from floatip.model.settings import KINDS
from floatip.model.settings.scripts import OURS, programs

HIGHEST = 254


def scripts_exist(cluster: Cluster) -> Iterator[Problem]:
    """Every tracked script is defined, and tracked once."""
    names = [script.name for script in cluster.scripts]
    for instance in cluster.instances:
        for number, name in enumerate(instance.track_script):
            path = instance_path(instance, f"track_script.{number}")
            if name not in names:
                message = say(
                    "track_script of {instance} names {name}, but vrrp_scripts has none of that name.",
                    instance=instance.name,
                    name=name,
                )
                yield Problem(path, "unknown-script", message, did_you_mean(name, names) or say("Define it there."))
            elif name in instance.track_script[:number]:
                yield Problem(
                    path,
                    "duplicate-track",
                    say("track_script of {instance} names {name} twice.", instance=instance.name, name=name),
                    say("Keep one of them."),
                )


def scripts_used(cluster: Cluster) -> Iterator[Problem]:
    """A health check that no instance tracks would never do anything."""
    tracked = {name for instance in cluster.instances for name in instance.track_script}
    for script in cluster.scripts:
        if script.name not in tracked:
            message = say("Health check {script} is tracked by no instance.", script=script.name)
            hint = say('Add it to an instance: "track_script": ["{script}"], or take it out.', script=script.name)
            yield Problem(f"vrrp_scripts.{script.name}", "unused-script", message, hint)


def weight_moves(cluster: Cluster) -> Iterator[Problem]:
    """The weight outdoes the distance between the leading priorities, or the check is for show."""
    for instance, script in _weighted(cluster):
        contenders = ranked(instance, lift(cluster, instance))
        ours = [one for one in contenders if isinstance(one, Member)]
        for first in ours:
            others = contenders[contenders.index(first) + 1 :]
            second = max(others, key=lambda one: _effective(script, one), default=None)
            if second is not None and _stays(script, first, second):
                level = Level.ERROR if first is ours[0] else Level.WARNING
                yield Problem(
                    _path(script, "weight"), "weight-too-small", *_too_small(instance, script, first, second), level
                )
                break


def weight_fits(cluster: Cluster) -> Iterator[Problem]:
    """Priority and positive weights stay within 254, above which keepalived cuts them to be equal."""
    for instance in cluster.instances:
        tracked = [script for script in cluster.scripts if script.name in instance.track_script and script.weight > 0]
        total = sum(script.weight for script in tracked)
        for member in [one for one in ranked(instance) if isinstance(one, Member)][:1] if tracked else ():
            if member.priority + total > HIGHEST:
                message = say(
                    "priority {priority} of {node} in {instance} and the weights of {names} make {sum}, "
                    "above {highest}.",
                    priority=member.priority,
                    node=member.node,
                    instance=instance.name,
                    names=", ".join(script.name for script in tracked),
                    sum=member.priority + total,
                    highest=HIGHEST,
                )
                hint = say("Lower the priorities or the weight, or use a negative weight.")
                yield Problem(_path(tracked[0], "weight"), "weight-over-254", message, hint)


def weight_and_preemption(cluster: Cluster) -> Iterator[Problem]:
    """With `nopreempt` the others never take over from a living master, however low its priority: shown."""
    for instance, script in _weighted(cluster):
        if instance.nopreempt:
            message = say(
                "Weight of {script} cannot move the address of {instance}, which has nopreempt.",
                script=script.name,
                instance=instance.name,
            )
            hint = say("Set weight to 0, so that a failing check takes the server out, or allow preemption.")
            yield Problem(_path(script, "weight"), "weight-nopreempt", message, hint)


def weight_and_delay(cluster: Cluster) -> Iterator[Problem]:
    """With `preempt_delay` the others wait that long before they take over from a weakened master."""
    for instance, script in _weighted(cluster):
        if instance.preempt_delay:
            delay = instance.preempt_delay
            message = say(
                "Weight of {script} moves the address of {instance} only after preempt_delay, {delay} s.",
                script=script.name,
                instance=instance.name,
                delay=delay,
            )
            hint = say("Set weight to 0 to move it at once.")
            yield Problem(_path(script, "weight"), "weight-delayed", message, hint, Level.INFO)


def runs_as_root(cluster: Cluster) -> Iterator[Problem]:
    """Allowed for what nobody else can change, which the servers are asked about."""
    for one in dict.fromkeys(one for node in cluster.nodes for one in programs(cluster, node.name)):
        if one.as_root:
            theirs = say("{path} runs as root: whoever can change it has the server.", path=one.path)
            message = theirs if one.path != OURS else say("A script of floatip runs as root.")
            hint = say("Name a user who may do just what it needs, where that is possible.")
            yield Problem(one.where, "runs-as-root", message, hint, Level.WARNING)


def looks_at_floating(cluster: Cluster) -> Iterator[Problem]:
    """A check of the floating address asks whichever server leads, not the one that runs the check."""
    floating = cluster.floating
    for script in cluster.scripts:
        where = KINDS[script.kind].host(script) if script.target else ""
        if where in floating:
            message = say(
                "Health check {script} asks {where}, a floating address: that is whoever leads.",
                script=script.name,
                where=where,
            )
            hint = say("Ask 127.0.0.1, so that each server checks itself.")
            yield Problem(_path(script, script.kind), "checks-floating", message, hint, Level.WARNING)


def _weighted(cluster: Cluster) -> Iterator[tuple[Instance, Script]]:
    for instance in cluster.instances:
        for script in cluster.scripts:
            if script.weight and script.name in instance.track_script:
                yield instance, script


def _stays(script: Script, first: Member, second: Contender) -> bool:
    """Whether `first` still leads while only its own check fails."""
    return max(1, first.priority + min(script.weight, 0)) >= _effective(script, second)


def _effective(script: Script, one: Contender) -> int:
    """The priority while the check succeeds; devices that floatip does not manage do not run it."""
    return min(HIGHEST, one.priority + max(script.weight, 0)) if isinstance(one, Member) else one.priority


def _too_small(instance: Instance, script: Script, first: Member, second: Contender) -> tuple[Said, Said]:
    gap = first.priority - second.priority
    message = say(
        "Weight {weight} of {script} cannot move the address of {instance}: {node} has {priority}, "
        "{next_node} has {next_priority}, which is {gap} apart.",
        weight=script.weight,
        script=script.name,
        instance=instance.name,
        node=first.node,
        priority=first.priority,
        next_node=second.node,
        next_priority=second.priority,
        gap=gap,
    )
    if script.weight < 0 and second.priority == 1:
        return message, say("Raise the priorities: keepalived lets none fall below 1.")
    needed = say("below -{gap}", gap=gap) if script.weight < 0 else say("above {gap}", gap=gap)
    return message, say("Use a weight {needed}, or 0, which takes a server with a failing check out.", needed=needed)


def _path(script: Script, key: str) -> str:
    return f"vrrp_scripts.{script.name}.{key}"


RULES = (
    scripts_exist,
    scripts_used,
    weight_moves,
    weight_fits,
    weight_and_preemption,
    weight_and_delay,
    runs_as_root,
    looks_at_floating,
)
