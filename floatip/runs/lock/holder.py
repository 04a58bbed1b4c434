"""The leases of one run on all of its servers: taken one after the other, renewed in the background, given back."""

from __future__ import annotations

import time
from collections.abc import Mapping

import gevent
from gevent import Greenlet
from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.exceptions import PyinfraError

from floatip.hosts import connection
from floatip.hosts.host_script import BOOT
from floatip.hosts.ssh_errors import plain
from floatip.language.telling import tell
from floatip.model.messages import Said, say
from floatip.runs.lock import process
from floatip.server_side.lease import scripts
from floatip.server_side.lease.model import What, refusal
from floatip.server_side.lease.scripts import Answer, Found

EVERY = 8.0  # seconds between two renewals: three may get lost
QUICK = 10  # seconds that a script without a wait may take


class NotTaken(Exception):
    """The run has no lease: `message` says why, because of which `node`. `busy`: another run has it."""

    def __init__(self, message: Said, node: str, *, busy: bool) -> None:
        self.message, self.node, self.busy = message, node, busy
        super().__init__(message)


class Holder:
    """Takes, renews and gives back. `run`: 32 hexadecimal digits; `renewed`: server → when, by this computer's own
    clock, its lease was known to last its whole time yet; `lasting`: a server that has rebooted is connected to
    again, and its lease taken again, since /run is empty then."""

    def __init__(self, state: State, hosts: Mapping[str, Host], run: str, what: What, *, lasting: bool = False) -> None:
        self.state, self.hosts, self.run, self.what, self.lasting = state, hosts, run, what, lasting
        self.taken: set[str] = set()
        self.renewed: dict[str, float] = {}
        self._boots: dict[str, str] = {}
        self._renewing: list[Greenlet] = []

    def take(self) -> None:
        """Take all, or none: NotTaken.

        One after the other, and by each run in the same order, whatever it calls the servers: so of several runs that
        want the same servers at the same time, whoever gets the first one gets them all. Nobody waits.
        """
        self._boots = self._boot_ids()
        try:
            for name in sorted(self.hosts, key=lambda name: (self._boots[name], name)):
                self._take(name)
        except NotTaken:
            self.give_back()
            raise
        self._renewing = [gevent.spawn(self._renew_on, name) for name in self.hosts]

    def renew(self, name: str) -> Answer | None:
        """Renew the lease of one server, as far as it is this run's; None where the server does not answer."""
        asked = time.monotonic()
        said = scripts.answer(self._run(name, scripts.renew(self.run)).stdout.splitlines())
        if said and said.found in (Found.TAKEN, Found.STEP):
            self.renewed[name] = asked
        return said

    def give_back(self, *, traces: bool = True) -> None:
        """Let all servers go. `traces`: False removes the lock file, too."""
        gevent.killall(self._renewing, timeout=2)
        script = scripts.give_back(self.run, traces=traces)
        jobs = [gevent.spawn(self._run, name, script) for name in self.taken]
        gevent.joinall(jobs, timeout=QUICK)
        self.taken.clear()

    def _boot_ids(self) -> dict[str, str]:
        answers = connection.each(self.hosts, lambda name: self._run(name, BOOT))
        for name, answer in answers.items():
            if not answer.ok:
                raise _unasked(name, answer.stderr)
        return {name: _boot_id(answer) for name, answer in answers.items()}

    def _take(self, name: str) -> None:
        said = self._ask_to_take(name)
        if said.lease and said.found in (Found.HELD, Found.STEP) and process.ended(said.lease.process):
            if said.step:
                logger.info(
                    "    %s", tell(say("Waiting for the last step of a run that was killed, on {node}.", node=name))
                )
            said = self._ask_to_take(name, instead=said.lease.run)
        if said.found is not Found.TAKEN:
            raise NotTaken(refusal(name, said.lease, said.step), name, busy=True)
        self.taken.add(name)
        self.renewed[name] = time.monotonic()

    def _ask_to_take(self, name: str, instead: str = "") -> Answer:
        script = scripts.take(self.run, self.what, process.this(), process.who(), instead=instead)
        answer = self._run(name, script, timeout=QUICK + (scripts.BURIED if instead else scripts.PATIENCE))
        said = scripts.answer(answer.stdout.splitlines()) if answer.ok else None
        if said is None:
            raise _unasked(name, answer.stderr)
        return said

    def _renew_on(self, name: str) -> None:
        host = self.hosts[name]
        while True:
            _pause(host)
            said = self.renew(name)
            gone = said is None or (said.found is Found.LOST and not said.lease)
            while self.lasting and gone and not self._back(name, host):
                gevent.sleep(1)

    def _back(self, name: str, host: Host) -> bool:
        """Whether it can be reached; if it has rebooted, its lease is taken again. One that was ended on purpose stays
        that."""
        try:
            fresh = host.connector_cls(self.state, host)
            fresh.connect()
            host.connector = fresh
            boot = self._run(name, BOOT)
            if boot.ok and _boot_id(boot) != self._boots[name]:
                self._ask_to_take(name)
                self._boots[name] = _boot_id(boot)
        except (PyinfraError, NotTaken, OSError, EOFError):
            return False
        return boot.ok

    def _run(self, name: str, script: str, timeout: int = QUICK) -> connection.Answer:
        return connection.run(self.state, self.hosts[name], script, timeout=timeout)


def _pause(host: Host) -> None:
    """Until it is time to renew a lease, or the connection has ended: it may be a reboot, which ends the lease too."""
    until = time.monotonic() + EVERY
    gevent.sleep(1)
    while time.monotonic() < until and connection.connected(host):
        gevent.sleep(1)


def _boot_id(answer: connection.Answer) -> str:
    return answer.stdout.strip()[-100:]


def _unasked(name: str, said: str) -> NotTaken:
    why = plain(said)
    message = say("{node} could not be reserved for this run, so no server was changed: {why}", node=name, why=why)
    return NotTaken(message, name, busy=False)
