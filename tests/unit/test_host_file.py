"""A file that a service was not told of is not yet as it should be, and the next run tells it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from floatip.host_state import File
from floatip.operations import hosts

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files on a server belong to root")


def commands(path: Path, text: str | None, after: str) -> list[str]:
    """What the operation would run now."""
    found = None
    if path.exists():
        found = File(f"{path.stat().st_mode & 0o777:o}:root:root", path.read_text())
    work = hosts.file._inner(path=str(path), text=text, mode="0644", found=found, after=after)
    return [str(one) for one in work]


def run(script: str) -> int:
    """Its exit code."""
    return subprocess.run(["sh", "-c", script], check=False).returncode


@pytest.mark.parametrize("text", ["what it shall say\n", None])
def test_what_the_service_was_not_told_is_told_again(tmp_path: Path, text: str | None) -> None:
    path, told = tmp_path / "its.conf", tmp_path / "told"
    path.write_text("before\n")
    (failing,) = commands(path, text, "false")
    assert run(failing) != 0
    (again,) = commands(path, text, f"touch {told}")
    assert run(again) == 0
    assert told.exists()
    assert (path.read_text() if path.exists() else None) == text
    assert commands(path, text, "false") == []
