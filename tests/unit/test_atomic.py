"""A file that others read is written in one way: whole or not at all, and safe from a power cut."""

from __future__ import annotations

import ast
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from floatip.model import atomic
from floatip.operate.drill import reports
from lab.paths import ROOT
from tests.unit.test_drill import report

# (file, what it calls): written where nobody reads it yet
EXCUSED = {
    ("floatip/model/atomic.py", "replace"),
    ("floatip/model/atomic.py", "mkstemp"),
    ("floatip/runs/detached.py", "write_text"),  # until it is linked to its name, which must not be there
    ("floatip/runs/detached.py", "open"),  # a lock; what a command prints, as it comes
    ("floatip/operate/renaming.py", "rename"),  # the record of what was deployed
    ("wizard/drafts/whole.py", "rename"),  # floatip's own, of a cluster
    *((file, "rename") for file in ("wizard/renaming.py", "wizard/views/cluster.py", "floatip/cli/rename.py")),
    ("floatip/language/__main__.py", "open"),
    ("floatip/model/settings/__main__.py", "write_text"),
    ("wizard/serve.py", "NamedTemporaryFile"),  # for the browser that is started then
    ("floatip/language/__main__.py", "write_bytes"),  # for whoever works on floatip
}
WRITING = {"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "rename", "replace"}


def calls(path: Path) -> Iterator[str]:
    """The functions of `WRITING` that a module calls, and `open` for writing; `replace` is no text's."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        of_os = ast.unparse(node.func) == "os.replace"
        modes = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if name in WRITING and (name != "replace" or of_os or (len(node.args) == 1 and not node.keywords)):
            yield name
        if name == "open" and any(mode[:1] in ("w", "x") for mode in modes):
            yield name


def test_there_is_one_way_to_write_a_file() -> None:
    files = [path for room in ("floatip", "wizard") for path in (ROOT / room).rglob("*.py")]
    found = {(str(path.relative_to(ROOT)), name) for path in files for name in calls(path)}
    assert found == EXCUSED


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What is done on the way: "sync", "replace" or "directory", and whether the target is there by then."""
    done: list[tuple[str, bool]] = []
    sync, replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        kind = "directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        done.append((kind, os.fstat(descriptor).st_size > 0))
        sync(descriptor)

    def replaced(fresh: str, target: Path) -> None:
        done.append(("replace", target.exists()))
        replace(fresh, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replaced)
    return done


def test_the_text_is_on_the_disk_before_its_name_is_and_the_name_before_anybody_is_told(
    tmp_path: Path, synced: list[tuple[str, bool]]
) -> None:
    target = tmp_path / "made" / "file.txt"
    atomic.write(target, "é\n")
    assert synced == [("file", True), ("replace", False), ("directory", True)]
    assert target.read_bytes() == b"\xc3\xa9\n"
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]
    assert [oct(path.stat().st_mode & 0o777) for path in (target.parent, target)] == ["0o700", "0o600"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    target.chmod(mode)
    atomic.write(target, "new", atomic.PUBLIC)
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("new", mode)


FAILING = ["fdopen", "fsync", "fchmod", "replace"]


@pytest.mark.parametrize("call", FAILING)
def test_where_it_fails_the_old_one_is_there_and_nothing_else(
    tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, call, full)
        with pytest.raises(OSError, match="No space left"):
            atomic.write(target, "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}


def test_a_file_system_that_cannot_sync_a_directory_is_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    atomic.write(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new"


def test_a_report_of_a_failover_test_is_written_so(
    tmp_path: Path, synced: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    reports.keep(report())
    assert [kind for kind, _ in synced] == ["file", "replace", "directory"] * 2


def test_a_name_that_was_given_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = tmp_path / "drafts/a.json", tmp_path / "deleted/a.json"
    for directory in (old.parent, new.parent):
        directory.mkdir()
    old.write_text("text")
    synced: list[tuple[Path, bool]] = []
    monkeypatch.setattr(atomic, "_sync_directory", lambda directory: synced.append((directory, new.exists())))
    atomic.move(old, new)
    assert (old.exists(), new.read_text()) == (False, "text")
    assert sorted(synced) == [(new.parent, True), (old.parent, True)]
