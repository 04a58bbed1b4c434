"""The live files of a cluster's nodes: what this run knows of them, and how it brings them back."""

from __future__ import annotations

from pyinfra.api import State

from floatip.change.plan import Step
from floatip.deploy.operations.keepalived import LIVE, live_script, restore_script
from floatip.deploy.session import leasing, reconnecting
from floatip.deploy.survey.result import Survey
from floatip.hosts import connection
from floatip.model.messages import say
from floatip.server_side import shell


class Nodes:
    """`now`: the text of each live file, as far as it is known."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.now: dict[str, str | None] = {name: found.text("conf") or None for name, found in survey.states.items()}

    def before(self, name: str) -> str | None:
        """What the live file of a node was when the change began."""
        return self.survey.states[name].before.conf or None

    def bring_back(self, state: State, name: str) -> connection.Answer:
        """Have a node as it was found: said only where its live file was read, and is that one."""
        before = self.before(name)
        if before is not None and self.now[name] == before and (read := self._read_back(state, name)).ok:
            return read
        answer = self.restore(state, name, before)
        return self._read_back(state, name) if answer.ok else answer

    def _read_back(self, state: State, name: str) -> connection.Answer:
        answer, found = self.live(state, name)
        if found == shell.checksum(self.before(name)):
            return answer
        return connection.Answer(False, answer.stdout, answer.stderr or say("it has another configuration"))

    def live(self, state: State, name: str) -> tuple[connection.Answer, str | None]:
        """The sum of a node's live file; None where it cannot be had."""
        answer = connection.run(state, self.survey.hosts[name], live_script())
        sums = [line.removeprefix(LIVE) for line in answer.stdout.splitlines() if line.startswith(LIVE)]
        return answer, sums[0] if answer.ok and sums else None

    def restore(self, state: State, name: str, text: str | None) -> connection.Answer:
        """Give a node this file, or none, and have it tested and loaded."""
        active = self.survey.states[name].ran
        answer = leasing.step(state, self.survey.hosts[name], restore_script(text, active=active))
        self.now[name] = text if answer.ok else None
        return answer

    def sent(self, state: State, step: Step, script: str) -> connection.Answer:
        """Have a server take a step. Where the connection was lost meanwhile, one looks first what came of it, and
        what was done is not done twice."""
        host = self.survey.hosts[step.node]
        answer = leasing.step(state, host, script)
        if not answer.gone or (found := reconnecting.found(state, host)) is None:
            return answer
        if found.text("conf") == step.conf and not found.pending and found.active("keepalived"):
            return connection.Answer(True, "", "")
        return leasing.step(state, host, script)
