"""What came of it: an address that is held twice or by nobody, and a status that nothing explains."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from floatip.model.messages import say
from floatip.operate import status
from floatip.operate.doctor.model import DEPLOY_AGAIN, Case, Code, Finding

NETWORK = say("Let IP protocol 112 through between them; where the network carries no multicast, set 'unicast': True.")
JOURNAL = say("Run `journalctl -u keepalived` there: the daemon says why.")
FIRST = say("See what comes before it.")


def held_wrongly(case: Case, found: Collection[Finding]) -> Iterator[Finding]:
    """An address is held twice, or by nobody: told whatever explains it. `found`: what does."""
    for row in _rows(case):
        if row.verdict != "bad":
            continue
        twice = row.code is status.Code.TWICE
        # With the same settings they refuse nothing of each other, whatever they have counted in earlier days.
        unheard = twice and (not found or row.cause_code is status.Cause.VRRP_DROPPED)
        what = say("{sentence} {cause}", sentence=row.sentence, cause=status.DROPPED if unheard else row.cause)
        mend = FIRST if found else NETWORK if unheard else DEPLOY_AGAIN
        code = Code.UNHEARD if unheard else Code.HELD_TWICE if twice else Code.HELD_BY_NOBODY
        yield Finding(code, "", what, mend, (*_counted(case, row.instance), *_dropped(case)))


def unexplained(case: Case) -> Iterator[Finding]:
    """The status is not what it should be, and nothing says why."""
    for row in _rows(case):
        for node in row.nodes:
            if node.state not in ("master", "backup"):
                what = say("{name}: {state}.", name=node.name, state=node.label)
                yield Finding(Code.NOT_TAKING_PART, node.name, what, JOURNAL, _counted(case, row.instance))
        if row.level == "warning":
            yield Finding(Code.CHECK_FAILS, "", row.cause, JOURNAL, _counted(case, row.instance))
        stays = any(
            instance.name == row.instance and (instance.nopreempt or instance.preempt_delay)
            for instance in case.cluster.instances
        )
        if row.verdict == "unknown" or (row.code is status.Code.NOT_PREFERRED and not stays):
            mend = say("Run this again: an election may be under way.")
            yield Finding(Code.NOT_AT_HOME, "", row.sentence, mend, _counted(case, row.instance))


def _rows(case: Case) -> list[status.Row]:
    return status.read(case.cluster, {name: seen.daemon for name, seen in case.seen.items()})


def _counted(case: Case, instance: str) -> tuple[str, ...]:
    """What the daemons themselves have counted."""
    found = ((name, vrrp) for name, seen in case.seen.items() if (vrrp := seen.daemon.instances.get(instance)))
    return tuple(
        ", ".join(
            [f"{name} {instance}: {vrrp.state}", *(f"{key} {vrrp.counters[key]}" for key in sorted(vrrp.counters))]
        )
        for name, vrrp in found
    )


def _dropped(case: Case) -> tuple[str, ...]:
    """What the firewalls have counted."""
    return tuple(f"{name}: {line}" for name, seen in case.seen.items() for line in seen.aside.drops)
