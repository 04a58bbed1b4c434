"""Why is it not well? Every cause that can be seen from what the servers say, the likeliest first.

model     what a diagnosis is made from, and what it says
examining asking for all of that
meanings  what each finding means, for the documentation
causes    one function a cause, in four modules, in the order in which they explain each other
outcomes  what the status says, where it is not well
"""

from __future__ import annotations

from floatip.change import pins
from floatip.keepalived import render
from floatip.model.cluster import Cluster
from floatip.operate.doctor.causes import CAUSES
from floatip.operate.doctor.model import Case, Code, Finding, Seen
from floatip.operate.doctor.outcomes import held_wrongly, unexplained

__all__ = ["Case", "Code", "Finding", "Seen", "case", "diagnose"]


def case(cluster: Cluster, seen: dict[str, Seen], failures: dict[str, str]) -> Case:
    """What there is to judge."""
    cluster = pins.applied(cluster, pins.noted({name: found.state for name, found in seen.items()}))
    wanted = {node.name: render.keepalived_conf(cluster, node.name) for node in cluster.nodes}
    return Case(cluster, wanted, seen, failures)


def diagnose(given: Case) -> list[Finding]:
    """Every cause, the likeliest first, then what came of it; nothing only where the status is well, too."""
    found = dict.fromkeys(finding for cause in CAUSES for finding in cause(given))
    found |= dict.fromkeys(held_wrongly(given, found))
    return list(found or dict.fromkeys(unexplained(given)))
