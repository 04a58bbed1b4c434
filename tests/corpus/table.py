"""Each case adopted by the command line, and what came of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from click.testing import CliRunner

from floatip.cli.adopt import adopt
from floatip.model import inventory
from floatip.model.problems import errors
from tests.corpus.cases import Case


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a case. `made`: an inventory that `check` accepts; `why`: it was refused, or what went wrong."""

    case: Case
    made: bool
    questions: int = 0
    findings: int = 0
    why: str = ""
    traceback: bool = False


def row(case: Case, place: Path) -> Row:
    """Adopt it twice: for a person and for a program."""
    arguments = []
    for node, text in zip(("d1", "d2"), case.texts, strict=True):
        (place / node).write_text(text, "utf-8")
        arguments.append(f"{node}={place / node}")
    run, answer = (CliRunner().invoke(adopt, [*arguments, *more]) for more in ((), ("--json",)))
    for done in (run, answer):
        if done.exception and not isinstance(done.exception, SystemExit):
            return Row(case, made=False, why=repr(done.exception), traceback=True)
    document = {"problems": [], "findings": [], **json.loads(answer.stdout)}
    refusal = document.get("error", {}).get("message", "")
    (parsed,) = inventory.loads(run.stdout, "adopted.py") if run.exit_code == 0 else (None,)
    accepted = parsed is not None and not errors(parsed.problems)
    first = next(
        (problem for problem in document["problems"] if problem["level"] == "error"), {"path": "", "message": ""}
    )
    why = "" if accepted else refusal or f"{first['path']}: {first['message']}"
    return Row(case, accepted, len(document.get("questions", ())), len(document["findings"]), why)


def rows(cases: Iterable[Case]) -> list[Row]:
    """All of them."""
    with tempfile.TemporaryDirectory() as place:
        return [row(case, Path(place)) for case in cases]


def shown(found: list[Row]) -> Iterator[str]:
    """The table, and what it comes to."""
    for case in found:
        fate = (
            "made" if case.made else "TRACEBACK" if case.traceback else "template" if case.case.template else "refused"
        )
        kind = "single" if case.case.partner else "pair"
        yield f"{fate:9} {case.questions:2} questions {case.findings:3} findings  {kind:6} {case.case.name}  {case.why}"
    real = [result for result in found if not result.case.template]
    made = [result for result in real if result.made]
    yield f"{len(found)} cases, {len(found) - len(real)} of them templates; tracebacks: {_count(found, 'traceback')}"
    yield f"no templates: {len(real)}; inventories that check accepts: {len(made)} ({_share(made, real)} %)"
    for name in ("questions", "findings"):
        yield f"{name} of those, median: {median(getattr(result, name) for result in made) if made else '-'}"


def _count(found: list[Row], name: str) -> int:
    return sum(bool(getattr(result, name)) for result in found)


def _share(part: list[Row], whole: list[Row]) -> int:
    return round(100 * len(part) / len(whole)) if whole else 0
