"""What a deploy says where it does not begin or goes wrong: in words for a person, as an event for a program."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from floatip.change import plan
from floatip.change.pins import Moves
from floatip.change.plan import Kind, Plan
from floatip.deploy.lifecycle import refusal
from floatip.deploy.operations import keepalived
from floatip.deploy.session import leasing, reconnecting
from floatip.deploy.steps import proof
from floatip.deploy.survey import notices
from floatip.deploy.survey import run as survey
from floatip.deploy.transaction import holders, transaction
from floatip.hosts import connection
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.runs import detached
from floatip.runs.events import Failed, Failure, Planned, Refusal, Restored
from floatip.server_side import shell
from floatip.server_side.pending.change import Files


class Log:
    """What is said on the terminal."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.info = self.error = self.warning = self.lines.append


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Log:
    """The log of a run that is watched from `tmp_path`."""
    log = Log()
    for module in (notices, transaction):
        monkeypatch.setattr(module, "logger", log)
    monkeypatch.setenv(detached.RUN, str(tmp_path))
    return log


def test_a_host_without_a_connection() -> None:
    host: Any = SimpleNamespace(name="d2")
    state: Any = SimpleNamespace(active_hosts=[])
    with pytest.raises(refusal.Refusing, match=r"No connection to d2, so no server was changed") as refused:
        survey._refuse_unreachable(state, [host])
    assert (refused.value.event.code, refused.value.event.nodes) == (Refusal.UNREACHABLE, ("d2",))


def test_the_plan_and_what_was_moved(log: Log, tmp_path: Path) -> None:
    moved = Moves(1, {"VI_1": "d2"})
    notices.moved(moved)
    notice = plan.model.NOTICE[Kind.IDENTITY]
    made = Plan(Kind.IDENTITY, (), (say("VI_1: {word}", word=Kind.IDENTITY.word),), notice, {"VI_1": Kind.IDENTITY})
    notices.planned(Cluster("lab", (), ()), made, moved)
    assert log.lines == [
        "    VI_1 was moved to d2 and stays there until it is moved again (floatip move).",
        f"--> Plan for lab: {notice}",
        "    VI_1: new VRRP identity",
    ]
    assert detached.events_of(tmp_path) == [Planned("lab", Kind.IDENTITY, {"VI_1": Kind.IDENTITY}, moved.to, notice)]


NOTICES = {
    Kind.NOTHING: "Every keepalived.conf stays as it is; clients notice nothing.",
    Kind.RELOAD: "reloads its settings on one server after the other",
    Kind.IDENTITY: "The VRRP identity changes",
    Kind.START_OVER: "moves to another server while its holder",
}


@pytest.mark.parametrize("kind", NOTICES)
def test_what_a_client_will_notice(kind: Kind) -> None:
    assert NOTICES[kind] in plan.model.NOTICE[kind]
    assert Kind.START_OVER.word == "restart with a handover"


def found_with(text: str | None) -> Any:
    """A server as it was found, with this file."""
    before = Files(text, None, None)
    return SimpleNamespace(text=lambda key: text, active=lambda unit: True, ran=bool(text), change=None, before=before)


def test_what_comes_back(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(
        [
            connection.Answer(False, "", "no route"),
            *(connection.Answer(True, "", ""), connection.Answer(True, f"Welcome!\n{keepalived.LIVE}none\n", "")),
            *(connection.Answer(True, "", ""), connection.Answer(True, f"{keepalived.LIVE}0123\n", "")),
        ]
    )
    monkeypatch.setattr(leasing, "lost", lambda state: None)
    for module, name in ((connection, "run"), (leasing, "step")):
        monkeypatch.setattr(module, name, lambda *words, **more: next(answers))
    monkeypatch.setattr(reconnecting, "absent", lambda state, hosts: [])
    states = {name: found_with(None) for name in ("d1", "d2", "d3")}
    found: Any = SimpleNamespace(states=states, hosts=dict.fromkeys(states))
    present = transaction.Transaction(found)
    present.touched = ["d3", "d1", "d2"]
    failed = Failed(Failure.NOT_SETTLED, say("Too late."))
    present.fail(found, failed)
    assert log.lines == [
        "    Too late.",
        "    Rolling back to the previous configuration.",
        "    d2 could not be restored: “no route”",
        "    d1 has its previous configuration again.",
        "    d3 could not be restored: “it has another configuration”",
    ]
    other = Restored("d3", False, "it has another configuration")
    assert detached.events_of(tmp_path) == [failed, Restored("d2", False, "no route"), Restored("d1", True), other]


@pytest.mark.parametrize("live", ["old", "somebody's"])
def test_a_file_that_was_not_made_live_is_left_alone(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live: str
) -> None:
    read = connection.Answer(True, f"{keepalived.LIVE}{shell.checksum(live)}\n", "")
    monkeypatch.setattr(leasing, "lost", lambda state: None)
    monkeypatch.setattr(leasing, "step", lambda *words, **more: connection.Answer(False, "", "no room"))
    monkeypatch.setattr(connection, "run", lambda *words, **more: read)
    monkeypatch.setattr(leasing, "overdue", lambda state: "")
    found: Any = SimpleNamespace(states={"d1": found_with("old")}, hosts={"d1": None})
    present = transaction.Transaction(found)
    assert not present.take(found, plan.Step("d1", "new", say("why")))
    (failed,) = detached.events_of(tmp_path)
    assert isinstance(failed, Failed)
    assert (failed.code, failed.said) == (Failure.NOT_ACTIVATED, "no room")


def test_who_holds_what() -> None:
    held = frozenset({"10.9.1.6"})
    seen = {"d1": held, "d2": held, "d3": None}
    assert holders.holders(seen, held) == {"10.9.1.6": ("d1", "d2")}
    assert holders.silent(seen) == ("d3",)
    assert holders.described(seen, held) == "10.9.1.6 is held by d1 and d2. d3 did not answer."
    assert holders.described({"d1": frozenset()}, held) == "10.9.1.6 is held by nobody."
    assert "something between them drops VRRP (IP protocol 112)" in proof.DROPPED


DAEMONS = [
    ("echo \"Unknown keyword 'virtual_rooter_id'\"; exit 5", 1, f"{keepalived.REFUSED}\n"),
    ("echo \"Unknown keyword 'virtual_rooter_id'\"", 1, f"{keepalived.REFUSED}\n"),  # as on Debian 11
    ("exit 0", 0, ""),
]


@pytest.mark.parametrize(("daemon", "code", "stdout"), DAEMONS)
def test_the_daemon_has_the_last_word(tmp_path: Path, daemon: str, code: int, stdout: str) -> None:
    fake = tmp_path / "keepalived"
    fake.write_text(f"#!/bin/sh\n{daemon}\n")
    fake.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = keepalived.stage_script("vrrp_instance\n").replace("/etc/keepalived", str(tmp_path / "etc"))
    answer = subprocess.run(["sh", "-c", script], env=path, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (code, stdout)
    refused = answer.stderr.startswith("exit code ") and "virtual_rooter_id" in answer.stderr
    assert refused == bool(code)
