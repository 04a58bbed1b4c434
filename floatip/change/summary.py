"""What a deploy does on each host, in order and in words, from what was found there: the deploy is named by these
words too, and a test on real hosts holds it to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from floatip import firewall
from floatip.change import members, networkd, nonlocal_bind, requirements, shipping
from floatip.change.landmarks import Landmark
from floatip.change.pins import Moves
from floatip.change.plan import Kind, Plan, Step, Wait
from floatip.hosts.host_state import HostState, same
from floatip.keepalived import render
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, coded, say

RECORD = say("Record what was there before")
INSTALL = say("Install packages")
LOG_FILE = say("Send the messages of keepalived to its own log file")
ROTATE = say("Rotate that log file")
RUN_RSYSLOG = say("Start rsyslog now and at boot")
ARM = say("Start the timer that rolls the firewall rule back")
ACCEPT = say("Accept VRRP from the other servers in the firewall")
DISARM = say("Stop the timer over a new connection")
BIND = say("Let services bind the floating address on every server")
NO_BIND = say("Let services bind only local addresses again")
NETWORKD = say("Keep systemd-networkd from removing the floating address")
CHECK_SCRIPT = say("Install the health check script")
SHIP = say("Install the scripts from the inventory's directory")
RESTART = say("Restart keepalived automatically if it crashes")
REMEMBER = say("Record where the address was moved to")
MEMBERS = say("Record which servers belong to the cluster")
KEEP = say("Keep the previous configuration until the change is proven")
TEST = say("Test the new configuration with the daemon")
AT_BOOT = say("Start keepalived at boot")
ROOT_ONLY = say("Make the configuration readable by root only")
NO_CHECK_SCRIPT = say("Remove the health check script")
NO_SCRIPTS = say("Remove scripts that are no longer used")
# Templates: what they are for differs from plan to plan.
ACTIVATE = say("Activate the configuration: {why}", why="").template
WAIT = say("Wait for the other server: {why}", why="").template
PROVE = coded(Landmark.PROVEN, say("Prove that exactly one server holds each address"))
LOOK = coded(Landmark.REMOVED, say("Check whether anything of floatip is left"))


@dataclass(frozen=True, slots=True)
class Action:
    """One step on some hosts."""

    what: Said
    nodes: tuple[str, ...]


def reboot(name: str) -> Said:
    """What the reboot of a server is called."""
    return coded(Landmark.REBOOTED, say("Reboot {name} and wait until it is healthy", name=name))


def name_of(step: Step | Wait) -> Said:
    """What a step of the plan is called."""
    return say(ACTIVATE if isinstance(step, Step) else WAIT, why=step.why)


def actions(
    cluster: Cluster, wanted: Mapping[str, str], states: Mapping[str, HostState], plan: Plan, moved: Moves
) -> list[Action]:
    """Everything that will be done; nothing where all is as it should be. FirewallError where that cannot be known."""
    per_host = {name: list(_of_host(cluster, name, found)) for name, found in states.items()}
    record = members.record(cluster, members.left_behind(cluster, states))
    for name, found in states.items():
        per_host[name] += [MEMBERS] if _differs(found, "members", record, "0644") else []
        per_host[name] += _of_conf(found, wanted[name], moved.note, plan)
    ordered = sorted({what for found in per_host.values() for what in found}, key=ORDER.index)
    listed = [Action(what, tuple(name for name, found in per_host.items() if what in found)) for what in ordered]
    listed += [Action(KEEP, tuple(states))] if plan.steps else []
    listed += [Action(name_of(step), (step.node,)) for step in plan.steps]
    if plan.steps or not requirements.proven(cluster, states) or requirements.under_way(states):
        listed.append(Action(PROVE, (next(iter(states)),)))
    tidied = tuple(name for name, found in states.items() if not cluster.scripts and "check" in found.files)
    unused = tuple(name for name, found in states.items() if shipping.left(cluster, name, found))
    last = ((NO_CHECK_SCRIPT, tidied), (NO_SCRIPTS, unused))
    return [*listed, *(Action(what, names) for what, names in last if names)]


ORDER = [
    *(RECORD, INSTALL, LOG_FILE, ROTATE, RUN_RSYSLOG, ARM, ACCEPT, DISARM),
    *(NETWORKD, BIND, NO_BIND, CHECK_SCRIPT, SHIP, RESTART, REMEMBER, MEMBERS, TEST, AT_BOOT, ROOT_ONLY),
]


def _of_host(cluster: Cluster, name: str, found: HostState) -> Iterator[Said]:
    if requirements.recording(cluster, found):
        yield RECORD
    if requirements.missing(cluster, found):
        yield INSTALL
    yield from _of_log(cluster, found)
    needed = requirements.firewall_plan(cluster, name, found)
    yield from _of_firewall(needed)
    if networkd.script(cluster, name, found):
        yield NETWORKD
    if nonlocal_bind.script(cluster, found):
        yield BIND if cluster.nonlocal_bind else NO_BIND
    if cluster.scripts and _differs(found, "check", render.check_script(cluster.scripts), "0755"):
        yield CHECK_SCRIPT
    if shipping.wanting(cluster, name, found):
        yield SHIP
    if _differs(found, "restart", render.restart_conf(), "0644"):
        yield RESTART
    if not (found.enabled("keepalived") or "keepalived" not in found.packages):
        yield AT_BOOT


def _of_conf(found: HostState, conf: str, note: str | None, plan: Plan) -> Iterator[Said]:
    if not plan.steps and _differs(found, "moved", note, "0644"):
        yield REMEMBER
    if found.text("conf") != conf:
        yield TEST
    if plan.kind is Kind.NOTHING and not requirements.private(found):
        yield ROOT_ONLY


def _of_log(cluster: Cluster, found: HostState) -> Iterator[Said]:
    if _differs(found, "rsyslog", render.rsyslog_conf(found.logs) if cluster.log_file else None, "0644"):
        yield LOG_FILE
    if _differs(found, "logrotate", render.logrotate_conf(found.logs) if cluster.log_file else None, "0644"):
        yield ROTATE
    there = "rsyslog" in found.packages
    if cluster.log_file and there and not (found.enabled("rsyslog") and found.active("rsyslog")):
        yield RUN_RSYSLOG


def _of_firewall(needed: firewall.Plan) -> Iterator[Said]:
    if needed.arm:
        yield ARM
    if needed.script:
        yield ACCEPT
    if needed.disarm:
        yield DISARM


def _differs(found: HostState, key: str, text: str | None, mode: str) -> bool:
    file = found.files.get(key)
    return file is not None if text is None else not same(file, text, mode)
