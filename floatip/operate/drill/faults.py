"""What can be done to a server for a drill, and undone again: by us, and by a timer on the server itself."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from floatip.keepalived import timing
from floatip.model import paths
from floatip.model.cluster import Cluster, Instance, Member
from floatip.model.messages import Said, say

UNIT = "floatip-drill-undo"
SAVED = "/run/floatip-drill"


@dataclass(frozen=True, slots=True)
class Fault:
    """`do` and `undo`: shell lines for a member and the floating addresses; `twice`: both may hold the address
    meanwhile; `outage`: seconds that a client waits at most; `noticed`: seconds until the others know of
    it; `reboots`: it undoes itself."""

    name: str
    label: Said
    do: Callable[[Member, Sequence[str]], str]
    undo: Callable[[Member, Sequence[str]], str]
    outage: Callable[[Cluster, Instance], float]
    noticed: Callable[[Cluster, Instance], float] = lambda cluster, instance: _crash(cluster, instance)
    twice: bool = False
    reboots: bool = False


def _quoted(member: Member) -> str:
    return shlex.quote(member.interface)


def _down(member: Member, floating: Sequence[str]) -> str:
    # The kernel forgets the IPv6 addresses and all routes of an interface that goes down: they are saved first,
    # but not the floating addresses, which belong to whoever leads then.
    link, others = _quoted(member), " ".join(f"-e {shlex.quote(f' {address}/')}" for address in floating)
    return (
        f"mkdir -p {SAVED}; ip -6 -o addr show dev {link} scope global permanent | grep -vF {others} >{SAVED}/addr; "
        f"ip route save dev {link} >{SAVED}/route; ip -6 route save dev {link} >{SAVED}/route6; ip link set {link} down"
    )


def _up(member: Member, floating: Sequence[str]) -> str:
    link = _quoted(member)
    return (
        f'ip link set {link} up; while read -r _ _ _ address _; do ip -6 addr add "$address" dev {link}; done '
        f"<{SAVED}/addr 2>/dev/null; ip route restore <{SAVED}/route 2>/dev/null; "
        f"ip -6 route restore <{SAVED}/route6 2>/dev/null; rm -rf {SAVED}"
    )


def _blocked(verb: str) -> str:
    # An IPsec policy: iproute2 is on every Debian, and no firewall's rules are touched.
    found = []
    for everything in ("0.0.0.0/0", "::/0"):
        # keepalived writes IPv4 headers itself, which the kernel calls protocol 255 on the way out.
        for protocol, way in ((112, "in"), (112, "out"), (255, "out")):
            selector = f"src {everything} dst {everything} proto {protocol} dir {way}"
            action = " priority 1 action block" if verb == "add" else ""
            found.append(f"ip xfrm policy {verb} {selector}{action}")
    return " && ".join(found) if verb == "add" else "; ".join(found)


def _crash(cluster: Cluster, instance: Instance) -> float:
    return timing.slowest(cluster, instance, lambda instance: timing.takeover_bound(instance, "crash"))


def _goodbye(cluster: Cluster, instance: Instance) -> float:
    return timing.slowest(cluster, instance, lambda instance: timing.takeover_bound(instance, "stop"))


def _detected(cluster: Cluster, instance: Instance) -> float:
    tracked = cluster.tracked(instance)
    checks = [timing.detection_bound(script) for script in cluster.scripts if script.name in tracked]
    return max(checks, default=0.0) + _crash(cluster, instance)


FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            "stop",
            say("keepalived is stopped"),
            lambda member, floating: "systemctl stop keepalived",
            lambda member, floating: "systemctl start keepalived",
            _goodbye,
        ),
        Fault(
            "kill",
            say("keepalived is killed; systemd restarts it"),
            lambda member, floating: "systemctl kill -s KILL keepalived",
            lambda member, floating: "systemctl start keepalived",
            _crash,
        ),
        Fault(
            "cut",
            say("VRRP is blocked for a while"),
            lambda member, floating: _blocked("add"),
            lambda member, floating: _blocked("delete"),
            _crash,
            twice=True,
        ),
        Fault("link", say("the interface is taken down"), _down, _up, _crash),
        Fault(
            "check",
            say("its health checks fail"),
            lambda member, floating: f"touch {paths.DRILL_FAILS}",
            lambda member, floating: f"rm -f {paths.DRILL_FAILS}",
            _goodbye,
            _detected,
        ),
        Fault(
            "reboot",
            say("it is rebooted"),
            lambda member, floating: "systemctl reboot",
            lambda member, floating: ":",
            _crash,
            reboots=True,
        ),
    )
}


def why_not(fault: Fault, cluster: Cluster, instance: Instance) -> Said | None:
    """Why it cannot befall this instance, if it cannot."""
    ours = {script.name for script in cluster.scripts if script.kind != "command"}
    if fault.name == "check" and not ours & cluster.tracked(instance):
        return say("{instance} has no health check that a failover test could make fail.", instance=instance.name)
    return None


def armed(fault: Fault, member: Member, floating: Sequence[str], seconds: float) -> str:
    """The fault as one script: the timer first, which undoes it after so long even if nobody comes back."""
    if fault.reboots:
        return fault.do(member, floating)
    undo = shlex.quote(fault.undo(member, floating))
    timer = f"systemd-run -q --collect --on-active={seconds:.0f} --timer-property=AccuracySec=1s --unit={UNIT}"
    return f"systemctl stop {UNIT}.timer 2>/dev/null; {timer} /bin/sh -c {undo} && {{\n{fault.do(member, floating)}\n}}"


def undone(fault: Fault, member: Member, floating: Sequence[str]) -> str:
    """Undo it now, and stop the timer."""
    return f"systemctl stop {UNIT}.timer 2>/dev/null\n{fault.undo(member, floating)}\ntrue"
