"""Build, check, try and sum up, into `dist/`; nothing is uploaded."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import floatip
from lab.paths import ROOT
from tests.installed import WHEEL
from tests.release import agreement, manual

DIST = ROOT / "dist"
SUMS = "SHA256SUMS"
BUILD = "import sys; from setuptools import build_meta as one; getattr(one, sys.argv[1])(sys.argv[2])"
TWINE = ROOT / ".venv-release" / "bin" / "twine"


def main() -> None:
    """Each step; the first that fails ends it."""
    reasons = agreement.disagreements(
        floatip.__version__,
        (ROOT / "CHANGELOG.md").read_text("utf-8"),
        _said("git", "tag", "--points-at", "HEAD").split(),
        _said("git", "status", "--porcelain"),
    )
    if reasons:
        raise SystemExit("Not released:\n" + "\n".join(reasons))
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    made = _built()
    _run(TWINE, "check", "--strict", *made)
    tests = [sys.executable, "-m", "pytest", "-n", "0", "-q", "tests/lab/test_installed.py"]
    _run(*tests, env={**os.environ, WHEEL: str(made[-1])})
    (DIST / "floatip.1").write_text(manual.page(), "utf-8")
    files = sorted(DIST.iterdir())
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (DIST / SUMS).write_text("".join(sums))
    print("".join(sums), end="")


def _built() -> list[Path]:
    """The sdist of what is committed, and the wheel that comes of the sdist alone."""
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, "tree.tar")
        _run("git", "archive", "--output", tree, "HEAD")
        sources = _unpacked(tree, Path(place, "sources"))
        _run(sys.executable, "-c", BUILD, "build_sdist", DIST, cwd=sources)
        (sdist,) = DIST.glob("*.tar.gz")
        (alone,) = _unpacked(sdist, Path(place, "alone")).iterdir()
        _run(sys.executable, "-c", BUILD, "build_wheel", DIST, cwd=alone)
    (wheel,) = DIST.glob("*.whl")
    return [sdist, wheel]


def _unpacked(archive: Path, to: Path) -> Path:
    with tarfile.open(archive) as archived:
        archived.extractall(to, filter="tar")
    return to


def _said(*words: str) -> str:
    return subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _run(*words: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Quietly; what it said is told where it fails."""
    done = subprocess.run(words, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}\nNot released: {' '.join(map(str, words))} failed.")


if __name__ == "__main__":
    main()
