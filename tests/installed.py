"""floatip as somebody has it who never saw the repository: a wheel of this tree, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from lab.paths import ROOT

SOURCES = ("floatip", "wizard", "templates", "deploy.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


class Installed:
    """A wheel in a fresh environment, beside what it depends on, and a home where nobody has ever been. What is run is
    run from `/`, and finds nothing of the checkout."""

    def __init__(self, directory: Path) -> None:
        self.wheel = Path(os.environ[WHEEL]) if WHEEL in os.environ else _wheel(directory)
        self.home = directory / "home"
        self.home.mkdir()
        self.environment = directory / "environment"
        _ran(sys.executable, "-m", "venv", "--without-pip", self.environment)
        python = self.environment / "bin" / "python"
        _ran(sys.executable, "-m", "pip", "--python", python, "install", *OFFLINE, self.wheel)
        # The directory alone: what leads to the checkout from there is not followed.
        (self.packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))

    @property
    def packages(self) -> Path:
        """Where the wheel has become files."""
        (found,) = self.environment.glob("lib/python*/site-packages")
        return found

    def words(self, *args: str | Path) -> list[str]:
        """`floatip ARGS…`, as its entry point stands there."""
        return [str(self.environment / "bin" / "floatip"), *map(str, args)]

    def surroundings(self, **more: str) -> dict[str, str]:
        """What a shell of somebody has, and nothing of this test run."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.home), **more}

    def run(self, *args: str | Path, timeout: float = 120, cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
        """`floatip ARGS…`, where nobody can be asked."""
        return subprocess.run(
            self.words(*args),
            cwd=cwd,
            env=self.surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )


WHEEL = "FLOATIP_WHEEL"
"""The wheel to try, where it is not to be built of this tree: a release tries what it releases."""
OFFLINE = ("--quiet", "--no-index", "--no-deps", "--no-compile", "--disable-pip-version-check")


def _wheel(directory: Path) -> Path:
    """Built from a copy: building leaves files behind, and would take those of earlier ones along."""
    tree, made = directory / "tree", directory / "made"
    tree.mkdir()
    for name in SOURCES:
        copy = shutil.copy if (ROOT / name).is_file() else _copied
        copy(ROOT / name, tree / name)
    _ran(sys.executable, "-c", BUILD, made, cwd=tree, env={**os.environ, "PYTHONPATH": ""})
    (wheel,) = made.glob("*.whl")
    return wheel


def _copied(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))


def _ran(*words: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
