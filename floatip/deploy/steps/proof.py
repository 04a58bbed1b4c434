"""The proof: exactly one node holds each virtual address, and it answers, within the predicted time; and the file of
each node is the wanted one, so that nobody else has changed the cluster meanwhile."""

from __future__ import annotations

import time

import gevent
from pyinfra import host, logger
from pyinfra import state as current
from pyinfra.api import State

from floatip.change import summary
from floatip.change.plan import addresses
from floatip.deploy.operations import scripts
from floatip.deploy.operations.keepalived import LIVE, live_script
from floatip.deploy.session import leasing
from floatip.deploy.steps import answers, checks, origin, routes
from floatip.deploy.steps.answers import Asking, Seen
from floatip.deploy.survey import foreign
from floatip.deploy.survey.result import Survey
from floatip.deploy.transaction.holders import POLL, described, holders, look, silent
from floatip.deploy.transaction.transaction import transaction
from floatip.hosts import connection
from floatip.keepalived import timing
from floatip.language.telling import tell
from floatip.model import passwords, paths
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import Said, all_of, one_after_the_other, say
from floatip.runs import detached
from floatip.runs.events import Cause, Failed, Failure, Proved, sentence
from floatip.server_side import shell

AGREEING = 3  # looks in a row that must show the same single holders
SLACK = 5.0  # seconds for starting daemons and asking the hosts

DROPPED = say(
    "The servers do not hear each other's adverts: something between them drops VRRP (IP protocol "
    "112) – a firewall that floatip did not find, the switch, or the provider's network. Where "
    "multicast is not carried, 'unicast': True helps."
)


def prove(survey: Survey) -> None:
    """Poll until every address has exactly one holder; where that fails, roll back and say the likely cause.

    Nothing is asked where nothing was changed and the survey itself showed the proof: that is told then.
    """
    seen = {name: found.held for name, found in survey.states.items()}
    settled = not survey.plan.steps and not transaction(survey).keeping.nodes
    first = host.name == next(iter(survey.hosts))
    if first and settled:
        seen |= foreign.held(current, survey)
    proven = settled and all(_single(survey, instance, seen) for instance in survey.cluster.instances)
    if first and proven:
        for instance, address in answers.floating(survey):
            holder = answers.holder(seen, address)
            detached.tell(Proved(address, holder, answers.managed(instance, holder), instance.name))
    scripts.call(
        name=summary.PROVE,
        work=(lambda state, host: _prove(survey, state)) if first and not proven else None,
    )


def deadline(cluster: Cluster) -> float:
    """Seconds within which all addresses must have settled, as the settings predict."""
    return timing.settle_bound(cluster) + SLACK


def patience(cluster: Cluster) -> float:
    """Seconds after which a device that accepts no advert of the servers, for one with another password, has taken an
    address as well; 0 without such devices."""
    devices = ((instance, device.priority) for instance in cluster.instances for device in instance.foreign)
    return max((timing.master_down(*device) + timing.SLACK for device in devices), default=0.0)


def _prove(survey: Survey, state: State) -> bool:
    seen, asking = _settled(survey, state)
    wrong = [instance for instance in survey.cluster.instances if not _single(survey, instance, seen)]
    if wrong:
        transaction(survey).fail(state, _verdict(survey, state, wrong, seen))
        return False
    holding = {
        instance.name: answers.holder(seen, str(instance.virtual_ipaddress[0].ip))
        for instance in survey.cluster.instances
    }
    if other := _other_file(survey, state) or routes.misplaced(survey, state, holding):
        transaction(survey).fail(state, other)
        return False
    transaction(survey).prove(state)
    origin.remember(survey, state)
    for event in (asking or Asking(survey, state, seen)).events():
        detached.tell(event)
        (logger.warning if event.others else logger.info)("    %s", tell(sentence(event)))
    checks.report(survey, state)
    return True


def _other_file(survey: Survey, state: State) -> Failed | None:
    """What is wrong with the live file of the first node where something is.

    Read as a step of this run, which a node refuses where another run has the lease by now: also one that has written
    the very same file. A run that changes nothing has no lease, and only looks.
    """
    read = leasing.step if leasing.held(state) else connection.run
    found = connection.each(survey.hosts, lambda name: read(state, survey.hosts[name], live_script(), timeout=10))
    for name, answer in found.items():
        if answer.lost:
            return Failed(Failure.LEASE_LOST, answer.lost, name)
        if not answer.ok or LIVE + shell.checksum(survey.wanted[name]) not in answer.stdout.splitlines():
            message = say(
                "At the end, {file} on {node} is not the expected one.", node=name, file=paths.KEEPALIVED_CONF
            )
            return Failed(Failure.OTHER_FILE, message, name, answer.stderr)
    return None


def _settled(survey: Survey, state: State) -> tuple[Seen, Asking | None]:
    """The last look, and who is asked about it since the first look that agreed; nobody where the holders changed."""
    until = time.monotonic() + deadline(survey.cluster)
    agreeing, since, asking = 0, 0.0, None
    while True:
        begin = time.monotonic()
        seen = {**look(state, survey.hosts), **foreign.held(state, survey)}
        agreeing = agreeing + 1 if _at_home(survey, seen) else 0
        since = begin if agreeing < 2 else since
        if agreeing and (asking is None or (asking.job.ready() and not asking.about(seen))):
            asking = Asking(survey, state, seen)
        if (agreeing >= AGREEING and begin - since >= patience(survey.cluster)) or begin > until:
            return seen, asking if asking and asking.about(seen) else None
        gevent.sleep(POLL)


def _at_home(survey: Survey, seen: Seen) -> bool:
    """One holder each, and the one that the settings prefer: before that the cluster is still moving.

    A node that a health check holds back never gets there; then one holder at the deadline is proof enough.
    """
    single = all(_single(survey, instance, seen) for instance in survey.cluster.instances)
    return single and all(
        instance.nopreempt
        or instance.preempt_delay
        or instance.leader.node not in seen
        or addresses(instance) <= (seen[instance.leader.node] or frozenset())
        for instance in survey.cluster.instances
    )


def _single(survey: Survey, instance: Instance, seen: Seen) -> bool:
    """One holder, of all that moves together; none is as good where other nodes, left out by --limit, may hold it."""
    outside = any(member.node not in survey.hosts for member in instance.members)
    counts = [sum(address in (held or ()) for held in seen.values()) for address in addresses(instance)]
    every = frozenset[str]().union(*(addresses(sibling) for sibling in survey.cluster.together(instance)))
    single = sum(bool(every & (held or frozenset())) for held in seen.values()) <= 1
    return single and all(count == 1 or (outside and count == 0) for count in counts)


def _verdict(survey: Survey, state: State, wrong: list[Instance], seen: Seen) -> Failed:
    every = frozenset().union(*(addresses(instance) for instance in wrong))
    found = holders(seen, every)
    twice = any(len(names) > 1 for names in found.values())
    late = say("The cluster did not settle within {seconds} s.", seconds=f"{deadline(survey.cluster):.0f}")
    cause = Cause.VRRP_DROPPED if twice else Cause.UNKNOWN
    lines = [] if twice else _last_words(survey, state)
    indented = "".join(f"\n      {line}" for line in lines)
    devices = [device.node for instance in wrong for device in instance.foreign]
    why = (
        _apart(devices)
        if twice and devices
        else DROPPED
        if twice
        else say("The last log lines of keepalived:{lines}", lines=indented)
    )
    message = one_after_the_other([late, described(seen, every), why])
    said, absent = "\n".join(lines), silent(seen)
    return Failed(Failure.NOT_SETTLED, message, said=said, holders=found, silent=absent, cause=cause)


def _apart(devices: list[str]) -> Said:
    return say(
        "The servers and {names} do not accept each other's adverts: their authentication, advert_int, "
        "VRRP version or list of addresses differ, or something between them drops VRRP (IP protocol "
        "112).",
        names=all_of(devices),
    )


def _last_words(survey: Survey, state: State) -> list[str]:
    lines = []
    for name, server in survey.hosts.items():
        answer = connection.run(state, server, "journalctl -q -n 4 --no-pager -o cat -u keepalived.service", timeout=10)
        lines += [f"{name}: {line}" for line in passwords.hidden(answer.stdout).splitlines()]
    return lines
