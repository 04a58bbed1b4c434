"""What a keepalived that runs says of itself, as a value.

A host is not trusted: what does not fit is a ValueError with a message, and nothing is taken for granted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from floatip.hosts.daemon_script import MARK
from floatip.hosts.host_answer import blocked, decode, full, links, readonly
from floatip.hosts.ssh_errors import Untold, Why
from floatip.model.messages import say
from floatip.server_side.lease.model import Lease, shown
from floatip.server_side.pending import change
from floatip.server_side.pending.change import Brief

State = Literal["init", "backup", "master", "fault", "stopped", "absent", "mute", "unknown"]
STATES: tuple[State, ...] = ("init", "backup", "master", "fault")
NOT_RUN_YET = ("INIT", "INIT/RELOAD")
COUNTERS = re.compile(r"[a-z_]{1,40}")


class Health(StrEnum):
    """What the daemon of one host says of a health check."""

    WELL = "well"
    FAILS = "fails"
    DISABLED = "disabled"  # it does not run it, since the script is not there, not safe, or not for its user to run
    UNKNOWN = "unknown"  # it has not run yet, or could not be asked about


@dataclass(frozen=True, slots=True)
class Vrrp:
    """One instance as its daemon sees it. `since`: seconds in this state; `counters`: as in keepalived's JSON;
    `priority`: the present one, health checks included."""

    state: State
    priority: int
    since: float
    counters: Mapping[str, int] = field(default_factory=dict)
    virtual_router_id: int | None = None
    base_priority: int | None = None


@dataclass(frozen=True, slots=True)
class DaemonState:
    """One host. `since`: seconds since its service started or stopped; `checks`: health check → whether it is well;
    `waiting`: those that have not run yet; `read`: whether the daemon has listed all that it runs;
    `moved`: its note of addresses that were moved on purpose (`floatip.change.pins`); `lease`: of a run that may change
    the host now, if there is one in force; `change`: one that is under way there, or was cut off; `full`: places where
    nothing can be written any more; `mute`: the daemon was asked, and its answer is missing, or is only half there;
    `readonly`: mount points of file systems that take no change; `deployed`: its note of who did that last
    (`floatip.change.origin`)."""

    running: bool
    since: float
    held: frozenset[str]
    instances: Mapping[str, Vrrp]
    checks: Mapping[str, bool]
    moved: str = ""
    lease: Lease | None = None
    change: Brief | None = None
    full: tuple[str, ...] = ()
    waiting: frozenset[str] = frozenset()
    read: bool = False
    mute: bool = False
    readonly: tuple[str, ...] = ()
    deployed: str = ""

    def check(self, name: str) -> Health:
        """What the daemon says of a health check that its file tracks."""
        if name in self.checks:
            return Health.WELL if self.checks[name] else Health.FAILS
        return Health.DISABLED if self.read and name not in self.waiting else Health.UNKNOWN


def parse(lines: list[str]) -> DaemonState:
    """The script's output as a value; ValueError where it is not what the script prints, Untold where the daemon could
    not be asked."""
    values: dict[str, list[str]] = {}
    for line in lines:
        key, _, value = line.partition("=")
        values.setdefault(key, []).append(value)
    if MARK not in values or "links" not in values:
        raise ValueError(say("the check script did not run to its end"))
    if values.get("uid", ["0"])[0] != "0":
        raise Untold(Why.NOT_ROOT)
    for path, owner in blocked(values.get("blocked", [])):
        raise Untold(Why.IN_THE_WAY, path=path, owner=owner)
    unit = dict(text.partition("=")[::2] for text in values.get("unit", []))
    checks, waiting = _checks(lines)
    reported = _reported(values)
    changed = int(unit.get("StateChangeTimestampMonotonic") or 0) / 1e6
    return DaemonState(
        running=unit.get("ActiveState") in ("active", "reloading"),
        since=max(0.0, float(values["up"][0]) - changed),
        held=frozenset(address.split("/")[0] for link in links(values["links"][0]) for address in link.addresses),
        instances=_instances(reported, values),
        checks=checks,
        moved=values.get("moved", [""])[0],
        deployed=values.get("deployed", [""])[0],
        lease=shown(values),
        change=change.brief(values.get("change", [""])[0]),
        full=full(values.get("room", [])),
        waiting=waiting,
        read="checks" in values,
        mute="asked" in values and reported is None,
        readonly=readonly(values.get("readonly", [])),
    )


def _reported(values: Mapping[str, list[str]]) -> Any:
    """What the daemon wrote; None where it has not, or not to the end: there may be no room for it."""
    try:
        return json.loads(decode(values["json"][0])) if "json" in values else None
    except json.JSONDecodeError:
        if "asked" in values:
            return None
        raise


def _instances(reported: Any, values: Mapping[str, list[str]]) -> dict[str, Vrrp]:
    if reported is None:
        return {}
    clock = float(values["clock"][0])
    return {
        str(instance["data"]["iname"])[:31]: _vrrp(instance["data"], instance.get("stats", {}), clock)
        for instance in reported
    }


def _vrrp(data: Mapping[str, Any], stats: Mapping[str, Any], clock: float) -> Vrrp:
    state, priority = data["state"], data["effective_priority"]
    if state not in range(len(STATES)) or not isinstance(priority, int):
        raise ValueError(f"the daemon names an unknown state: {state!r:.20}")
    counters = {key: value for key, value in stats.items() if COUNTERS.fullmatch(key) and isinstance(value, int)}
    since = max(0.0, clock - float(data["last_transition"]))
    return Vrrp(STATES[state], priority, since, counters, data.get("vrid"), data.get("base_priority"))


def _checks(lines: list[str]) -> tuple[dict[str, bool], frozenset[str]]:
    """Health check → whether it is well, and those without a result. `script=NAME` is followed by its `status=`; since
    2.2 one that has not run yet has a status too, and `init=INIT` before it."""
    found: dict[str, bool] = {}
    waiting: set[str] = set()
    name = ""
    for line in lines:
        key, _, value = line.partition("=")
        if key == "script":
            name = value.strip()[:31]
            waiting.add(name)
        elif key == "init" and value.strip() in NOT_RUN_YET:
            name = ""
        elif key == "status" and name:
            waiting.discard(name)
            found[name], name = value == "GOOD", ""
    return found, frozenset(waiting)
