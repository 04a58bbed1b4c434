"""Our own programs as child processes: what they say, and every way in which they can fail to."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from floatip.hosts import monitor, probe, workers
from floatip.hosts.ssh_errors import Why
from floatip.model.messages import Said
from floatip.runs.lock import held

HEAD = "import json, sys, time\nasked = json.load(sys.stdin)\n"
GOOD = "for one in asked: print(json.dumps({'told': one}), flush=True)"
BAD = [
    ("sys.exit('first line\\nnobody answers')", "nobody answers", 60),
    ("print('Hello')", "its answer cannot be understood", 60),
    ("time.sleep(60)", "it took too long", 0.1),
]


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that is there to be run."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "a_child_of_ours.py"


def test_document_by_document(child: Path) -> None:
    child.write_text(HEAD + GOOD)
    assert list(workers.documents(["a_child_of_ours"], [1, "two"])) == [{"told": 1}, {"told": "two"}]


@pytest.mark.parametrize(("code", "why", "patience"), BAD, ids=[why for _, why, _ in BAD])
def test_why_there_is_no_answer(child: Path, code: str, why: str, patience: float) -> None:
    child.write_text(HEAD + code)
    with pytest.raises(workers.Failed, match=f"^{why}$"):
        list(workers.documents(["a_child_of_ours"], [], patience=patience))


def test_one_that_ends_before_it_has_read_says_why(child: Path) -> None:
    child.write_text("raise SystemExit('nothing to begin with')")
    more_than_a_pipe_holds = ["x" * 1_000_000]
    with pytest.raises(workers.Failed, match=r"^nothing to begin with$"):
        list(workers.documents(["a_child_of_ours"], more_than_a_pipe_holds))


def test_whoever_stops_listening_ends_it(child: Path) -> None:
    child.write_text("import json, os, sys, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    said = workers.documents(["a_child_of_ours"], [])
    process = next(said)
    begin = time.monotonic()
    said.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begin < 10
    assert subprocess.run(["ps", "-p", str(process)], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(("servers", "seconds"), [(2, 5.0), (100, 20.0)])
def test_many_servers_have_longer_to_let_us_in(monkeypatch: pytest.MonkeyPatch, servers: int, seconds: float) -> None:
    asked: list[Any] = []

    def documents(words: list[str], request: Any) -> list[Any]:
        asked.append(request)
        return []

    monkeypatch.setattr(workers, "documents", documents)
    assert list(monitor.snapshots([(f"d{number}", {}) for number in range(servers)], 2.0, 1)) == []
    assert [question["first"] for question in asked] == [seconds]


def test_one_that_was_begun_is_the_one_that_is_spoken_to(child: Path) -> None:
    child.write_text("import os\n" + HEAD + "print(os.getpid())")
    workers.begin("a_child_of_ours")
    process = workers._begun["a_child_of_ours"].process
    workers.begin("a_child_of_ours")
    assert list(workers.documents(["a_child_of_ours"], [])) == [process.pid]
    assert process.returncode == 0 and not workers._begun
    assert list(workers.documents(["a_child_of_ours"], [])) != [process.pid]


def test_one_that_was_begun_for_nothing_is_ended(child: Path) -> None:
    child.write_text(HEAD)
    workers.begin("a_child_of_ours")
    process = workers._begun["a_child_of_ours"].process
    workers.dismiss()
    assert process.returncode is not None and not workers._begun


@pytest.mark.usefixtures("forks")
def test_a_look_that_fails_is_an_answer_of_every_server() -> None:
    failed = {"why": Why.NOT_CHECKED, "values": {"said": "floatip.model.fields.Wrong: is '@local'."}}
    assert probe.ask([["d1", {}], ["@local", {}]]) == {"d1": failed, "@local": failed}


def test_a_sentence_of_a_child_can_be_said_in_another_language(child: Path) -> None:
    said = 'say("{name} was not reserved: {why}", name="d1", why=say("it does not answer"))'
    child.write_text(
        "import json\nfrom floatip.model.messages import say\nfrom floatip.runs.lock import messages\n"
        f"print(json.dumps(messages.as_json(messages.Refused({said}, 'd1'))))\n"
    )
    with pytest.raises(held.NotHeld) as failed:
        held._begun(workers.documents(["a_child_of_ours"], []))
    message = failed.value.message
    why = message.values["why"]
    assert isinstance(why, Said)
    assert (message.template, why.template) == ("{name} was not reserved: {why}", "it does not answer")
    assert message == "d1 was not reserved: it does not answer"
