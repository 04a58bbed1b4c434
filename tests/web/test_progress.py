"""A run on its page: nothing is claimed that it has not told."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from floatip.change import summary
from floatip.change.members import Known, Left
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.survey import departures
from floatip.hosts.daemon import Health
from floatip.model.messages import Said, say
from floatip.model.problems import Level
from floatip.runs import jobs
from floatip.runs.events import (
    Begin,
    CheckSeen,
    CheckTried,
    Cleared,
    Event,
    Failed,
    Failure,
    LeftAlone,
    NotConnected,
    Outcome,
    Proved,
    Refusal,
    Refused,
    Remark,
    Restored,
    Stopped,
    TrialResult,
)
from floatip.runs.jobs import Run
from floatip.server_side.lease.model import What
from tests.web.conftest import Person
from tests.web.ran import IDLE, INSTALL, KEY, ran, step
from tests.web.test_russian import english
from wizard import context
from wizard.show import outcome, progress, run_titles

HOLDS = Proved("10.9.1.6", "d1", True, "VI_1")


def test_steps_and_states() -> None:
    events = [*INSTALL, Begin(1003.0, 2, say("Prove that exactly one server holds each address"))]
    first, second = progress.steps(events)
    assert (first.name, first.states) == ("Install packages", {"d1": Outcome.CHANGED, "d2": Outcome.UNCHANGED})
    assert (first.took, second.took, second.states) == (1.5, None, {})
    assert first.begun and second.begun
    assert progress.total(events) == 2
    assert (progress.changed(events), progress.changed(IDLE)) == (True, False)
    assert progress.of_note(progress.steps([*INSTALL, *IDLE])) == [first]


def test_the_log_steers_no_terminal() -> None:
    assert progress.plain("\x1b[1m[d1]\x1b[0m \x1b]0;x\x07\x1b[32mConnected\x1b[0m\n") == "[d1] Connected\n"


def departed() -> Refusing:
    """A deploy of an inventory that d3 was taken out of."""
    left = [Left(Known("d3", "192.0.2.3", 2222, ("10.9.1.63",)), ("d1", "d2"))]
    with pytest.raises(Refusing) as found:
        departures._refuse_unasked(left)
    return found.value


def page(app: Flask, person: Person, language: str, *event: Event, **files: str) -> str:
    """What the page of such a run shows."""
    person.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    ran(context.of(app).runs, *event, **files)
    return unescape(person.open(f"/run/{KEY}").text)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_of_a_refused_run_says_why(app: Flask, person: Person, language: str) -> None:
    why = departed()
    log = f"--> pyinfra error in /x/survey.py line 74: {why}\n"
    text = page(app, person, language, why.event, code="1", log=log)
    alert = text.partition('role="alert"')[2].partition("</section>")[0]
    assert alert.count('<p class="failure">') == 1 and "<li>" not in alert
    assert "--dismiss d3" in alert
    assert "/x/survey.py" not in alert
    if language == "en":
        assert "Nothing was changed" in alert and str(why.event.message) in alert
    else:
        assert "сервер этого кластера, но в инвентаре его нет" in alert
        assert english(alert.replace("floatip deploy ФАЙЛ --dismiss d3", "")) == set()


def test_steps_that_had_nothing_to_do_are_folded(app: Flask, person: Person) -> None:
    text = page(app, person, "en", *INSTALL, *IDLE, HOLDS, code="0")
    shown, _, folded = text.partition('<details id="idle">')
    assert "1 step had nothing to do" in folded and folded.count("<tr>") == 2
    assert 'class="pill changed"' in shown and 'class="pill changed"' not in folded
    assert shown.index('class="proof"') < shown.index('class="run stacked"')


LOST = NotConnected("d2", say("Could not connect to {node}. {why}", node="d2", why="No route."))
REFUSED = Refused(Refusal.UNREACHABLE, say("No connection to {names}, so no server was changed.", names="d2"), ("d2",))
BAD = Remark("nodes.d1.x", "no-such-interface", Level.ERROR, say("d1 has no interface."), say("It has eth1."))
DEAF = Failed(Failure.NOT_SETTLED, say("The cluster did not settle within {seconds} s.", seconds="10"))
FULL = Failed(Failure.STEP, say("{node}: {said}", node="d1", said="No space left"), "d1", "No space left")
BACK, ALONE = Restored("d1", True), LeftAlone(("d1", "d2"), 30)
FAILURES: list[tuple[list[Event], list[str], list[str]]] = [
    ([LOST], ["Could not connect to d2. No route."], []),
    ([LOST, REFUSED], ["Could not connect to d2. No route.", str(REFUSED.message)], []),
    ([BAD, Refused(Refusal.HOSTS, say("Not ready:"))], ["Not ready:", "d1 has no interface."], []),
    ([*INSTALL, DEAF, BACK], [str(DEAF.message)], ["d1 has its previous configuration again."]),
    (
        [*INSTALL, FULL, ALONE],
        ["d1: No space left"],
        ["d1, d2 will finish the change or roll it back by themselves within 30 s."],
    ),
    ([*INSTALL], ["It ended with code 1, and did not say why. Its log ends with:"], []),
]


@pytest.mark.parametrize(("events", "why", "after"), FAILURES)
def test_a_failure_is_told_at_the_top(
    app: Flask, person: Person, events: list[Event], why: list[str], after: list[str]
) -> None:
    text = page(app, person, "en", *events, code="1", log="Traceback\n<b>OSError: odd\n")
    run = jobs.read(context.of(app).runs, KEY)
    assert run and [reason.what for reason in outcome.reasons(run)] == why
    assert outcome.aftermath(run) == after
    top = text.partition('role="alert"')[2].partition("</section>")[0]
    assert all(sentence in top for sentence in [*why, *after])
    assert ("Nothing was changed" in top) == outcome.untouched(run) == (INSTALL[0] not in events)
    assert ("<b>OSError: odd" in top) == ("did not say why" in top)
    assert "●" not in text.partition("<table")[0]


def test_what_to_do_about_it_is_said(tmp_path: Path) -> None:
    reasons = outcome.reasons(ran(tmp_path, *INSTALL, DEAF, FULL, code="1"))
    assert [reason.todo for reason in reasons] == [
        "Diagnose the cluster before you deploy again.",
        "Fix that on the server, then run it again.",
    ]


def test_a_run_that_vanished_is_not_under_way(tmp_path: Path) -> None:
    run = ran(tmp_path, code="")
    assert run.code == -1
    (reason,) = outcome.reasons(run)
    assert reason.what == "The run disappeared: its process was ended from outside."
    assert jobs.read(tmp_path, "../x") is None


SILENT_END = "The run ended without an error, but did not note who holds the addresses. The status shows it."
NOTHING = "Nothing had to be changed: every server already has what the inventory says."
ENDS: list[tuple[What, list[Event], str, list[str]]] = [
    (
        What.DEPLOY,
        [*INSTALL, HOLDS],
        "Exactly one server holds each address: this was checked at the end.",
        ["d1 holds 10.9.1.6, and it answers."],
    ),
    (What.DEPLOY, [replace(HOLDS, answers=None), *IDLE], NOTHING, ["d1 holds 10.9.1.6."]),
    (What.DEPLOY, [*INSTALL], SILENT_END, []),
    (What.DEPLOY, [], SILENT_END, []),
    (What.REBOOT, [], SILENT_END, []),
    (What.REMOVE, [*INSTALL], SILENT_END, []),
    (
        What.REBOOT,
        [
            replace(HOLDS, holder="d2"),
            *step(summary.reboot("d1"), d1=Outcome.CHANGED),
            HOLDS,
        ],
        "",
        ["d1 was rebooted and is healthy again.", "d1 holds 10.9.1.6, and it answers."],
    ),
    (
        What.REMOVE,
        [*INSTALL, Cleared("d1", ("10.9.1.6",)), Cleared("d2", ("10.9.1.6",))],
        "",
        [
            "Nothing of floatip is left on d1.",
            "Nothing of floatip is left on d2.",
            "None of these servers holds 10.9.1.6.",
        ],
    ),
    (
        What.REMOVE,
        [Cleared("d1", ("10.9.1.6", "10.9.1.7"), ("10.9.1.7",))],
        "",
        [
            "Nothing of floatip is left on d1.",
            "None of these servers holds 10.9.1.6.",
            "d1 holds 10.9.1.7: the keepalived that was there before floatip runs again.",
        ],
    ),
]


@pytest.mark.parametrize(("what", "events", "verdict", "seen"), ENDS)
def test_a_success_is_what_was_seen(
    tmp_path: Path, what: What, events: list[Event], verdict: str, seen: list[str]
) -> None:
    run = ran(tmp_path, *events, what=what.value, node="d1")
    assert (run_titles.state(run), outcome.verdict(run), outcome.seen(run)) == ("done", verdict, seen)


def test_a_move_is_done_where_it_was_seen(tmp_path: Path) -> None:
    moved = {"what": "move", "node": "d2", "move": "VI_1:d2"}
    there = ran(tmp_path / "1", *INSTALL, replace(HOLDS, holder="d2"), **moved)
    assert (run_titles.state(there), run_titles.title(there)) == ("done", "Moved to d2")
    elsewhere = ran(tmp_path / "2", *INSTALL, HOLDS, **moved)
    assert (run_titles.state(elsewhere), run_titles.title(elsewhere)) == ("failed", "The move to d2 failed")
    (reason,) = outcome.reasons(elsewhere)
    assert reason.what == "It was not moved: d1 holds 10.9.1.6, and it answers."


TITLES = [
    ({"code": ""}, [], "The deploy of lab.py failed", "The reboot of d1 failed", "The removal of lab failed"),
    ({"code": "0"}, [], "Deployed lab.py", "Rebooted d1", "Removed lab from its servers"),
    ({"code": "1"}, [], "The deploy of lab.py failed", "The reboot of d1 failed", "The removal of lab failed"),
    (
        {"code": "1", "stop": " "},
        [Stopped(say("As asked."))],
        "The deploy of lab.py was stopped",
        "The reboot of d1 was stopped",
        "The removal of lab was stopped",
    ),
]


@pytest.mark.parametrize(("files", "events", "deploy", "reboot", "remove"), TITLES)
def test_what_it_is_called(
    tmp_path: Path, files: dict[str, str], events: list[Event], deploy: str, reboot: str, remove: str
) -> None:
    run = ran(tmp_path, *events, **files)
    kinds = {What.DEPLOY: deploy, What.REBOOT: reboot, What.REMOVE: remove}
    assert {kind: run_titles.title(replace(run, what=kind, node="d1")) for kind in kinds} == kinds


def test_a_reboot_of_an_earlier_release_is_still_one(tmp_path: Path) -> None:
    run = ran(tmp_path, reboot="d1")
    assert (run.what, run.node) == (What.REBOOT, "d1")
    assert ran(tmp_path / "x", what="dance").what is What.DEPLOY


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("what", [What.DEPLOY, What.MOVE, What.REBOOT, What.REMOVE])
def test_the_first_page_lists_it_as_what_it_is(app: Flask, person: Person, what: What, language: str) -> None:
    text = page(app, person, language, *INSTALL, HOLDS, what=what.value, node="d1", move="VI_1:d1")
    assert f'data-what="{what.value}" data-state="done"' in text
    if language == "ru":
        assert english(text) == set()
    listed = unescape(person.open("/").text).partition(f'data-what="{what.value}"')[2].partition("</li>")[0]
    assert f"/run/{KEY}" in listed and "●" in listed
    if language == "en":
        name = {"deploy": "deploy", "move": "move to d1", "reboot": "reboot of d1", "remove": "removal"}[what.value]
        assert f'lab, {name}, <span class="fixed">2026-01-01 00:00</span>' in listed


@pytest.mark.parametrize(
    ("events", "code"), [([*INSTALL, FULL, BACK, ALONE, LOST, BAD], "1"), ([*INSTALL], "1"), ([], "")]
)
def test_a_failure_in_russian(app: Flask, person: Person, events: list[Event], code: str) -> None:
    """Apart from what a server has said itself."""
    text = page(app, person, "ru", *events, code=code, log="odd\n")
    assert english(text.replace("No space left", "").replace("No route.", "")) == set()


def good(directory: Path, ports: tuple[int, int] = (1, 2)) -> None:
    """An inventory that can be deployed, of servers that do not listen."""
    hosts = []
    for number, port in enumerate(ports, 1):
        member = {"interface": "eth1", "address": f"10.9.1.{number}/24", "priority": 100 + number}
        hosts.append((f"d{number}", {"ssh_hostname": "127.0.0.1", "ssh_port": port, "vrrp": {"VI_1": member}}))
    data = {"vrrp_instances": {"VI_1": {"virtual_router_id": 5, "virtual_ipaddress": ["10.9.1.6/24"]}}}
    directory.mkdir(exist_ok=True)
    (directory / "lab.py").write_text(f"lab = {(hosts, data)!r}\n")


def ended(runs: Path) -> Run:
    """The newest run, once it is over."""
    deadline = time.monotonic() + 60
    while (run := jobs.runs(runs)[0]).code is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return run


@pytest.mark.usefixtures("network", "forks")
def test_two_browsers_at_once_get_one_run_that_says_why_it_fails(tmp_path: Path) -> None:
    """The real one: pyinfra is started, and reaches no server at all. One of them says nothing until both have begun,
    so that the run is not over before."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        good(tmp_path, (silent.getsockname()[1], 2))
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(lambda _: jobs.start(tmp_path / "runs", tmp_path / "lab.py"), range(8)))
        assert len(keys) == 1
        with pytest.raises(jobs.Busy) as busy:
            jobs.start(tmp_path / "runs", tmp_path / "lab.py", What.REBOOT, node="d1")
        assert busy.value.run.key in keys
    run = ended(tmp_path / "runs")
    assert run.code not in (0, None)
    assert {event.node for event in run.events if isinstance(event, NotConnected)} == {"d1", "d2"}
    assert {str(reason.what).partition(".")[0] for reason in outcome.reasons(run)} == {
        "Could not connect to d1",
        "Could not connect to d2",
    }
    assert all(isinstance(reason.what, Said) and reason.what.template for reason in outcome.reasons(run))
    assert outcome.untouched(run)


CANNOT = {
    "code": "import pathlib\npathlib.Path({mark!r}).touch()\nlab = ([], {{}})\n",
    "nobody": "lab = ([], {{}})\n",
    "nothing": "",
    "half": "lab = ([\n",
}


@pytest.mark.parametrize("name", CANNOT)
@pytest.mark.parametrize("path", ["/run/", "/cluster/{key}/move", "/cluster/{key}/reboot", "/cluster/{key}/remove"])
def test_what_cannot_be_read_is_not_started(app: Flask, person: Person, tmp_path: Path, name: str, path: str) -> None:
    """And the file is never run: floatip reads it as data."""
    mark, directory = tmp_path / "was-run", context.of(app).inventories.directory
    directory.mkdir()
    (directory / "broken.py").write_text(CANNOT[name].format(mark=str(mark)))
    draft = context.of(app).drafts.new(name="broken")
    person.open("/")
    assert 'data-inventory="broken"' in person.page.text
    assert "Edit<span" in person.page.text and "Deploy<span" not in person.page.text
    person.send(path.format(key=draft.key), name="broken", node="d1", sure="yes")
    assert person.page.status_code in (404, 409, 422)
    if path == "/run/":
        assert person.page.status_code == 422 and person.heading == "broken.py cannot be deployed"
        assert 'role="alert" data-codes="' in person.page.text
    assert jobs.runs(context.of(app).runs) == []
    assert not mark.exists()


@pytest.mark.usefixtures("forks")
def test_what_can_be_read_is_offered_and_started(app: Flask, person: Person) -> None:
    directory = context.of(app).inventories.directory
    good(directory)
    person.open("/")
    assert "Deploy<span" in person.page.text
    person.send("/run/", name="lab")
    assert person.at.startswith("/run/") and 'data-what="deploy"' in person.page.text
    assert ended(context.of(app).runs).code not in (0, None)


def test_another_run_of_the_same_inventory_is_not_joined(
    app: Flask, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = context.of(app).inventories.directory
    good(directory)
    other = Run(KEY, directory / "lab.py", "", None, What.MOVE, "d2")
    monkeypatch.setattr(jobs, "runs", lambda _: [other])
    person.open("/")
    person.send("/run/", name="lab")
    assert person.page.status_code == 409
    assert 'data-code="busy"' in person.page.text and f'href="/run/{KEY}">Moving to d2' in person.page.text


DENIED, OFF = say("It fails when it is tried."), say("keepalived does not run it.")
TRIED: list[Event] = [
    CheckTried("d1", "web", TrialResult.NOT_RUN, DENIED),
    CheckTried("d2", "web", TrialResult.FAILED, DENIED),
]
ENDED: list[Event] = [CheckSeen("d1", "web", Health.DISABLED, OFF), CheckSeen("d2", "web", Health.WELL)]


@pytest.mark.parametrize(
    ("events", "sentences"), [(TRIED, [DENIED, DENIED]), ([*TRIED, *ENDED], [OFF]), (ENDED[1:], [])]
)
@pytest.mark.parametrize("code", ["0", "1", ""])
def test_the_last_word_on_a_check_is_the_daemons(
    app: Flask, person: Person, events: list[Event], sentences: list[Said], code: str
) -> None:
    text = page(app, person, "en", *INSTALL, *events, code=code)
    assert outcome.unwell(ran(context.of(app).runs / "again", *events)) == sentences
    assert (f'data-unwell="{len(sentences)}"' in text) == bool(sentences)
    assert text.count(DENIED) + text.count(OFF) == len(sentences)
