"""Writing a file in one step: for whatever others read at any moment, or after a power cut."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

PRIVATE, PUBLIC = 0o600, 0o644


def write(target: Path, text: str, mode: int = PRIVATE) -> None:
    """Write a file: whoever reads it finds all of the new text, or still the old file, or none.

    `mode`: of a new one; an old one's is kept. A missing directory is made for its owner alone. OSError where it
    cannot be written, and then the old one is still there.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fchmod(file.fileno(), _mode(target, mode))
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


def move(source: Path, target: Path) -> None:
    """Give a file or a directory another name on the same file system; a file of that name is replaced. OSError where
    that cannot be done, and then it still has the old one."""
    os.replace(source, target)
    for directory in {source.parent, target.parent}:
        _sync_directory(directory)


def _mode(target: Path, mode: int) -> int:
    with suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    return mode


def _sync_directory(directory: Path) -> None:
    """Have the new name survive a power cut, where the file system can do that for a directory."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
