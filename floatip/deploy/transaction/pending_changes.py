"""What each server keeps of a change of its cluster until that is proven, so that it is whole by itself where the run
is cut off (`floatip.server_side.pending`); and what the run does when a server falls silent in the middle."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from pyinfra import logger
from pyinfra.api import Host, State

from floatip.change import requirements
from floatip.change.plan import Step, addresses
from floatip.deploy.operations import pending
from floatip.deploy.session import leasing
from floatip.deploy.survey.result import Survey
from floatip.hosts import connection
from floatip.keepalived import render
from floatip.language.telling import tell
from floatip.runs import detached
from floatip.runs.events import LeftAlone, sentence
from floatip.runs.lock import process
from floatip.server_side.lease.model import What
from floatip.server_side.pending import model, voices
from floatip.server_side.pending.change import Brief, Change, Files
from floatip.server_side.pending.model import Known, Voice, Way


class Keeping:
    """The change of one cluster, as its servers keep it. `nodes`: those that do, by this run or by one that is over."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.nodes = {name for name, found in survey.states.items() if found.change and not leasing.at_work(found)}

    def keep(self, state: State, host: Host) -> connection.Answer:
        """Have one server keep it, and watch over it. Where that fails, part of it may be there, and is forgotten."""
        change = self._change(host.name, leasing.run_of(state), leasing.what(state))
        self.nodes.add(host.name)
        return leasing.step(state, host, pending.keep(change))

    def _change(self, name: str, run: str, what: What) -> Change:
        """One server's part."""
        survey, found = self.survey, self.survey.states[name]
        check = render.check_script(survey.cluster.scripts) if survey.cluster.scripts else None
        wanted = Files(survey.wanted[name], check, survey.moves.note)
        known = self.known(name)
        brief = Brief(run, what, int(time.time()), self.within(), found.ran, process.who())
        return Change(brief, known, found.before, wanted, self._sides(name, known), self._addresses(name))

    def known(self, name: str) -> Known:
        """How its masters sounded, and will sound. One that is new among the others will hear those as they were."""
        before, after = voices.of(self.survey.states[name].conf_before or ""), voices.of(self.survey.wanted[name])
        for peer, found in self.survey.states.items():
            theirs = voices.of(found.conf_before or "") if peer != name else {}
            for instance, voice in theirs.items():
                if instance in after and instance not in before:
                    before[instance] = replace(voice, interface=after[instance].interface)
        return Known(before, after, self._members(name), self._advert_int())

    def within(self) -> int:
        """Within how many seconds the servers are whole again by themselves."""
        return model.whole_again(self._advert_int())

    def proved(self, state: State) -> None:
        """Have all servers know that everything was seen in order."""
        self._all(state, dict.fromkeys(self.nodes, pending.proved()))

    def forget(self, state: State) -> None:
        """The change is at its end. A server that cannot be told ends it by itself."""
        answers = self._all(state, dict.fromkeys(self.nodes, pending.forget(self.survey.moves.note)))
        self._done(answers)

    def forget_back(self, state: State, nodes: Iterable[str]) -> None:
        """These servers have what they had before."""
        self._done(self._all(state, {name: self._back(name) for name in self.nodes & set(nodes)}))

    def left_alone(self) -> None:
        """Say that the rest is the servers' own work."""
        if self.nodes:
            names, seconds = tuple(sorted(self.nodes)), self.within()
            event = LeftAlone(names, seconds)
            logger.warning("    %s", tell(sentence(event)))
            detached.tell(event)

    def whither(
        self,
        state: State,
        silent: Collection[str],
        now: Mapping[str, str | None],
        held: Mapping[str, frozenset[str] | None],
    ) -> Way:
        """Which way those go that answer. `now`: server → the file that it runs, as far as it is known; `held`: the
        addresses of each."""
        known = {name: self.known(name) for name in self.nodes if name not in silent}
        if not any(member.renamed for member in known.values()):
            return Way.BACK
        voices = self._heard(state, known, {address for name in silent for address in self._own(name)})
        return model.whither(known.values(), voices, self._leading(known, now, held))

    def _heard(self, state: State, known: Mapping[str, Known], sources: set[str]) -> set[Voice]:
        seconds = model.listening(self._advert_int(), Way.ON)
        hosts, script = self.survey.hosts, pending.hear(seconds)
        answers = connection.each(known, lambda name: connection.run(state, hosts[name], script, timeout=seconds + 5))
        every = {voice for member in known.values() for voice in (*member.previous.values(), *member.wanted.values())}
        by_text = {str(voice): voice for voice in every}
        lines = (line.split() for answer in answers.values() for line in answer.stdout.splitlines()[:1000])
        return {by_text[line[0]] for line in lines if len(line) == 2 and line[1] in sources and line[0] in by_text}

    def _leading(
        self, names: Iterable[str], now: Mapping[str, str | None], held: Mapping[str, frozenset[str] | None]
    ) -> set[Voice]:
        """The voices of those that have an address, as the file sounds that they run by now."""
        sound = {name: voices.of(now[name] or "") for name in names}
        return {
            sound[name][instance]
            for name in sound
            for instance, floating in self._addresses(name).items()
            if instance in sound[name] and floating & (held.get(name) or frozenset())
        }

    def _done(self, answers: Mapping[str, connection.Answer]) -> None:
        self.nodes -= {name for name, answer in answers.items() if answer.ok}
        self.left_alone()

    def _back(self, name: str) -> str:
        check, found = self.survey.states[name].before.check, self.survey.states[name].text("check")
        now = render.check_script(self.survey.cluster.scripts) if self.survey.cluster.scripts else found
        return pending.forget_back(check, changed=check != now)

    def _all(self, state: State, script: Mapping[str, str]) -> dict[str, connection.Answer]:
        return connection.each(script, lambda name: leasing.step(state, self.survey.hosts[name], script[name]))

    def _sides(self, name: str, known: Known) -> dict[str | None, Way]:
        found, wanted = self.survey.states[name], self.survey.wanted[name]
        texts = [step.conf for step in self.survey.plan.steps if isinstance(step, Step) and step.node == name]
        sides: dict[str | None, Way] = {text: _side(known, text, wanted) for text in (found.text("conf"), *texts)}
        return sides | {found.before.conf: Way.BACK, wanted: Way.ON}

    def _addresses(self, name: str) -> dict[str, frozenset[str]]:
        return {instance.name: addresses(instance) for instance in self.survey.cluster.instances_of(name)}

    def _members(self, name: str) -> frozenset[str]:
        return frozenset(
            address for node in self.survey.cluster.nodes if node.name != name for address in self._own(node.name)
        )

    def _own(self, name: str) -> frozenset[str]:
        """The addresses that a server's adverts may come from."""
        cluster = self.survey.cluster
        said = {str(member.source) for instance in cluster.instances if (member := instance.member(name))}
        there = self.survey.states[name].held if name in self.survey.states else frozenset[str]()
        return frozenset(said | (there - cluster.floating - {"127.0.0.1", "::1"}))

    def _advert_int(self) -> float:
        return requirements.slowest(self.survey.wanted, self.survey.states)


def _side(known: Known, text: str | None, wanted: str) -> Way:
    """On which side of the change a file is: interim ones sound like one of the two."""
    sounds = voices.of(text or "")
    if not known.renamed:
        return Way.ON if text == wanted else Way.BACK
    return Way.ON if any(sounds.get(name) != known.previous[name] for name in known.renamed) else Way.BACK
