"""What is kept on this computer."""

from __future__ import annotations

import os
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
