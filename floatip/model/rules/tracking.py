"""What an instance tracks by its name, whatever kind of thing that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.model.problems import Problem, did_you_mean
from floatip.model.rules.known import instance_path


def defined_and_tracked_once(
    cluster: Cluster, key: str, names: Sequence[str], code: str, unknown: Callable[[str, str], Said]
) -> Iterator[Problem]:
    """Each name under `key` of an instance is one of `names`, and stands there once. `code` and `unknown`, which gets
    the instance and the name: of the problem where it is none of them."""
    for instance in cluster.instances:
        tracked: Sequence[str] = getattr(instance, key)
        for number, name in enumerate(tracked):
            path = instance_path(instance, f"{key}.{number}")
            if name not in names:
                hint = did_you_mean(name, names) or say("Define it there.")
                yield Problem(path, code, unknown(instance.name, name), hint)
            elif name in tracked[:number]:
                message = say("{key} of {instance} names {name} twice.", key=key, instance=instance.name, name=name)
                yield Problem(path, "duplicate-track", message, say("Keep one of them."))
