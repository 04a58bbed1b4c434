"""pyinfra's log as a table."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from floatip import background, detached, events
from floatip.background import Run
from floatip.deploys import departures
from floatip.deploys.refusing import Refusing
from floatip.members import Known, Left
from floatip.words import Said, say
from tests.web.conftest import Person
from tests.web.test_russian import english
from wizard import progress

LOG = """
--> Connecting to hosts...
    \x1b[1m[d1]\x1b[0m \x1b[32mConnected\x1b[0m
--> Starting operation: Install packages\x1b[0m
    [d1] \x1b[32mSuccess\x1b[0m
    [d2] No changes
--> Starting operation: Prove that exactly one node holds each address
    [d2] No changes
        The cluster did not settle within 10 s. <b>10.9.1.6 is held by d1 and d2.
    [d1] Error: executed 0 commands
"""


def test_steps_and_states() -> None:
    first, second = progress.steps(LOG)
    assert (first.name, first.states) == ("Install packages", {"d1": "● done", "d2": "○ as it was"})
    assert second.states == {"d2": "○ as it was", "d1": "▲ failed"}
    assert "\x1b" not in progress.plain(LOG)
    assert progress.complaints(LOG)[0].startswith("The cluster did not settle")


def test_a_refusal_is_told_without_the_words_of_pyinfra() -> None:
    refused = say("No server was changed.")
    log = f"--> pyinfra error in /x/survey.py line 74: {refused}\n  - nodes.d1: d1 runs an unknown system.\n"
    assert progress.complaints(log, refused) == [refused, "- nodes.d1: d1 runs an unknown system."]
    assert isinstance(progress.complaints(log, refused)[0], Said)  # so that it can be said in Russian


def refused(place: Path) -> Refusing:
    """A deploy of an inventory that d3 was taken out of."""
    left = [Left(Known("d3", "192.0.2.3", 2222, ("10.9.1.63",)), ("d1", "d2"))]
    with pytest.raises(Refusing) as found:
        departures._refuse_unasked(left)
    why = found.value
    log = f"{LOG.splitlines()[1]}\n--> pyinfra error in /x/survey.py line 74: {why}\n"
    place.mkdir(parents=True)
    for name, text in {"inventory": "/x/lab.py", "log": log, "pid": "1", "code": "1"}.items():
        (place / name).write_text(text)
    (place / detached.STEPS).write_text(events.line(why.event))
    return why


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_of_a_refused_run_says_why(app: Flask, person: Person, tmp_path: Path, language: str) -> None:
    person.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    why = refused(tmp_path / "state" / "runs" / "20260101-000000-abcdef")
    page = unescape(person.open("/run/20260101-000000-abcdef").text)
    told = page.partition('role="alert"')[2].partition("</ul>")[0]
    assert told.count("<li>") == 1
    assert "floatip_dismiss=d3" in told
    assert "/x/survey.py" not in told
    if language == "en":
        assert str(why.event.message) in told
    else:
        assert "сервер этого кластера, но в инвентаре его нет" in told
        assert english(told.replace("pyinfra FILE deploy.py --data floatip_dismiss=d3", "")) == set()


def test_a_run_that_vanished_is_not_under_way(tmp_path: Path) -> None:
    place = tmp_path / "20260101-000000-abcdef"
    place.mkdir()
    for name, text in {"inventory": "/x/lab.py", "log": "", "pid": "1"}.items():
        (place / name).write_text(text)
    (run,) = background.runs(tmp_path)
    assert run.code == -1
    assert background.read(tmp_path, "../x") is None


def test_the_proof_is_what_the_run_has_seen() -> None:
    log = "--> Starting operation: Prove\n        d1 holds 10.9.1.6, and it answers\n    [d1] Success\n"
    assert progress.proof(log) == ["d1 holds 10.9.1.6, and it answers"]
    assert progress.proof(LOG) == []


def test_after_two_deploys_the_second_proof_counts() -> None:
    log = "".join(f"--> Connecting to hosts...\n        {one} holds 10.9.1.6, and it answers\n" for one in ("d2", "d1"))
    assert progress.proof(log) == ["d1 holds 10.9.1.6, and it answers"]


def test_what_left_everything_as_it_was_is_not_of_note() -> None:
    log = "".join(f"--> Starting operation: {name}\n    [d1] {state}\n" for name, state in IDLE)
    shown = progress.of_note(progress.timed(progress.steps(log), [(1, 2)] * 3 + [(3, None)]))
    assert [step.name for step in shown] == ["Reboot", "Prove"]


IDLE = [("Install", "No changes"), ("Reboot", "Success"), ("Remove", "Skipped"), ("Prove", "No changes")]
STOPPED = "Stopped after this step, as asked."
TITLES = [
    ({"code": None}, "Deploying lab.py", "Rebooting d1"),
    ({"code": 0}, "Deployed lab.py", "Rebooted d1"),
    ({"code": 1}, "The deploy of lab.py failed", "The reboot of d1 failed"),
    ({"code": 1, "stopping": True, "log": STOPPED}, "The deploy of lab.py was stopped", "The reboot of d1 was stopped"),
]


@pytest.mark.parametrize(("values", "deploy", "reboot"), TITLES)
def test_what_it_is_called(values: dict[str, Any], deploy: str, reboot: str) -> None:
    run = Run(**{"key": "", "inventory": Path("/x/lab.py"), "log": "", **values})
    assert (progress.title(run), progress.title(replace(run, reboot="d1"))) == (deploy, reboot)


def test_each_step_has_its_time() -> None:
    first, second = progress.timed(progress.steps(LOG), [(1000.0, 1002.5), (1003.0, None)])
    assert (first.took, second.took) == (2.5, None)
    assert first.begun and second.begun


def test_two_browsers_at_once_get_one_run(tmp_path: Path) -> None:
    text = """lab = ([("d1", {"ssh_hostname": "127.0.0.1", "ssh_port": 1}), ("d2", {"ssh_port": 2})], {})\n"""
    (tmp_path / "lab.py").write_text(text)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: background.start(tmp_path / "runs", tmp_path / "lab.py"), range(8)))
    assert len(keys) == 1
    deadline = time.monotonic() + 60
    while (run := background.runs(tmp_path / "runs")[0]).code is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert run.code not in (0, None)
