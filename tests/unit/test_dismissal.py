"""What is done on a server that leaves, and that it is not forgotten where a part of it fails."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from floatip.change.members import Left
from floatip.change.plan.leaving import Leave
from floatip.deploy.session import host_states, leasing
from floatip.deploy.steps import dismissal, packages, removal
from floatip.deploy.survey.departure_plan import Departures, Leaver
from floatip.hosts import connection
from floatip.hosts.host_state import File, HostState
from tests.unit.test_departures import FLOATING, running
from tests.unit.test_members import D3, THREE, TWO

NONE = ("fw.begin=1", "fw.end=1")
STEPS = 4  # scripts of the removal that this server needs, besides its packages


@dataclass
class Server:
    """d3 as a fake: what was run there, and which of these fails. `held`: its addresses at the end."""

    fails: int = 0
    held: frozenset[str] | None = frozenset({"10.9.1.63"})
    clean: bool = True
    ran: list[str] = field(default_factory=list)
    let_go: bool = False

    def step(self, script: str) -> connection.Answer:
        """Run one."""
        self.ran.append(script)
        return connection.Answer(len(self.ran) != self.fails, "", "no room")


def found() -> HostState:
    """What is there: a configuration, a log file, a record with packages."""
    text = "packages=keepalived\nenabled=\nactive=\n"
    files = {"rsyslog": File("644:root:root", "x"), "record": File("644:root:root", text)}
    state = running(THREE, "d3")
    return replace(state, files={**state.files, **files}, packages={"keepalived": "1"}, noted=True, firewall=NONE)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """The fake in place of the real thing."""
    fake = Server()
    monkeypatch.setattr(dismissal, "logger", SimpleNamespace(info=print, error=print))
    monkeypatch.setattr(host_states, "again", lambda state, host: found())
    monkeypatch.setattr(leasing, "step", lambda state, host, script: fake.step(script))
    monkeypatch.setattr(packages, "run", lambda state, host, script: fake.step(script).ok)
    monkeypatch.setattr(removal, "look", lambda state, host: fake.clean)
    monkeypatch.setattr(connection, "held", lambda state, host: fake.held)
    monkeypatch.setattr(leasing, "let_go", lambda state, host: setattr(fake, "let_go", True))
    return fake


def removed() -> bool:
    """Remove floatip from it."""
    host: Any = SimpleNamespace(name="d3", print_prefix="")
    leaver = Leaver(Left(D3, ("d1",)), host, found())
    survey: Any = SimpleNamespace(cluster=TWO, departures=Departures(leave=Leave((), {"10.9.1.200": "d1"})))
    return dismissal._remove(survey, leaver, host)


def test_all_of_it_goes_and_the_service_first(server: Server) -> None:
    assert removed()
    assert (len(server.ran), server.let_go) == (STEPS, True)
    assert "floatip_stop keepalived.service" in server.ran[0]
    assert "rm -rf /var/lib/floatip" in server.ran[-1]


@pytest.mark.parametrize("number", range(1, STEPS + 1))
def test_what_fails_ends_it(server: Server, number: int) -> None:
    server.fails = number
    assert not removed()
    assert (len(server.ran), server.let_go) == (number, False)


@pytest.mark.parametrize("held", [None, frozenset({FLOATING}), frozenset({"10.9.1.200"})])
def test_it_has_gone_only_where_it_was_seen(server: Server, held: frozenset[str] | None) -> None:
    server.held = held
    assert not removed()
    server.held, server.clean = frozenset(), False
    assert not removed()
    assert not server.let_go


@pytest.mark.parametrize("now", [None, replace(found(), firewall=())], ids=["silent", "an odd firewall"])
def test_nothing_is_begun_there_that_cannot_be_planned(
    server: Server, monkeypatch: pytest.MonkeyPatch, now: HostState | None
) -> None:
    monkeypatch.setattr(host_states, "again", lambda state, host: now)
    assert not removed()
    assert server.ran == []
