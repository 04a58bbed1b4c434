"""What real hosts answered, read again: the planted fault is the first finding, on every Debian.

After a change that makes the hosts be asked otherwise, `make soak` records anew.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from floatip.cli import main
from floatip.model.cluster import Cluster
from floatip.operate import running
from floatip.operate.doctor import Case, diagnose, examining
from floatip.operate.running import Running, Source
from lab.names import SUITES
from tests.lab.faults import FAULTS, UNREACHABLE
from tests.recorded.doctor_answers import HEALTHY, INVENTORY, PLACE, Recording, case

FILES = sorted(PLACE.glob("*.json"))
NAMES = {HEALTHY, UNREACHABLE.name, *(fault.name for fault in FAULTS)}
KEEPALIVED = {"bullseye": "2.1.", "bookworm": "2.2.", "trixie": "2.3."}


def judged(path: Path) -> Case:
    """A recording as the doctor sees it."""
    made = Recording.load(path)
    return case(made, Recording.load(PLACE / f"{made.suite}-{HEALTHY}.json"))


def test_every_fault_is_recorded_on_every_debian() -> None:
    assert {path.name for path in FILES} == {f"{suite}-{name}.json" for suite in SUITES for name in NAMES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recording_says_what_it_is(path: Path) -> None:
    made = Recording.load(path)
    assert made.file == path.name
    assert re.sub(r"^1:", "", made.keepalived).startswith(KEEPALIVED[made.suite])
    assert (made.inventory, set(made.servers)) == (INVENTORY.name, {"d1", "d2"})
    assert path.stat().st_size < 64_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_planted_fault_is_the_first_finding(path: Path) -> None:
    made, found = Recording.load(path), diagnose(judged(path))
    if not made.code:
        assert found == []
        return
    first = found[0]
    assert first.code == made.code
    assert made.words in f"{first.what} {first.evidence}"
    assert first.node == ("" if made.code == "unheard" else first.node if made.host == "client" else made.host)
    assert first.mend


def test_what_passes_is_no_matter_of_shape_and_everything_else_is() -> None:
    made = Recording.load(PLACE / f"bookworm-{HEALTHY}.json")

    def without(section: str, start: str) -> set[str]:
        servers = {name: {**answer} for name, answer in made.servers.items()}
        for answer in servers.values():
            answer[section] = [line for line in answer[section] if not line.startswith(start)]
        return replace(made, servers=servers).shape()

    assert without("aside", "loaded=") == without("network", "heard=") == made.shape()
    assert made.shape() - without("lines", "system=") == {"lines system"}


Edit = Callable[[dict[str, Any]], object]


def without(start: str) -> Edit:
    """Take away the lines of the first section that begin like this."""

    def edit(answer: dict[str, Any]) -> None:
        answer["lines"] = [line for line in answer["lines"] if not line.startswith(start)]

    return edit


def renamed(answer: dict[str, Any]) -> None:
    """The cable's interface is called otherwise."""
    answer["lines"] = [line.replace('"eth1"', '"eth7"') for line in answer["lines"]]


def late(answer: dict[str, Any]) -> None:
    """Its clock is a minute ahead of ours."""
    answer["at"] -= 60


def readonly(answer: dict[str, Any]) -> None:
    """Two of the directories that are written to are on a file system that takes no change."""
    answer["lines"] = [*answer["lines"], "readonly=/etc", "readonly=/etc"]


EDITED: list[tuple[str, Edit]] = [
    ("not-installed", without("package=keepalived ")),
    ("no-such-interface", renamed),
    ("clock", late),
    ("read-only", readonly),
    ("no-configuration", without("file=conf ")),
    ("no-log", without("file=rsyslog ")),
    ("script-security", without("file=check ")),
]
"""What cannot be planted on a host of the lab, or differs by a line from what can."""


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(("code", "edit"), EDITED)
def test_a_healthy_answer_with_one_thing_amiss(suite: str, code: str, edit: Edit) -> None:
    made = Recording.load(PLACE / f"{suite}-{HEALTHY}.json")
    amiss = dict(made.servers["d2"])
    edit(amiss)
    found = diagnose(case(replace(made, servers={**made.servers, "d2": amiss}), made))
    assert [(finding.code, finding.node) for finding in found] == [(code, "d2")]


NEW = "loaded=WARNING - script `/tmp/x` is not executable"
OLD_ONES = [f"loaded={line}" for line in (NEW.partition("=")[2], "Reloading ...", "Reload complete")]
JOURNALS: list[tuple[str, list[str], list[str]]] = [
    ("since its start", ["loaded=Starting Keepalived v2.2.7 (01/16,2022)", NEW], ["script-security"]),
    ("mended since", OLD_ONES, []),
    ("and again", [*OLD_ONES, NEW], ["script-security"]),
]


@pytest.mark.parametrize(("lines", "codes"), [row[1:] for row in JOURNALS], ids=[row[0] for row in JOURNALS])
def test_a_complaint_counts_until_the_file_is_read_again(lines: list[str], codes: list[str]) -> None:
    made = Recording.load(PLACE / f"bookworm-{HEALTHY}.json")
    said = [line for line in made.servers["d2"]["daemon"] if not line.startswith(("script=", "status=", "checks="))]
    d2 = {**made.servers["d2"], "aside": [*made.servers["d2"]["aside"], *lines], "daemon": said}
    found = diagnose(case(replace(made, servers={**made.servers, "d2": d2}), made))
    assert [finding.code for finding in found] == codes


@pytest.mark.parametrize(
    ("result", "words"), [("exit-code", "(it ended with an error)"), ("of-tomorrow", "(of-tomorrow)")]
)
def test_how_the_daemon_failed_is_said_in_words(result: str, words: str) -> None:
    made = Recording.load(PLACE / "bookworm-stopped-d2.json")
    aside = [line.replace("Result=success", f"Result={result}") for line in made.servers["d2"]["aside"]]
    d2 = {**made.servers["d2"], "aside": aside}
    found = diagnose(case(replace(made, servers={**made.servers, "d2": d2}), made))
    assert [finding.code for finding in found] == ["failed"]
    assert words in found[0].what


def test_nobody_is_a_stranger_while_a_server_does_not_answer() -> None:
    """It may be the very one whose hardware address is not known then."""
    taken = Recording.load(PLACE / "bookworm-address-taken-client.json")
    assert "address-taken" in [finding.code for finding in diagnose(judged(PLACE / taken.file))]
    silent = {**taken.servers, "d2": {"error": "timed out"}}
    found = diagnose(case(replace(taken, servers=silent), Recording.load(PLACE / f"bookworm-{HEALTHY}.json")))
    assert (found[0].code, "address-taken" in [finding.code for finding in found]) == ("unreachable", False)


@pytest.mark.parametrize("asked", [["asked=1"], ["asked=1", "json="], []])
def test_a_daemon_that_says_nothing_holds_its_address_all_the_same(asked: list[str]) -> None:
    """There may be no room for what it has to say; its kernel has the address."""
    made = Recording.load(PLACE / f"bookworm-{HEALTHY}.json")
    lines = [line for line in made.servers["d1"]["daemon"] if not line.startswith(("json=", "asked="))]
    d1 = {**made.servers["d1"], "lines": [*made.servers["d1"]["lines"], "room=0 1 9 9 /tmp"], "daemon": lines + asked}
    found = diagnose(case(replace(made, servers={**made.servers, "d1": d1}), made))
    assert [(finding.code, finding.node) for finding in found] == [("disk-full", "d1")]


@pytest.mark.parametrize("suite", SUITES)
def test_a_server_that_was_left_behind(suite: str) -> None:
    made = Recording.load(PLACE / f"{suite}-{HEALTHY}.json")
    record = base64.b64encode(b"1 lab 10.9.1.6\nd3 192.0.2.3 - 10.9.1.63\n").decode()
    d1 = {**made.servers["d1"], "lines": [*made.servers["d1"]["lines"], f"file=members 644:root:root {record}"]}
    found = diagnose(case(replace(made, servers={**made.servers, "d1": d1}), made))
    assert [(finding.code, finding.node) for finding in found] == [("left-behind", "d3")]


def doctor(monkeypatch: pytest.MonkeyPatch, name: str, *words: str) -> Result:
    """The command line over a recording."""
    recorded = judged(PLACE / f"bookworm-{name}.json")

    def examine(_: list[Cluster]) -> list[Case]:
        return [recorded]

    monkeypatch.setattr(examining, "examine", examine)
    monkeypatch.setattr(running, "of", lambda clusters: [Running(Source.FILE, cluster) for cluster in clusters])
    return CliRunner().invoke(main, ["doctor", str(INVENTORY), *words])


def test_what_a_person_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = doctor(monkeypatch, HEALTHY)
    assert (answer.exit_code, answer.stdout) == (0, f"● {INVENTORY}: nothing is wrong.\n")
    answer = doctor(monkeypatch, UNREACHABLE.name)
    assert answer.exit_code == 1
    assert answer.stdout.startswith("1. d2 could not be checked. The port is open, but SSH does not answer there.")


def test_what_a_program_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = doctor(monkeypatch, HEALTHY, "--json")
    expected = {
        "file": str(INVENTORY),
        "ok": True,
        "deployed": [{"source": "file", "not_deployed": []}],
        "findings": [],
    }
    assert json.loads(answer.stdout) == expected
    answer = doctor(monkeypatch, UNREACHABLE.name, "--json")
    expected = json.loads(answer.stdout)
    assert (answer.exit_code, expected["ok"], [finding["code"] for finding in expected["findings"]]) == (
        1,
        False,
        ["unreachable"],
    )
