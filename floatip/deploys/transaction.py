"""All nodes of a cluster change, or none does: the steps of a plan, and the way back from any of them."""

from __future__ import annotations

import time
from collections.abc import Mapping

import gevent
from pyinfra import logger
from pyinfra.api import Host, State

from floatip import detached, shell
from floatip import plan as planner
from floatip.deploys import alone, remote, watched
from floatip.deploys.survey import Survey
from floatip.events import Failed, Failure, Restored
from floatip.operations.keepalived import LIVE, REFUSED, activate_script, live_script, restore_script
from floatip.plan import Live, Step, Wait
from floatip.words import Said, all_of, one_after_the_other, say

POLL = 0.15  # seconds between two looks
_transactions: dict[int, Transaction] = {}


class Transaction:
    """What this run has changed so far on the nodes of one cluster."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.touched: list[str] = []
        self.now: dict[str, str | None] = {name: found.text("conf") or None for name, found in survey.states.items()}

    def take(self, state: State, step: object) -> bool:
        """Take one step; on failure say why, roll everything back and answer False."""
        if isinstance(step, Step):
            failed = self._activate(state, step)
        elif isinstance(step, Wait):
            failed = self._wait(state, step)
        else:
            raise TypeError(f"not a step: {step!r}")
        if failed is None:
            return True
        self.fail(state, failed)
        return False

    def fail(self, state: State, failed: Failed) -> None:
        """Say what went wrong and bring the nodes that were changed back to what they had.

        What looks like a failure of the cluster is none where another run is changing it by now.
        """
        failed = alone.lost(state) or failed
        logger.error(f"    {failed.message}")
        detached.tell(failed)
        if self.touched:
            logger.error("    The previous configuration comes back.")
        for name in self.touched:
            if self.now[name] is None and self._before(name) is not None:
                self._restore(state, name, self._before(name))
        for step in self._way_back(state):
            if isinstance(step, Step):
                self._restore(state, step.node, step.conf)
            else:
                self._wait(state, step)  # in vain or not: the old files come back
        for name in reversed(self.touched):
            answer = self._bring_back(state, name)
            said = "has its previous configuration again" if answer.ok else f"could not be restored: {answer.stderr}"
            logger.error(f"    {name} {said}")
            detached.tell(Restored(name, answer.ok, answer.stderr))
        self.touched.clear()
        self.finish()

    def finish(self) -> None:
        """It is proven, or taken back: nothing is half done."""
        watched.unfinished.discard(id(self))

    def _way_back(self, state: State) -> tuple[Step | Wait, ...]:
        """The steps back, in an order in which somebody always has the address; none where that cannot be had."""
        if not self.touched or any(self._before(name) is None or self.now[name] is None for name in self.touched):
            return ()
        seen = look(state, self.survey.hosts)
        present = {
            name: Live(self.now[name], found.active("keepalived"), False, seen[name] or frozenset())
            for name, found in self.survey.states.items()
        }
        wanted = {name: text for name in self.now if (text := self._before(name)) is not None}
        try:
            steps = planner.make(self.survey.cluster, wanted, present).steps
        except planner.PlanError:
            return ()
        return tuple(step for step in steps if step.node in self.touched)

    def _before(self, name: str) -> str | None:
        return self.survey.states[name].text("conf") or None

    def _bring_back(self, state: State, name: str) -> remote.Answer:
        """Have a node as it was found: said only where its live file was read, and is that one."""
        before = self._before(name)
        if before is not None and self.now[name] == before and (read := self._read_back(state, name)).ok:
            return read
        answer = self._restore(state, name, before)
        return self._read_back(state, name) if answer.ok else answer

    def _read_back(self, state: State, name: str) -> remote.Answer:
        answer, found = self._live(state, name)
        if found == shell.checksum(self._before(name)):
            return answer
        return remote.Answer(False, answer.stdout, answer.stderr or "another configuration is there")

    def _live(self, state: State, name: str) -> tuple[remote.Answer, str | None]:
        """The sum of a node's live file; None where it cannot be had."""
        answer = remote.run(state, self.survey.hosts[name], live_script())
        sums = [line.removeprefix(LIVE) for line in answer.stdout.splitlines() if line.startswith(LIVE)]
        return answer, sums[0] if answer.ok and sums else None

    def _restore(self, state: State, name: str, text: str | None) -> remote.Answer:
        active = self.survey.states[name].active("keepalived")
        answer = alone.step(state, self.survey.hosts[name], restore_script(text, active=active))
        self.now[name] = text if answer.ok else None
        return answer

    def _activate(self, state: State, step: Step) -> Failed | None:
        found = self.survey.states[step.node]
        first = step.node not in self.touched
        if first:
            self.touched.append(step.node)
            watched.unfinished.add(id(self))
        script = activate_script(step.conf, was=found.text("conf") or None if first else None)
        answer = alone.step(state, self.survey.hosts[step.node], script)
        self.now[step.node] = step.conf if answer.ok else None
        if answer.ok:
            return None
        if first and self._live(state, step.node)[1] not in (None, shell.checksum(step.conf)):
            self.touched.remove(step.node)  # it has its own file yet, or what somebody wrote a moment ago: left alone
        if answer.lost:
            return Failed(Failure.LEASE_LOST, answer.lost, step.node)
        said = answer.stderr.strip()
        code = Failure.REFUSED_BY_DAEMON if REFUSED in answer.stdout.splitlines() else Failure.NOT_ACTIVATED
        why = say("{node}: {said}", node=step.node, said=said or say("the daemon did not take the file"))
        return Failed(code, why, step.node, said)

    def _wait(self, state: State, wait: Wait) -> Failed | None:
        hosts = {name: self.survey.hosts[name] for name in wait.by | wait.free_of}
        deadline = time.monotonic() + wait.timeout
        while True:
            seen = look(state, hosts)
            if reached(wait, seen):
                return None
            if time.monotonic() > deadline:
                waited = say("Waited {seconds} s in vain: {why}.", seconds=f"{wait.timeout:.0f}", why=wait.why)
                message = one_after_the_other([waited, described(seen, wait.addresses)])
                found = holders(seen, wait.addresses)
                return Failed(Failure.WAITED_IN_VAIN, message, wait.node, holders=found, silent=silent(seen))
            gevent.sleep(POLL)


def transaction(survey: Survey) -> Transaction:
    """The one transaction of a survey."""
    return _transactions.setdefault(id(survey), Transaction(survey))


def look(state: State, hosts: Mapping[str, Host]) -> dict[str, frozenset[str] | None]:
    """Each host's addresses, asked at the same time; None for a host that does not answer."""
    jobs = {name: gevent.spawn(remote.held, state, host) for name, host in hosts.items()}
    gevent.joinall(list(jobs.values()))
    return {name: job.value for name, job in jobs.items()}


def reached(wait: Wait, seen: Mapping[str, frozenset[str] | None]) -> bool:
    """Whether every address is with one of `by` and with none of `free_of`."""
    taken = all(any(address in (seen[name] or ()) for name in wait.by) for address in wait.addresses)
    left = all(seen[name] is not None and not (wait.addresses & (seen[name] or set())) for name in wait.free_of)
    return taken and left


def holders(seen: Mapping[str, frozenset[str] | None], addresses: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Address → who has it."""
    return {
        address: tuple(name for name, held in seen.items() if held and address in held) for address in sorted(addresses)
    }


def silent(seen: Mapping[str, frozenset[str] | None]) -> tuple[str, ...]:
    """Who does not answer."""
    return tuple(name for name, held in seen.items() if held is None)


def described(seen: Mapping[str, frozenset[str] | None], addresses: frozenset[str]) -> Said:
    """Who holds what, in a sentence for people."""
    sentences = [
        say("{address} is held by {names}.", address=address, names=all_of(names or [say("nobody")]))
        for address, names in holders(seen, addresses).items()
    ]
    if absent := silent(seen):
        sentences.append(say("{names} did not answer.", names=", ".join(absent)))
    return one_after_the_other(sentences)
