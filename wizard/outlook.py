"""What a deploy would do, as the check page tells it: from the same model that the deploy acts on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from floatip import firewall, intent, preflight, render
from floatip.cluster import Cluster
from floatip.host_state import HostState
from floatip.paths import KEEPALIVED_CONF
from floatip.plan import PlanError
from floatip.problems import Problem


@dataclass(frozen=True, slots=True)
class Outlook:
    """`notice`: what a client will notice; `diffs`: server → changed lines of its file; `rules`: its firewall."""

    problems: tuple[Problem, ...]
    notice: str
    diffs: Mapping[str, list[str]]
    rules: Mapping[str, tuple[str, ...]]


def see(cluster: Cluster, states: Mapping[str, HostState]) -> Outlook | None:
    """None where not every server could be looked at."""
    if any(node.name not in states for node in cluster.nodes):
        return None
    wanted = {node.name: render.keepalived_conf(cluster, node.name) for node in cluster.nodes}
    here = {name: states[name] for name in wanted}
    try:
        notice = intent.steps(cluster, wanted, here).notice
        rules = {name: intent.firewall_plan(cluster, name, one).changes for name, one in here.items()}
    except (PlanError, firewall.FirewallError) as error:
        notice, rules = str(error), {}
    diffs = {name: _diff(here[name].text("conf") or "", text) for name, text in wanted.items()}
    return Outlook(preflight.check(cluster, here), notice, diffs, rules)


def _diff(before: str, after: str) -> list[str]:
    names = (f"{KEEPALIVED_CONF} now", f"{KEEPALIVED_CONF} then")
    before = before.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # a page is UTF-8, whatever that is
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm=""))
