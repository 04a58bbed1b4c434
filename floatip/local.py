"""What is kept on this computer."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write(file: Path, text: str) -> None:
    """Write a file that others read at any moment: it is whole, or still the old one, or not there."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, file)


def state_directory() -> Path:
    """XDG_STATE_HOME, else ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "floatip"


def write_whole(target: Path, text: str) -> None:
    """Put a file there for its owner alone: whoever reads it finds all of the old text or all of the new one."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
