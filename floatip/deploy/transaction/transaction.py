"""All nodes of a cluster change, or none does: the steps of a plan, and the way back from any of them."""

from __future__ import annotations

from pyinfra import logger
from pyinfra.api import Host, State

from floatip.change import plan as planner
from floatip.change.plan import Live, Step, Wait
from floatip.deploy.lifecycle import callbacks
from floatip.deploy.operations.keepalived import REFUSED, activate_script
from floatip.deploy.session import leasing, reconnecting
from floatip.deploy.survey.result import Survey
from floatip.deploy.transaction.holders import awaited, look
from floatip.deploy.transaction.nodes import Nodes
from floatip.deploy.transaction.pending_changes import Keeping
from floatip.hosts import connection
from floatip.language.telling import tell
from floatip.model import passwords
from floatip.model.messages import Said, say
from floatip.runs import detached
from floatip.runs.events import Failed, Failure, Restored, WentOn, sentence
from floatip.server_side import shell
from floatip.server_side.pending.model import Way

NO_ANSWER = connection.Answer(False, "", say("it does not answer"))
_transactions: dict[Survey, Transaction] = {}


class Transaction:
    """What this run has changed so far on the nodes of one cluster."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.touched: list[str] = []
        self.keeping = Keeping(survey)
        self.nodes = Nodes(survey)

    def keep(self, state: State, host: Host) -> bool:
        """Have a server keep both sides of the change before the first step; else nothing is changed.

        The change is under way from here on: a server that keeps it watches over it, and ends it by itself where the
        run simply went away.
        """
        callbacks.unfinished.add(self)
        answer = self.keeping.keep(state, host)
        if not answer.ok:
            kept = say("{node} could not keep what it has now: “{said}”", node=host.name, said=answer.stderr.strip())
            why = answer.lost or kept
            code = Failure.LEASE_LOST if answer.lost else Failure.NOT_KEPT
            self.fail(state, Failed(code, why, host.name, answer.stderr))
        return answer.ok

    def take(self, state: State, step: object) -> bool:
        """Take one step; on failure say why, roll everything back and answer False."""
        if isinstance(step, Step):
            failed = self._overdue(state) or self._activate(state, step)
        elif isinstance(step, Wait):
            failed = awaited(state, self.survey.hosts, step)
        else:
            raise TypeError(f"not a step: {step!r}")
        if failed is None:
            return True
        self.fail(state, failed)
        return False

    def fail(self, state: State, failed: Failed) -> None:
        """Say what went wrong and bring the nodes that were changed back to what they had: or, where one is silent that
        will have the new configuration, on. What cannot be brought anywhere is left to the servers themselves.

        What looks like a failure of the cluster is none where another run is changing it by now.
        """
        failed = leasing.lost(state) or failed
        logger.error(f"    {tell(failed.message)}")
        detached.tell(failed)
        silent = reconnecting.absent(state, self.survey.hosts) if self.touched else []
        if silent and self._whither(state, silent) is Way.ON:
            self._go_on(state, silent)
        else:
            self._go_back(state, silent)
        self.touched.clear()
        self.finish()

    def _whither(self, state: State, silent: list[str]) -> Way:
        return self.keeping.whither(state, silent, self.nodes.now, look(state, self._but(silent)))

    def _but(self, silent: list[str]) -> dict[str, Host]:
        return {name: host for name, host in self.survey.hosts.items() if name not in silent}

    def _go_on(self, state: State, silent: list[str]) -> None:
        logger.error("    %s", tell(say("Continuing without {names}.", names=", ".join(silent))))
        seen = look(state, self._but(silent))
        for name in sorted(seen, key=lambda name: len(seen[name] or ())):
            text = self.survey.wanted[name]
            answer = leasing.step(state, self.survey.hosts[name], activate_script(text, was=None))
            self._tell(WentOn(name, answer.ok, answer.stderr))
        self.keeping.left_alone()

    def _tell(self, event: Restored | WentOn) -> None:
        logger.error(f"    {tell(sentence(event))}")
        detached.tell(event)

    def _go_back(self, state: State, silent: list[str]) -> None:
        if self.touched:
            back = say("Rolling back to the previous configuration.")
            logger.error(f"    {tell(back)}")
        there = [name for name in self.touched if name not in silent]
        for name in there:
            if self.nodes.now[name] is None and self.nodes.before(name) is not None:
                self.nodes.restore(state, name, self.nodes.before(name))
        for step in self._way_back(state) if not silent else ():
            if isinstance(step, Step):
                self.nodes.restore(state, step.node, step.conf)
            else:
                awaited(state, self.survey.hosts, step)  # in vain or not: the old files come back
        restored = set(self.survey.hosts) - set(self.touched)
        for name in (*reversed(there), *silent):
            answer = NO_ANSWER if name in silent else self.nodes.bring_back(state, name)
            self._tell(Restored(name, answer.ok, answer.stderr))
            restored |= {name} if answer.ok else set()
        if silent:  # who is left alone has to hear the others, and they to be sure of it
            self.keeping.left_alone()
        else:
            self.keeping.forget_back(state, restored)

    def prove(self, state: State) -> None:
        """Everything was seen in order: what was kept for the way back is forgotten."""
        self.keeping.proved(state)
        self.keeping.forget(state)
        self.finish()

    def finish(self) -> None:
        """It is proven, or taken back: nothing is half done."""
        callbacks.unfinished.discard(self)

    def _way_back(self, state: State) -> tuple[Step | Wait, ...]:
        """The steps back, in an order in which somebody always has the address; none where that cannot be had."""
        if not self.touched or any(
            self.nodes.before(name) is None or self.nodes.now[name] is None for name in self.touched
        ):
            return ()
        seen = look(state, self.survey.hosts)
        present = {
            name: Live(self.nodes.now[name], found.active("keepalived"), False, seen[name] or frozenset())
            for name, found in self.survey.states.items()
        }
        wanted = {name: text for name in self.nodes.now if (text := self.nodes.before(name)) is not None}
        try:
            steps = planner.make(self.survey.cluster, wanted, present).steps
        except planner.PlanError:
            return ()
        return tuple(step for step in steps if step.node in self.touched)

    def _overdue(self, state: State) -> Failed | None:
        """Nothing goes forward where a server may have been left alone meanwhile."""
        name = leasing.overdue(state)
        if not name:
            return None
        return Failed(Failure.FELL_SILENT, say("{node} no longer answers.", node=name), name)

    def _activate(self, state: State, step: Step) -> Failed | None:
        found = self.survey.states[step.node]
        first = step.node not in self.touched
        if first:
            self.touched.append(step.node)
        script = activate_script(step.conf, was=found.text("conf") or None if first else None)
        answer = self.nodes.sent(state, step, script)
        self.nodes.now[step.node] = step.conf if answer.ok else None
        if answer.ok:
            return None
        if first and self.nodes.live(state, step.node)[1] not in (None, shell.checksum(step.conf)):
            self.touched.remove(step.node)  # it has its own file yet, or what somebody wrote a moment ago: left alone
        if answer.lost:
            return Failed(Failure.LEASE_LOST, answer.lost, step.node)
        if answer.gone:
            silent_now = say("{node} no longer answers.", node=step.node)
            return Failed(Failure.FELL_SILENT, silent_now, step.node, answer.stderr)
        said = passwords.hidden(answer.stderr.strip())
        if REFUSED in answer.stdout.splitlines():
            return Failed(Failure.REFUSED_BY_DAEMON, refused(step.node, said), step.node, said)
        why = (
            say("The configuration could not be activated on {node}: “{said}”", node=step.node, said=said)
            if said
            else say("keepalived on {node} did not load the configuration.", node=step.node)
        )
        return Failed(Failure.NOT_ACTIVATED, why, step.node, said)


def transaction(survey: Survey) -> Transaction:
    """The one transaction of a survey."""
    return _transactions.setdefault(survey, Transaction(survey))


def refused(node: str, said: str) -> Said:
    """What is said where a daemon does not take the configuration, in its own words."""
    return say("keepalived on {node} refuses the configuration: “{said}”", node=node, said=said)
