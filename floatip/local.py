"""What is kept on this computer."""

from __future__ import annotations

import os
from pathlib import Path


def state_directory() -> Path:
    """XDG_STATE_HOME, else ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "floatip"
