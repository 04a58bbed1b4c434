"""The proof that a weight can move the address: of a health check, or of an interface that is tracked.

keepalived adds a positive weight while all is well and subtracts a negative one while it is not, then keeps the sum
within 1 to 254 (vrrp_track.c). Weight 0 puts the server into FAULT, which always moves the address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from floatip.model.cluster import Cluster, Contender, Instance, Member
from floatip.model.messages import Said, all_of, say
from floatip.model.problems import Level, Problem
from floatip.model.rules.known import instance_path, lift, member_path, ranked

HIGHEST = 254


@dataclass(frozen=True, slots=True)
class Weighted:
    """Something tracked with a weight; `what`: its bare name; `name`: with its list, where it has the weight there;
    `path`: of the weight; `at`: the one server that tracks it, '' for all; `number`: of a file, which is multiplied by
    it: any weight moves the address, once that is large enough."""

    instance: Instance
    name: str
    weight: int
    path: str
    what: str
    at: str = ""
    number: bool = False


def weighted(cluster: Cluster) -> Iterator[Weighted]:
    """Whatever has a weight other than 0."""
    for instance in cluster.instances:
        for script in instance.checks(cluster.scripts):
            if script.weight:
                path = _path(instance, script.name)
                yield Weighted(instance, _name(instance, script.name), script.weight, path, script.name)
        for file, weight in cluster.files_of(instance):
            if weight:
                path = instance_path(instance, f"track_file.{instance.track_file.index(file.name)}")
                yield Weighted(instance, file.name, weight, path, file.name, number=True)
        for member in instance.members:
            for key, name, weight in member.weights:
                path = member_path(instance, member, f"{key}.{member.track_interface.index(name)}")
                if name != member.interface:
                    where = say("{name} in {key} of {node}", name=name, key=key, node=member.node)
                    yield Weighted(instance, where, weight, path, name, member.node)


def _here(instance: Instance, script: str) -> bool:
    """Whether a health check has another weight in this instance."""
    return any((key, name) == ("track_script", script) for key, name, _ in instance.weights)


def _name(instance: Instance, script: str) -> str:
    return say("{name} in track_script", name=script) if _here(instance, script) else script


def _path(instance: Instance, script: str) -> str:
    """Where the weight of a health check stands that counts in an instance."""
    if _here(instance, script):
        return instance_path(instance, f"track_script.{instance.track_script.index(script)}")
    return f"vrrp_scripts.{script}.weight"


def weight_moves(cluster: Cluster) -> Iterator[Problem]:
    """The weight outdoes the distance between the leading priorities, or the check is for show."""
    for weight in (weight for weight in weighted(cluster) if not weight.number):
        contenders = ranked(weight.instance, lift(cluster, weight.instance))
        ours = [each for each in contenders if isinstance(each, Member)]
        for first in ours:
            others = contenders[contenders.index(first) + 1 :]
            second = max(others, key=lambda each: _effective(weight, each), default=None)
            if weight.at in ("", first.node) and second is not None and _stays(weight, first, second):
                level = Level.ERROR if first is ours[0] else Level.WARNING
                yield Problem(weight.path, "weight-too-small", *_too_small(weight, first, second), level)
                break


def weight_fits(cluster: Cluster) -> Iterator[Problem]:
    """Priority and positive weights stay within 254, above which keepalived cuts them to be equal."""
    for instance in cluster.instances:
        tracked = [script for script in instance.checks(cluster.scripts) if script.weight > 0]
        total = sum(script.weight for script in tracked)
        for member in [member for member in ranked(instance) if isinstance(member, Member)][:1] if tracked else ():
            if member.priority + total > HIGHEST:
                message = say(
                    "priority {priority} of {node} in {instance} and the weights of {names} make {sum}, "
                    "above {highest}.",
                    priority=member.priority,
                    node=member.node,
                    instance=instance.name,
                    names=all_of([_name(instance, script.name) for script in tracked]),
                    sum=member.priority + total,
                    highest=HIGHEST,
                )
                hint = say("Lower the priorities or the weight, or use a negative weight.")
                yield Problem(_path(instance, tracked[0].name), "weight-over-254", message, hint)


def weight_and_preemption(cluster: Cluster) -> Iterator[Problem]:
    """With `nopreempt` the others never take over from a living master, however low its priority: shown."""
    for weight in weighted(cluster):
        if weight.instance.nopreempt:
            message = say(
                "Weight of {script} cannot move the address of {instance}, which has nopreempt.",
                script=weight.name,
                instance=weight.instance.name,
            )
            hint = say(
                "Set weight to 0, so that a failing check makes the server give the address up, or allow preemption."
            )
            yield Problem(weight.path, "weight-nopreempt", message, hint)


def weight_and_delay(cluster: Cluster) -> Iterator[Problem]:
    """With `preempt_delay` the others wait that long before they take over from a weakened master."""
    for weight in weighted(cluster):
        if weight.instance.preempt_delay:
            delay = weight.instance.preempt_delay
            message = say(
                "Weight of {script} moves the address of {instance} only after preempt_delay, {delay} s.",
                script=weight.name,
                instance=weight.instance.name,
                delay=delay,
            )
            hint = say("Set weight to 0 to move it at once.")
            yield Problem(weight.path, "weight-delayed", message, hint, Level.INFO)


def _stays(weight: Weighted, first: Member, second: Contender) -> bool:
    """Whether `first` still leads while only its own fails."""
    return max(1, first.priority + min(weight.weight, 0)) >= _effective(weight, second)


def _effective(weight: Weighted, other: Contender) -> int:
    """The priority while all is well; devices that floatip does not manage do not track it."""
    return min(HIGHEST, other.priority + max(weight.weight, 0)) if isinstance(other, Member) else other.priority


def _too_small(weight: Weighted, first: Member, second: Contender) -> tuple[Said, Said]:
    gap = first.priority - second.priority
    message = say(
        "Weight {weight} of {script} cannot move the address of {instance}: {node} has {priority}, "
        "{next_node} has {next_priority}, which is {gap} apart.",
        weight=weight.weight,
        script=weight.name,
        instance=weight.instance.name,
        node=first.node,
        priority=first.priority,
        next_node=second.node,
        next_priority=second.priority,
        gap=gap,
    )
    if weight.weight < 0 and second.priority == 1:
        return message, say("Raise the priorities: keepalived does not go below 1.")
    needed = say("below -{gap}", gap=gap) if weight.weight < 0 else say("above {gap}", gap=gap)
    return message, say(
        "Use a weight {needed}, or 0: then a server with a failing check gives the address up.", needed=needed
    )


RULES = (weight_moves, weight_fits, weight_and_preemption, weight_and_delay)
