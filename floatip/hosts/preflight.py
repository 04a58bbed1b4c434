"""Is each host what the inventory says it is? Pure: cluster and host states → problems.

Everything here is looked at before any host is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from floatip.hosts import advice, members, systems
from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.paths import FOREIGN_CONF, KEEPALIVED_CONF, MARKER
from floatip.model.problems import Level, Problem
from floatip.model.settings import GLOBAL

__all__ = ["ALWAYS", "Code", "check", "is_ours", "programs"]

ALWAYS = frozenset({Code.NOT_ROOT, Code.NO_APT})
"""What even a removal cannot do without."""


def check(cluster: Cluster, hosts: Mapping[str, HostState], *, replace: bool = False) -> tuple[Problem, ...]:
    """All problems of all hosts. `replace`: a hand-made keepalived.conf may be replaced."""
    problems: list[Problem] = []
    for name, host in hosts.items():
        problems.extend(systems.problems(name, host))
        problems.extend(systems.obstacles(name, host))
        problems.extend(_configuration(name, host, replace))
        problems.extend(problem for row in GLOBAL for problem in members.newer(name, row, cluster, "", host))
        problems.extend(advice.of(cluster, name, host))
        problems.extend(programs(name, host))
        for instance in cluster.instances_of(name):
            member = instance.member(name)
            if member:
                problems.extend(members.problems(name, instance, member, host))
    return tuple(dict.fromkeys(problems))


def programs(name: str, host: HostState) -> Iterator[Problem]:
    """What keepalived would disable, or the whole file with it."""
    for program, found in host.programs.items():
        if found.uid is None:
            message = say("{name} has no user {user}.", name=name, user=program.user.split()[0])
            yield Problem(program.where, Code.NO_SUCH_USER, message, say("Add the user there, or choose another one."))
        elif not found.there:
            message = say("{name} has no {path}.", name=name, path=program.path)
            hint = say("Put it there: keepalived does not run it until then.")
            yield Problem(program.where, Code.NO_SUCH_PROGRAM, message, hint, Level.WARNING)
        elif (found.uid == 0 or program.as_root) and not found.safe:
            message = say(
                "{name}: {path} is to run as root, but other users can change it.", name=name, path=program.path
            )
            hint = say(
                "Make root the owner of it and of every directory above it, writable by root only, or choose "
                "another user."
            )
            yield Problem(program.where, Code.UNSAFE_PROGRAM, message, hint)


def _configuration(name: str, host: HostState, replace: bool) -> Iterator[Problem]:
    text = host.text("conf")
    if text is not None and text.strip() and not is_ours(text) and not replace:
        yield Problem(
            f"nodes.{name}",
            Code.FOREIGN_CONFIGURATION,
            say(
                "{name} already has a {file} that floatip did not write.",
                name=name,
                file=KEEPALIVED_CONF,
            ),
            say(
                "Nothing was changed. `floatip deploy FILE --replace` replaces that file; it is kept as {file}.",
                file=FOREIGN_CONF,
            ),
        )


def is_ours(text: str) -> bool:
    """Whether floatip wrote this keepalived.conf."""
    return text.startswith(MARKER)
