"""What is kept on this computer, and what its terminal can show.

deployed  what the last proven deploy put on which servers
running   what a file's servers run: that, or what their own files say
"""

from __future__ import annotations

import codecs
import io
import os
import sys
import tempfile
from pathlib import Path

SPELT = {
    "●": "*",
    "○": "o",
    "▲": "!",
    "→": "->",
    "⇄": "<->",
    "…": "...",
    "─": "-",
    "▁": "_",
    "▇": "#",
    "–": "-",
    "—": "-",
    "“": '"',
    "”": '"',
    "‹": "<",
    "≠": "!=",
}
"""Signs of ours → how they are spelt where the terminal's character set lacks them."""


def readable() -> None:
    """Have what the terminal's character set lacks spelt with what it has, as of now: no sign is worth a traceback."""
    codecs.register_error("floatip", _spelt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(errors="floatip")


def _spelt(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(SPELT.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


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
