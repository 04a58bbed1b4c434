"""What should move along with an address: the other instances of its group, its routes and rules, and mail of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from floatip.hosts.kernel_routes import KINDS, matches
from floatip.model.messages import say
from floatip.operate.doctor.model import Case, Code, Finding

SENT = "SMTP alert successfully sent"
REFUSED = re.compile(
    r"SMTP connection ERROR|Timeout \w+ .*SMTP server|(Error|Can ?not) .*SMTP server|SMTP server .* has closed"
    r"|smtp fd \d+ returned"
)


def group_split(case: Case) -> Iterator[Finding]:
    """A server is MASTER of some instances of a group, and not of all."""
    for name, seen in case.seen.items():
        for group in case.cluster.vrrp_sync_group:
            running = seen.daemon.instances
            states = {instance: running[instance].state for instance in group.instances if instance in running}
            if "master" in states.values() and len({*states.values()}) > 1:
                what = say(
                    "The instances of {group} have different states on {name}, but should move together.",
                    group=group.name,
                    name=name,
                )
                mend = say("Run this again: an election may be under way. If it stays so, deploy again.")
                lines = tuple(f"{instance}: {state}" for instance, state in states.items())
                yield Finding(Code.GROUP_SPLIT, name, what, mend, lines)


def route_missing(case: Case) -> Iterator[Finding]:
    """The server with the addresses lacks a route or a rule that moves along with them."""
    for name, seen in case.seen.items():
        for instance in case.cluster.instances_of(name):
            running = seen.daemon.instances.get(instance.name)
            if running is None or running.state != "master" or seen.aside.routes is None:
                continue
            for kind in KINDS:
                for line in getattr(instance, kind):
                    if not any(matches(kind, line, entry) for entry in seen.aside.routes[kind]):
                        values = {"name": name, "instance": instance.name, "line": line}
                        what = say("{name} has the addresses of {instance}, but not {line}.", **values)
                        mend = say("Move the address to another server and back. The log of keepalived may say why.")
                        yield Finding(Code.ROUTE_MISSING, name, what, mend)


def mail_fails(case: Case) -> Iterator[Finding]:
    """The last mail that keepalived tried to send was not taken, as its log says; or the mail server cannot be
    connected to: of one that refuses at once, as on the server itself, the log says little or nothing."""
    if not any(instance.smtp_alert for instance in case.cluster.instances):
        return
    for name, seen in case.seen.items():
        journal = [line for line in seen.aside.journal if SENT in line or REFUSED.search(line)][-1:]
        lines = [line for line in journal if SENT not in line]
        if lines or seen.aside.mail is False:
            what = say(
                "keepalived on {name} could not send mail to {server}.",
                name=name,
                server=case.cluster.smtp_server or "-",
            )
            mend = say("Check that the mail server answers there and accepts mail without TLS and a password.")
            yield Finding(Code.MAIL_FAILS, name, what, mend, tuple(lines))
