"""What is wrong though the daemon runs: health checks, the next boot, the log, the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator

from floatip.change import shipping
from floatip.hosts import preflight
from floatip.hosts.host_state import same
from floatip.keepalived import render
from floatip.model.messages import say
from floatip.model.settings import scripts
from floatip.model.tracking import Script
from floatip.operate import status
from floatip.operate.doctor.model import DEPLOY_AGAIN, Case, Code, Finding, Seen

UNSAFE = re.compile(r"unsafe permissions|disabling|not found/accessible|is not executable", re.IGNORECASE)
NOT_STARTED = re.compile(r"Error exec-ing command|Couldn't (find|execute) command", re.IGNORECASE)
CLOCKS_DIFFER = 3.0  # seconds


def script_security(case: Case) -> Iterator[Finding]:
    """keepalived will not run a health check, for want of safe permissions."""
    for name, seen in case.seen.items():
        lines = tuple(line for line in seen.aside.loaded if UNSAFE.search(line))[-2:]
        script = case.cluster.scripts and not same(
            seen.state.files.get("check"), render.check_script(case.cluster.scripts), "0755"
        )
        if script or (lines and any(check.name not in seen.daemon.checks for check in _scripts(case, name))):
            what = say("A health check cannot be run on {name}: its program is missing, or not safe to run.", name=name)
            mend = say(
                "The program must belong to root, and nobody else may change it. To restore floatip's own, "
                "deploy again."
            )
            yield Finding(Code.SCRIPT_SECURITY, name, what, mend, lines)


def script_not_run(case: Case) -> Iterator[Finding]:
    """A program that keepalived shall run is not there, or not safe, or its user is not; or it said so itself."""
    for name, seen in case.seen.items():
        for problem in preflight.programs(name, seen.state):
            lines = tuple(line for line in seen.aside.loaded if UNSAFE.search(line))[-2:]
            yield Finding(Code.SCRIPT_NOT_RUN, name, problem.message, problem.hint, lines)
        for path in shipping.wanting(case.cluster, name, seen.state):
            what = say("{path} on {name} is missing, or was changed there.", path=path, name=name)
            yield Finding(Code.SCRIPT_NOT_RUN, name, what, DEPLOY_AGAIN)
        yield from _not_started(name, seen, sorted(scripts.named(case.cluster, name)))


def _not_started(name: str, seen: Seen, paths: list[str]) -> Iterator[Finding]:
    """What the kernel did not start: there, safe, and yet no program that it knows, or one whose interpreter is not."""
    for path in paths:
        lines = [
            line for line in (*seen.aside.loaded, *seen.aside.journal) if NOT_STARTED.search(line) and path in line
        ]
        if lines:
            what = say("keepalived on {name} could not start {path}.", name=name, path=path)
            mend = say("Run it there as its user, and check the interpreter in its first line.")
            yield Finding(Code.SCRIPT_NOT_RUN, name, what, mend, (lines[-1],))


def check_fails(case: Case) -> Iterator[Finding]:
    """A health check fails."""
    for name, seen in case.seen.items():
        for script in _scripts(case, name):
            if seen.daemon.checks.get(script.name) is False:
                what = say("Health check {check} fails on {name}.", check=script.name, name=name)
                mend = say("Check what it tests: {target}.", target=script.target)
                said = seen.aside.said.get(render.command_line(script))
                yield Finding(Code.CHECK_FAILS, name, what, mend, (said,) if said else ())


def not_enabled(case: Case) -> Iterator[Finding]:
    """It would not come back after a reboot."""
    for name, seen in case.seen.items():
        if "keepalived" in seen.state.packages and not seen.state.enabled("keepalived") and seen.aside.load != "masked":
            what = say("keepalived does not start at boot on {name}.", name=name)
            yield Finding(
                Code.NOT_ENABLED, name, what, say("Run `systemctl enable keepalived` there, or deploy again.")
            )


def no_log(case: Case) -> Iterator[Finding]:
    """The log file gets nothing."""
    for name, seen in case.seen.items():
        if not case.cluster.log_file:
            return
        wanted = render.rsyslog_conf(seen.state.logs)
        if not seen.state.active("rsyslog") or not same(seen.state.files.get("rsyslog"), wanted, "0644"):
            what = say("Nothing writes /var/log/keepalived.log on {name}.", name=name)
            yield Finding(Code.NO_LOG, name, what, DEPLOY_AGAIN)


def clock_differs(case: Case) -> Iterator[Finding]:
    """Two logs cannot be compared."""
    for name, seen in case.seen.items():
        if abs(seen.clock) > CLOCKS_DIFFER:
            what = say("The clock of {name} is off by {time}.", name=name, time=status.age(abs(seen.clock)))
            yield Finding(Code.CLOCK, name, what, say("Synchronize it with a time server: `timedatectl set-ntp true`."))


def _scripts(case: Case, name: str) -> list[Script]:
    tracked = {script for instance in case.cluster.instances_of(name) for script in instance.track_script}
    return [script for script in case.cluster.scripts if script.name in tracked]


def cannot_bind(case: Case) -> Iterator[Finding]:
    """The kernel does not let services bind a floating address that is elsewhere, though the inventory asks for it."""
    for name, seen in case.seen.items():
        off = [family for family in case.cluster.families if seen.state.nonlocal_bind.get(family) is False]
        if case.cluster.nonlocal_bind and off:
            what = say("Services on {name} cannot bind the floating address while it is elsewhere.", name=name)
            evidence = tuple(f"net.ipv{family}.ip_nonlocal_bind = 0" for family in off)
            yield Finding(Code.CANNOT_BIND, name, what, DEPLOY_AGAIN, evidence)
