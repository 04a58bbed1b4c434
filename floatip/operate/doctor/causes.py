"""One function a cause. Their order is the diagnosis: what explains the others comes first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from floatip import firewall
from floatip.change import differences, members, requirements
from floatip.hosts import preflight
from floatip.hosts.host_state import HostState, same
from floatip.hosts.network_scan import Protocol
from floatip.hosts.preflight import Code as Ahead
from floatip.keepalived import conf, render
from floatip.model import paths
from floatip.model.cluster import Instance, Script
from floatip.model.messages import say
from floatip.operate import status
from floatip.operate.doctor.model import Case, Code, Finding
from floatip.server_side.pending import change

AGAIN = say("Deploy again: it puts everything back as the inventory says.")
UNSAFE = re.compile(r"unsafe permissions|disabling|not found/accessible|is not executable", re.IGNORECASE)
COMPLAINT = re.compile(r"unknown keyword|invalid|error|cannot|unable|fail|refus|not found|missing", re.IGNORECASE)
VIRTUAL_MAC = "00:00:5e:00:0"
MISPLACED = frozenset({Ahead.NO_SUCH_INTERFACE, Ahead.INTERFACE_DOWN, Ahead.ADDRESS_NOT_ON_INTERFACE})
CLOCKS_DIFFER = 3.0  # seconds


def silent(case: Case) -> Iterator[Finding]:
    """Nothing is known of a server that does not answer."""
    for name, why in case.failures.items():
        what = say("{name} could not be checked. {why}", name=name, why=why)
        yield Finding(Code.UNREACHABLE, name, what, say("Fix that, then run this again."))


def under_way(case: Case) -> Iterator[Finding]:
    """A change that no run has brought to its end: what else is wrong may be over with it."""
    for name, seen in case.seen.items():
        if seen.state.change:
            mend = say("Wait until it is over, or deploy again.")
            yield Finding(Code.UNDER_WAY, name, change.told(name, seen.state.change), mend)


def unprepared(case: Case) -> Iterator[Finding]:
    """The package is gone, or its service cannot be started."""
    for name, seen in case.seen.items():
        if "keepalived" not in seen.state.packages:
            yield Finding(Code.NOT_INSTALLED, name, say("keepalived is not installed on {name}.", name=name), AGAIN)
        elif seen.aside.load == "masked":
            mend = say("Run `systemctl unmask keepalived` there, then deploy again.")
            yield Finding(Code.MASKED, name, say("The service is masked on {name}.", name=name), mend)


def misplaced(case: Case) -> Iterator[Finding]:
    """The interface is gone or down, or has lost the server's own address."""
    states = {name: seen.state for name, seen in case.seen.items()}
    for problem in preflight.check(case.cluster, states, replace=True):
        if problem.code in MISPLACED:
            name = problem.path.split(".")[1]
            yield Finding(Code(problem.code), name, problem.message, problem.hint, _links(states[name]))


def full(case: Case) -> Iterator[Finding]:
    """Nothing can be written any more."""
    for name, seen in case.seen.items():
        for place in seen.state.full:
            what = say("{place} is full on {name}.", place=place, name=name)
            yield Finding(Code.DISK_FULL, name, what, preflight.make_room(place))


def readonly(case: Case) -> Iterator[Finding]:
    """A file system takes no change."""
    for name, seen in case.seen.items():
        for place in seen.state.readonly:
            yield Finding(Code.READ_ONLY, name, preflight.read_only(name, place), preflight.READ_ONLY)


def changed(case: Case) -> Iterator[Finding]:
    """The live file is not what the inventory says."""
    for name, seen in case.seen.items():
        live, wanted = seen.state.text("conf"), case.wanted.get(name)
        if wanted is None or not differences.differs(live or "", wanted):
            continue
        if not conf.lines(live or ""):
            yield Finding(Code.NO_CONFIGURATION, name, say("{name} has no keepalived.conf.", name=name), AGAIN)
            continue
        lines = _changed(differences.difference(live or "", wanted))
        what = say(
            "keepalived.conf on {name} is not what the inventory says: {settings}.",
            name=name,
            settings=", ".join(_keywords(lines)) or "-",
        )
        unclear = conf.unclear(live or "")
        written = say("floatip cannot interpret this line: {line}. Take it out there, then deploy again.", line=unclear)
        yield Finding(Code.DRIFT, name, what, written if unclear else AGAIN, lines)


def stopped(case: Case) -> Iterator[Finding]:
    """The daemon does not run: because it failed, or because somebody stopped it."""
    for name, seen in case.seen.items():
        if seen.vitals.running or "keepalived" not in seen.state.packages:
            continue
        if seen.aside.result not in ("", "success"):
            lines = tuple(line for line in seen.aside.journal if COMPLAINT.search(line))[-4:]
            what = say("keepalived has failed on {name} ({result}).", name=name, result=seen.aside.result)
            yield Finding(Code.FAILED, name, what, AGAIN, lines)
        else:
            what = say("keepalived is stopped on {name}.", name=name)
            yield Finding(Code.STOPPED, name, what, say("Run `systemctl start keepalived` there, or deploy again."))


def unloaded(case: Case) -> Iterator[Finding]:
    """The file is right, and the daemon runs with another."""
    for name, seen in case.seen.items():
        written = conf.instances(seen.state.text("conf") or "")
        for instance in case.cluster.instances_of(name):
            running = seen.vitals.instances.get(instance.name)
            settings = written.get(instance.name)
            if running is None or not settings:
                continue
            told = ((*settings.get("virtual_router_id", ()), "")[0], str(conf.priority(settings)))
            present = (str(running.virtual_router_id), str(running.base_priority))
            if told != present:
                what = say("keepalived on {name} runs with other settings than its file says.", name=name)
                line = f"{instance.name}: VRID {present[0]}, priority {present[1]}; file: {told[0]}, {told[1]}"
                yield Finding(Code.NOT_LOADED, name, what, say("Run `systemctl reload keepalived` there."), (line,))


def by_hand(case: Case) -> Iterator[Finding]:
    """Somebody gave a floating address to a server whose daemon does not lead."""
    for name, seen in case.seen.items():
        for instance in case.cluster.instances_of(name):
            running = seen.vitals.instances.get(instance.name)
            unknown = running is None and seen.vitals.running and not seen.vitals.instances
            if unknown or (running is not None and running.state == "master"):
                continue
            for address in sorted(_addresses(instance) & seen.vitals.held):
                what = say("{name} has {address}, though its keepalived does not lead.", name=name, address=address)
                member = instance.member(name)
                mend = say(
                    "Take it away: `ip address del {address} dev {interface}`.",
                    address=address,
                    interface=member.interface if member else "",
                )
                yield Finding(Code.HELD_BY_HAND, name, what, mend, _links(seen.state))


def left(case: Case) -> Iterator[Finding]:
    """A server that was taken out of the inventory, and that nobody has taken out of the cluster."""
    for one in members.left_behind(case.cluster, {name: seen.state for name, seen in case.seen.items()}):
        what = say(
            "{name} (SSH {place}) was taken out of the inventory and may still run keepalived.",
            name=one.name,
            place=one.known.place,
        )
        mend = say("Put it back into the inventory, or deploy with --data floatip_dismiss={name}.", name=one.name)
        yield Finding(Code.LEFT_BEHIND, one.name, what, mend, tuple(f"{name}: {paths.MEMBERS}" for name in one.by))


def shut_out(case: Case) -> Iterator[Finding]:
    """A firewall drops VRRP."""
    for name, seen in case.seen.items():
        try:
            needed = requirements.firewall_plan(case.cluster, name, seen.state)
        except firewall.FirewallError:
            continue
        if needed.script and needed.arm:
            what = say("The firewall of {name} drops VRRP.", name=name)
            lines = (*needed.changes, *seen.aside.drops)
            yield Finding(Code.FIREWALL, name, what, say("Deploy again: it adds the rules that are missing."), lines)


def strangers(case: Case) -> Iterator[Finding]:
    """Another router in the network uses the same group number."""
    ours = {str(member.source) for instance in case.cluster.instances for member in instance.members}
    ours |= {address for seen in case.seen.values() for address in seen.vitals.held}
    speakers: dict[tuple[str, int, Protocol], dict[str, str]] = {}
    for name, seen in case.seen.items():
        for instance in case.cluster.instances_of(name):
            for advert in seen.heard.adverts:
                if advert.virtual_router_id == instance.virtual_router_id and advert.source not in ours:
                    speaker = (advert.source, advert.virtual_router_id, advert.protocol)
                    speakers.setdefault(speaker, {}).setdefault(name, f"{name}, {advert.interface}: {advert}")
    for (source, vrid, protocol), lines in speakers.items():
        what = say("{source}, which is none of the servers, uses VRID {vrid} too.", source=source, vrid=vrid)
        if protocol is Protocol.CARP:
            what = say("{source} speaks CARP with VHID {vrid}, the number of our VRID.", source=source, vrid=vrid)
        mend = say("Choose another virtual_router_id, or have that router use another.")
        yield Finding(Code.FOREIGN_VRRP, next(iter(lines)), what, mend, tuple(lines.values()))


def taken(case: Case) -> Iterator[Finding]:
    """A machine that is none of the servers answers for a floating address. It may be a server that does not answer."""
    if case.failures:
        return
    ours = {link.mac for seen in case.seen.values() for link in seen.state.links}
    others: dict[tuple[str, str], dict[str, str]] = {}
    for name, seen in case.seen.items():
        for interface, address, mac in seen.aside.arp:
            if mac not in ours and not mac.startswith(VIRTUAL_MAC):
                others.setdefault((mac, address), {})[name] = f"{name}, {interface}: ARP {address} {mac}"
    for (mac, address), lines in others.items():
        what = say("{mac}, which is none of the servers, answers for {address}.", mac=mac, address=address)
        mend = say("Find that machine (the switch knows its port), and give it another address.")
        yield Finding(Code.ADDRESS_TAKEN, next(iter(lines)), what, mend, tuple(lines.values()))


def insecure(case: Case) -> Iterator[Finding]:
    """keepalived will not run a health check, for want of safe permissions."""
    for name, seen in case.seen.items():
        lines = tuple(line for line in seen.aside.loaded if UNSAFE.search(line))[-2:]
        script = case.cluster.scripts and not same(seen.state.files.get("check"), render.check_script(), "0755")
        if script or (lines and any(one.name not in seen.vitals.checks for one in _scripts(case, name))):
            what = say("A health check cannot be run on {name}: its program is missing, or not safe to run.", name=name)
            mend = say("The program must belong to root, and nobody else may write it. For ours, deploy again.")
            yield Finding(Code.SCRIPT_SECURITY, name, what, mend, lines)


def unfit(case: Case) -> Iterator[Finding]:
    """A health check fails."""
    for name, seen in case.seen.items():
        for script in _scripts(case, name):
            if seen.vitals.checks.get(script.name) is False:
                what = say("Health check {check} fails on {name}.", check=script.name, name=name)
                mend = say("Check what it tests: {target}.", target=script.target)
                yield Finding(Code.CHECK_FAILS, name, what, mend)


def forgetful(case: Case) -> Iterator[Finding]:
    """It would not come back after a reboot."""
    for name, seen in case.seen.items():
        if "keepalived" in seen.state.packages and not seen.state.enabled("keepalived") and seen.aside.load != "masked":
            what = say("keepalived does not start at boot on {name}.", name=name)
            yield Finding(
                Code.NOT_ENABLED, name, what, say("Run `systemctl enable keepalived` there, or deploy again.")
            )


def mute(case: Case) -> Iterator[Finding]:
    """The log file gets nothing."""
    for name, seen in case.seen.items():
        if not case.cluster.log_file:
            return
        wanted = render.rsyslog_conf(seen.state.logs)
        if not seen.state.active("rsyslog") or not same(seen.state.files.get("rsyslog"), wanted, "0644"):
            what = say("Nothing writes /var/log/keepalived.log on {name}.", name=name)
            yield Finding(Code.NO_LOG, name, what, AGAIN)


def untimely(case: Case) -> Iterator[Finding]:
    """Two logs cannot be compared."""
    for name, seen in case.seen.items():
        if abs(seen.clock) > CLOCKS_DIFFER:
            what = say("The clock of {name} is off by {time}.", name=name, time=status.age(abs(seen.clock)))
            yield Finding(Code.CLOCK, name, what, say("Have it follow a time server: `timedatectl set-ntp true`."))


CAUSES = (
    *(silent, under_way, unprepared, misplaced, full, readonly, changed, stopped, unloaded, by_hand, left, shut_out),
    *(strangers, taken),
    *(insecure, unfit, forgetful, mute, untimely),
)


def _addresses(instance: Instance) -> set[str]:
    return {str(one.ip) for one in instance.virtual_ipaddress}


def _scripts(case: Case, name: str) -> list[Script]:
    tracked = {script for instance in case.cluster.instances_of(name) for script in instance.track_script}
    return [script for script in case.cluster.scripts if script.name in tracked]


def _links(state: HostState) -> tuple[str, ...]:
    return tuple(
        f"{link.name} {'up' if link.up else 'down'} {' '.join(sorted(link.addresses))}" for link in state.links
    )


def _changed(diff: list[str]) -> tuple[str, ...]:
    return tuple(row for row in diff if row[:1] in "+-" and row[:3] not in ("+++", "---"))[:20]


def _keywords(lines: tuple[str, ...]) -> list[str]:
    words = [line[1:].split() for line in lines]
    return list(dict.fromkeys(one[0] for one in words if one and one[0] not in "{}#!"))[:5]
