"""A cluster in the middle of a change, on paper: elections, timers, a run that takes the planner's steps, and faults.

Times are seconds in ticks of TICK. What a server does by itself is `floatip.server_side.pending.model`; the rest of
this file only imitates what is around it, coarsely: who sends adverts, who hears them, when a backup loses patience.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from floatip.change import plan
from floatip.change.plan import Live, Step, Wait
from floatip.keepalived import conf
from floatip.model.cluster import Cluster
from floatip.server_side.lease.model import SECONDS
from floatip.server_side.pending import model, voices
from floatip.server_side.pending.model import Known, Now, Way

voices_of = cache(voices.of)
TICK = 0.25
EVERY, LEASE = 8.0, float(SECONDS)
"""How often a run renews a server's lease, and how long that lasts."""
STEP = 0.5
"""How long it takes to activate a file."""


@cache
def rank_of(text: str, name: str) -> int:
    """The priority of an instance in this file."""
    return conf.priority(conf.instances(text)[name])


@dataclass
class Server:
    """One server. `text`: the live file; `state`: instance → (voice, master or not, when a backup loses patience)."""

    name: str
    text: str
    known: Known
    files: Mapping[Way, str]
    on: bool = True
    armed: bool = True
    deadline: float = LEASE
    reachable: bool = True
    state: dict[str, tuple[model.Voice, bool, float]] = field(default_factory=dict)
    pending: bool = True
    alone: Iterator[float] | None = None
    wakes: float = 0.0
    voices: list[tuple[float, model.Voice, str]] = field(default_factory=list)

    @property
    def way(self) -> Way:
        """On which side of the change its file is, interim ones included."""
        mine = voices_of(self.text)
        if any(mine.get(name) != self.known.previous[name] for name in self.known.renamed):
            return Way.ON
        if not self.known.renamed:
            return Way.ON if self.text == self.files[Way.ON] else Way.BACK
        return Way.BACK


class World:
    """Everything, and the clock."""

    def __init__(self, cluster: Cluster, before: Mapping[str, str], after: Mapping[str, str], rng: random.Random):
        self.cluster, self.rng, self.now = cluster, rng, 0.0
        self.members = frozenset(f"10.9.1.{number}" for number in range(16, 16 + len(before)))
        self.address = {name: f"10.9.1.{16 + rank}" for rank, name in enumerate(before)}
        self.advert_int = max(instance.advert_int for instance in cluster.instances)
        self.servers = {
            name: Server(
                name, before[name], self._known(name, before, after), {Way.BACK: before[name], Way.ON: after[name]}
            )
            for name in before
        }
        for server in self.servers.values():
            server.deadline += rng.uniform(-EVERY, 0)
            self._reload(server, server.text, first=True)
        self.twice, self.nobody = 0.0, 0.0

    def _known(self, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Known:
        others = self.members - {self.address[name]}
        return Known(voices_of(before[name]), voices_of(after[name]), others, self.advert_int)

    # The daemons

    def _reload(self, server: Server, text: str, *, first: bool = False) -> None:
        server.text = text
        mine = voices_of(text)
        for name, voice in mine.items():
            before = server.state.get(name)
            if before and before[0] == voice:
                continue
            if before and before[1]:
                self._farewell(before[0], name)
            best = first and rank_of(text, name) == max(rank_of(server.text, name) for server in self.servers.values())
            server.state[name] = (voice, best, self.now + self._patience(text, name))

    def _farewell(self, voice: model.Voice, name: str) -> None:
        """Priority 0: backups wait for their skew only."""
        for other in self.servers.values():
            mine = other.state.get(name)
            if other.on and mine and mine[0] == voice and not mine[1]:
                soon = (256 - rank_of(other.text, name)) / 256
                other.state[name] = (voice, False, self.now + soon)

    def _patience(self, text: str, name: str) -> float:
        return 3 * self.advert_int + (256 - rank_of(text, name)) / 256

    def _adverts(self) -> None:
        masters = [
            (server, name, voice)
            for server in self.servers.values()
            if server.on
            for name, (voice, leads, _) in server.state.items()
            if leads
        ]
        for speaker, name, voice in masters:
            rank = rank_of(speaker.text, name)
            for other in self.servers.values():
                if other is speaker or not other.on:
                    continue
                other.voices.append((self.now, voice, self.address[speaker.name]))
                mine = other.state.get(name)
                if mine is None or mine[0] != voice:
                    continue
                own = rank_of(other.text, name)
                if (mine[1] and rank > own) or (not mine[1] and rank >= own):
                    other.state[name] = (voice, False, self.now + self._patience(other.text, name))

    def _elect(self) -> None:
        for server in self.servers.values():
            for name, (voice, leads, until) in list(server.state.items()):
                if server.on and not leads and self.now >= until:
                    server.state[name] = (voice, True, 0.0)

    def holds(self, server: Server, name: str) -> bool:
        """Whether it has the address of an instance."""
        return server.on and server.state[name][1]

    def holders(self, name: str) -> list[str]:
        """Who has it."""
        return [server.name for server in self.servers.values() if self.holds(server, name)]

    # What a server does by itself

    def _watch(self, server: Server) -> Iterator[float]:
        """Yields for how long it does something; it has been left alone."""
        for _ in range(12):
            began, length = self.now, model.seconds(server.known, server.way)
            yield length
            now = Now(
                server.way,
                frozenset(name for name in server.known.renamed if self.holds(server, name)),
                frozenset((voice, source) for at, voice, source in server.voices if at >= began),
            )
            way = model.decide(server.known, now)
            if server.text != server.files[way]:
                yield STEP
                self._reload(server, server.files[way])
            elif model.certain(server.known, now):
                server.pending = False
                return

    def boot(self, server: Server) -> None:
        """Power is back: it listens before its daemon starts."""
        server.on, server.armed = True, False
        server.state = {name: (voice, False, float("inf")) for name, voice in voices_of(server.text).items()}
        server.alone = self._booting(server)
        server.wakes = self.now

    def _booting(self, server: Server) -> Iterator[float]:
        if server.pending:
            began = self.now
            yield model.seconds(server.known, Way.BACK)
            voices = frozenset((voice, source) for at, voice, source in server.voices if at >= began)
            server.text = server.files[model.decide(server.known, Now(server.way, frozenset(), voices))]
        server.state.clear()
        self._reload(server, server.text)
        if server.pending:
            yield from self._watch(server)

    # Time

    def tick(self) -> None:
        """Let TICK seconds pass."""
        self.now = round(self.now + TICK, 6)
        if round(self.now / TICK) % round(self.advert_int / TICK) == 0:
            self._adverts()
        self._elect()
        for server in self.servers.values():
            server.voices = [voice for voice in server.voices if voice[0] > self.now - 60]
            if server.on and server.armed and server.pending and self.now >= server.deadline:
                server.armed, server.alone, server.wakes = False, self._watch(server), self.now
            while server.on and server.alone and self.now >= server.wakes:
                try:
                    server.wakes = self.now + next(server.alone)
                except StopIteration:
                    server.alone = None
        counts = [len(self.holders(instance.name)) for instance in self.cluster.instances]
        self.twice += TICK * any(count > 1 for count in counts)
        self.nobody += TICK * any(count == 0 for count in counts)

    def run(self, seconds: float) -> None:
        """Let them pass."""
        for _ in range(round(seconds / TICK)):
            self.tick()

    # The run

    def steps(self) -> tuple[Step | Wait, ...]:
        """What the planner makes of what is there."""
        live = {name: Live(server.text, True, False, self._held(server)) for name, server in self.servers.items()}
        return plan.make(
            self.cluster, {name: server.files[Way.ON] for name, server in self.servers.items()}, live
        ).steps

    def _held(self, server: Server) -> frozenset[str]:
        return frozenset[str]().union(
            *(plan.addresses(instance) for instance in self.cluster.instances if self.holds(server, instance.name))
        )

    def take(self, step: Step | Wait) -> bool:
        """A step of a run that is alive: it renews the timers meanwhile; False where a server did not answer."""
        if isinstance(step, Step):
            server = self.servers[step.node]
            if not (server.on and server.reachable and server.armed):
                return False
            self._pass(STEP)
            self._reload(server, step.conf)
            return self._renew()
        until = self.now + step.timeout
        while not self._reached(step):
            if self.now > until or not self._renew():
                return False
            self._pass(TICK)
        return True

    def _pass(self, seconds: float) -> None:
        self.run(seconds)

    def _renew(self) -> bool:
        answering = [server for server in self.servers.values() if server.on and server.reachable and server.armed]
        for server in answering:
            server.deadline = self.now + LEASE - self.rng.uniform(0, EVERY)
        return len(answering) == len(self.servers)

    def _reached(self, wait: Wait) -> bool:
        held = {name: self._held(server) for name, server in self.servers.items()}
        taken = all(any(address in held[name] for name in wait.by) for address in wait.addresses)
        return taken and all(not wait.addresses & held[name] for name in wait.free_of)

    def recover(self) -> Way:
        """What a run does that gets no answer from some server: the others go back, or all go on; then it ends, and
        gives back the leases, so that the servers make sure of it by themselves."""
        answering = [server for server in self.servers.values() if server.on and server.reachable and server.armed]
        silent = [server for server in self.servers.values() if server not in answering]
        self.run(model.listening(self.advert_int, Way.ON))
        way = self._whither(answering, silent)
        for server in sorted(answering, key=lambda server: bool(self._held(server))):
            if server.text != server.files[way]:
                self.run(STEP)
                self._reload(server, server.files[way])
        for server in answering:
            server.deadline = self.now
        return way

    def _whither(self, answering: list[Server], silent: list[Server]) -> Way:
        gone = {self.address[server.name] for server in silent}
        since = self.now - model.listening(self.advert_int, Way.ON)
        voices = [voice for server in answering for at, voice, source in server.voices if source in gone and at > since]
        leading = [voice for server in answering for voice, leads, _ in server.state.values() if leads]
        return model.whither([server.known for server in answering], voices, leading)
