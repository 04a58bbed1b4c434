"""Scanners that read the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.paths import ROOT
from tests.audit.excused import EXCUSED, Finding, judge

BIN = ROOT / ".venv-audit" / "bin"
HERE = Path(__file__).parent
CODE = ["floatip", "wizard", "lab", "deploy.py"]
MARK = re.compile(r"(?:#|<!--) (ruleid|ok): ([a-z-]+)")
YIELD = re.compile(r"^(\s*)yield (?:from )?", re.MULTILINE)
RULES = set(re.findall(r"^  - id: (\S+)$", (HERE / "rules.yml").read_text(), re.MULTILINE))


def scanner(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a tool of the audit's own environment, which is asked to speak to nobody."""
    silent = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0", "PYTHONWARNINGS": "ignore"}
    argv = [str(BIN / words[0]), *words[1:]]
    return subprocess.run(argv, cwd=cwd, env={**os.environ, **silent}, capture_output=True, text=True, check=False)


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON that a scanner printed; one that printed none ends the audit with its words."""
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"the audit could not run (exit code {done.returncode}): {done.stderr[-2000:]}") from None
    return found


def bandit() -> list[str]:
    """All of bandit's rules."""
    report = document(scanner("bandit", "-q", "-f", "json", "-r", *CODE))
    if report["errors"] or not report["metrics"]["_totals"]["loc"]:
        raise SystemExit(f"bandit could not run: {report['errors'] or 'it was given nothing to read'}")
    found = [
        _finding(result["test_id"], result["filename"], result["line_range"], result["issue_text"])
        for result in report["results"]
    ]
    return judge(found, {rule for rule, *_ in EXCUSED if re.fullmatch(r"B\d+", rule)})


def semgrep() -> list[str]:
    """Our own rules over the code."""
    return judge(_semgrep(CODE), RULES)


def fixtures() -> list[str]:
    """Where a rule finds something else in the fixtures than their comments say, or has no fixture."""
    files = sorted(str(file.relative_to(ROOT)) for file in (HERE / "fixtures").iterdir())
    wanted = {
        (mark[2], file, number + 1)
        for file in files
        for number, line in enumerate((ROOT / file).read_text().splitlines(), 1)
        if (mark := MARK.search(line)) and mark[1] == "ruleid"
    }
    found = {(finding.rule, finding.file, finding.line) for finding in _semgrep(files)}
    return [
        *(f"{rule} does not find {file}:{line}" for rule, file, line in sorted(wanted - found)),
        *(f"{rule} finds {file}:{line}, which is good" for rule, file, line in sorted(found - wanted)),
        *(f"{rule} has no fixture" for rule in sorted(RULES - {rule for rule, _, _ in wanted})),
    ]


def _semgrep(targets: list[str]) -> list[Finding]:
    """On a copy in which nothing is yielded: semgrep takes a yield for the end of its function."""
    options = ["--metrics=off", "--disable-version-check", "--no-git-ignore", "--quiet", "--json"]
    with tempfile.TemporaryDirectory(prefix="floatip-audit-") as name:
        for file in (file for target in targets for file in _files(ROOT / target)):
            copy = Path(name, file.relative_to(ROOT))
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(YIELD.sub(r"\1_ = ", file.read_text()))
        words = [*options, "--project-root", name, "--config", str(HERE / "rules.yml"), *targets]
        report = document(scanner("semgrep", "scan", *words, cwd=Path(name)))
    if report["errors"] or not report["paths"]["scanned"]:
        raise SystemExit(f"semgrep could not run: {report['errors'] or 'it was given nothing to read'}")
    return [
        _finding(
            result["check_id"].rpartition(".")[2],
            result["path"],
            range(result["start"]["line"], result["end"]["line"] + 1),
            result["extra"]["message"],
        )
        for result in report["results"]
    ]


def _finding(rule: str, file: str, lines: Sequence[int], message: str) -> Finding:
    text = (ROOT / file).read_text().splitlines()
    return Finding(rule, file, lines[0], "\n".join(text[number - 1] for number in lines), message)


def _files(target: Path) -> list[Path]:
    return [target] if target.is_file() else [*target.rglob("*.py"), *target.rglob("*.html")]
