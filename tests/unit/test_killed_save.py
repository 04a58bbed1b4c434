"""A save that is killed, at every line of it: the file is the old one or the new one, whole; the next save works.

What a killed process leaves is what others see at that moment. So one save is looked at before each of its lines, and
a child process is really killed once for each state that its directory was seen in.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from floatip.model import inventory
from floatip.model.cluster import Cluster
from lab.paths import ROOT
from wizard.drafts import Draft, Drafts
from wizard.drafts.inventories import Inventories

WATCHED = ("/inventory/__init__.py", "/wizard/drafts/__init__.py", "/model/atomic.py", "/tempfile.py")
Files = dict[str, tuple[bytes, int]]


@dataclass(frozen=True)
class Save:
    """One save into a directory. `before`: the files that are there; `call`: what is done; `look`: "old" or "new",
    whichever somebody finds there who looks now, and has checked that it is whole."""

    directory: Path
    before: dict[str, bytes]
    call: Callable[[], object]
    look: Callable[[], str]

    def prepare(self) -> None:
        """Have the files from before in the directory, and nothing else."""
        for file in self.directory.iterdir():
            file.unlink()
        for name, content in self.before.items():
            (self.directory / name).write_bytes(content)

    def files(self) -> Files:
        """Name → content and mode; temporary files, whose names are random, by their ending."""
        found = {"*.tmp" if file.suffix == ".tmp" else file.name: file for file in self.directory.iterdir()}
        return {name: (file.read_bytes(), file.stat().st_mode) for name, file in found.items()}

    def seen(self) -> list[tuple[str, Files]]:
        """What there is before each line of the save."""
        seen: list[tuple[str, Files]] = []
        self.prepare()
        traced(self.call, lambda: seen.append((self.look(), self.files())))
        return seen

    def killed_at(self, number: int) -> bool:
        """Save in a child process that gets SIGKILL before its line `number`; whether it came so far."""
        self.prepare()
        child = os.fork()
        if child == 0:
            tempfile.mktemp()  # a new process seeds its random names at the first one: not a line of the save
            left = iter(range(number - 1, -1, -1))
            try:
                traced(self.call, lambda: None if next(left) else os.kill(os.getpid(), signal.SIGKILL))
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)


def traced(call: Callable[[], object], before_line: Callable[[], object]) -> None:
    """Call it, and the other one before each of its lines."""

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            before_line()
        return trace

    usual = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(usual)


def assert_whole_at_every_line(save: Save) -> None:
    """Look at every line; kill at the first line of each state, and at the last of all."""
    save.call()  # what is done only once in a process has been done
    seen = save.seen()
    assert len(seen) > 20
    assert {kind for kind, _ in seen} == {"old", "new"}, "looked at only before, or only after the one moment"
    changes = [number for number in range(1, len(seen)) if seen[number] != seen[number - 1]]
    assert len(changes) > 2, "made, written, and put in its place: the temporary file was not seen"
    for number in (0, *changes, len(seen) - 1):
        assert save.killed_at(number + 1), number
        assert (save.look(), save.files()) == seen[number], f"killed before line {number}, it leaves something else"
        save.call()
        assert save.look() == "new", f"the save after one that was killed before line {number}"
    assert not save.killed_at(len(seen) + 1)
    assert save.look() == "new"


def lab() -> Cluster:
    """The article's."""
    (parsed,) = inventory.read(ROOT / "inventories" / "lab.py")
    assert parsed.cluster
    return parsed.cluster


@pytest.mark.parametrize("before", ["nothing", "an older one"])
def test_an_inventory(tmp_path: Path, before: str) -> None:
    old, new = inventory.dumps(lab()), replace(lab(), log_file=False)
    kinds = {old if before != "nothing" else None: "old", inventory.dumps(new): "new"}
    target = tmp_path / "lab.py"

    def look() -> str:
        found = target.read_text() if target.exists() else None
        assert Inventories(tmp_path).names() == ([] if found is None else ["lab"])
        return kinds[found]

    files = {} if before == "nothing" else {"lab.py": old.encode()}
    assert_whole_at_every_line(Save(tmp_path, files, lambda: inventory.save(new, tmp_path), look))


def test_a_draft(tmp_path: Path) -> None:
    drafts, new = Drafts(tmp_path), "new" * 5000
    key = drafts.new(name="old", data={"n": 0}).key
    old = (tmp_path / f"{key}.json").read_bytes()

    def look() -> str:
        (found,) = drafts.all()
        assert found.name == new or (found.name, found.version, found.data) == ("old", 1, {"n": 0})
        return found.name[:3]

    def save() -> None:
        drafts.save(Draft(key, new), drafts.get(key).version)

    assert_whole_at_every_line(Save(tmp_path, {f"{key}.json": old}, save, look))
    assert drafts.get(key).version == 2
