"""What happens if: the events that a cluster is there for, and what its settings make of each.

Computed from the same model and the same bounds (`timing`) that the deploy and its proof use. Times are upper
bounds in seconds for a client without an answer.

    model      an event, and its codes
    instances  those of an instance that moves by itself
    groups     those of instances that move together
"""

from __future__ import annotations

from collections.abc import Iterator

from floatip.keepalived.forecast import groups, instances
from floatip.keepalived.forecast.instances import successor
from floatip.keepalived.forecast.model import Event, Happens
from floatip.model.cluster import Cluster

__all__ = ["Event", "Happens", "foresee", "successor"]


def foresee(cluster: Cluster) -> tuple[Event, ...]:
    """All events of all groups of addresses, in the order in which people ask for them."""
    return tuple(_events(cluster))


def _events(cluster: Cluster) -> Iterator[Event]:
    for instance in cluster.instances:
        group = cluster.group_of(instance)
        if group is None:
            yield from instances.events(cluster, instance)
        elif cluster.together(instance)[0] is instance:
            yield from groups.events(cluster, group)
