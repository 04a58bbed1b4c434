"""The live file, what the daemon has loaded, and what somebody did by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from floatip.change import differences
from floatip.hosts.host_state import HostState
from floatip.keepalived import conf
from floatip.model.cluster import Instance
from floatip.model.messages import Said, say
from floatip.operate.doctor.causes.servers import links
from floatip.operate.doctor.model import DEPLOY_AGAIN, Case, Code, Finding

COMPLAINT = re.compile(r"unknown keyword|invalid|error|cannot|unable|fail|refus|not found|missing", re.IGNORECASE)

RESULTS: Final[dict[str, Said]] = {
    "exit-code": say("it ended with an error"),
    "signal": say("a signal ended it"),
    "core-dump": say("it crashed"),
    "timeout": say("it did not start or stop in time"),
    "start-limit-hit": say("it failed too often in a row"),
    "oom-kill": say("there was not enough memory"),
    "resources": say("systemd could not start it"),
    "protocol": say("it did not report that it had started"),
}
"""How a service ended, as systemd calls it → in words."""


def drift(case: Case) -> Iterator[Finding]:
    """The live file is not what the inventory says."""
    for name, seen in case.seen.items():
        live, wanted = seen.state.text("conf"), case.wanted.get(name)
        if wanted is None or not differences.differs(live or "", wanted):
            continue
        if not conf.lines(live or ""):
            yield Finding(Code.NO_CONFIGURATION, name, say("{name} has no keepalived.conf.", name=name), DEPLOY_AGAIN)
            continue
        lines = _changed(differences.difference(live or "", wanted))
        what = say(
            "keepalived.conf on {name} is not what the inventory says: {settings}.",
            name=name,
            settings=", ".join(_keywords(lines)) or "-",
        )
        unclear = conf.unclear(live or "")
        written = say("floatip cannot interpret this line: {line}. Remove it there, then deploy again.", line=unclear)
        yield Finding(Code.DRIFT, name, what, written if unclear else DEPLOY_AGAIN, lines)


def stopped(case: Case) -> Iterator[Finding]:
    """The daemon does not run: because it failed, or because somebody stopped it."""
    for name, seen in case.seen.items():
        if seen.daemon.running or "keepalived" not in seen.state.packages:
            continue
        if seen.aside.result not in ("", "success"):
            lines = tuple(line for line in seen.aside.journal if COMPLAINT.search(line))[-4:]
            result = RESULTS.get(seen.aside.result, seen.aside.result)
            what = say("keepalived has failed on {name} ({result}).", name=name, result=result)
            yield Finding(Code.FAILED, name, what, DEPLOY_AGAIN, lines)
        else:
            what = say("keepalived is stopped on {name}.", name=name)
            yield Finding(Code.STOPPED, name, what, say("Run `systemctl start keepalived` there, or deploy again."))


def not_loaded(case: Case) -> Iterator[Finding]:
    """The file is right, and the daemon runs with another."""
    for name, seen in case.seen.items():
        written = conf.instances(seen.state.text("conf") or "")
        for instance in case.cluster.instances_of(name):
            running = seen.daemon.instances.get(instance.name)
            settings = written.get(instance.name)
            if running is None or not settings:
                continue
            identity = ((*settings.get("virtual_router_id", ()), "")[0], str(conf.priority(settings)))
            present = (str(running.virtual_router_id), str(running.base_priority))
            if identity != present:
                what = say("keepalived on {name} runs with settings that differ from its file.", name=name)
                line = say(
                    "{instance}: VRID {vrid}, priority {priority}; in the file: VRID {other}, priority {then}",
                    instance=instance.name,
                    vrid=present[0],
                    priority=present[1],
                    other=identity[0],
                    then=identity[1],
                )
                yield Finding(Code.NOT_LOADED, name, what, say("Run `systemctl reload keepalived` there."), (line,))


def held_by_hand(case: Case) -> Iterator[Finding]:
    """Somebody gave a floating address to a server whose daemon does not lead."""
    for name, seen in case.seen.items():
        for instance in case.cluster.instances_of(name):
            running = seen.daemon.instances.get(instance.name)
            unknown = running is None and seen.daemon.running and not seen.daemon.instances
            if unknown or (running is not None and running.state == "master"):
                continue
            for address in sorted(_addresses(instance) & seen.daemon.held):
                what = say("{name} has {address}, though its keepalived is not MASTER.", name=name, address=address)
                mend = say(
                    "Remove it: `ip address del {address} dev {interface}`.",
                    address=address,
                    interface=_interface_of(seen.state, address),
                )
                yield Finding(Code.HELD_BY_HAND, name, what, mend, links(seen.state))


def _interface_of(state: HostState, address: str) -> str:
    """The interface that has an address."""
    return next((link.name for link in state.links if address in {held.split("/")[0] for held in link.addresses}), "")


def _addresses(instance: Instance) -> set[str]:
    return {str(address.ip) for address in instance.addresses}


def _changed(diff: list[str]) -> tuple[str, ...]:
    return tuple(row for row in diff if row[:1] in "+-" and row[:3] not in ("+++", "---"))[:20]


def _keywords(lines: tuple[str, ...]) -> list[str]:
    keywords = [line[1:].split() for line in lines]
    return list(dict.fromkeys(word[0] for word in keywords if word and word[0] not in "{}#!"))[:5]
