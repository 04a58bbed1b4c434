"""Where things are kept on this computer, and what its terminal can show."""

from __future__ import annotations

import codecs
import io
import sys
from pathlib import Path

from platformdirs.unix import Unix

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


def state_directory() -> Path:
    """XDG_STATE_HOME where that is absolute, else ~/.local/state; on macOS too, where it always was."""
    return Unix("floatip", appauthor=False).user_state_path


def data_directory() -> Path:
    """XDG_DATA_HOME in the same way, else ~/.local/share."""
    return Unix("floatip", appauthor=False).user_data_path


def inventories() -> Path:
    """Where finished clusters are written, if nobody says where: `inventories` in the present directory, where there is
    one."""
    here = Path("inventories")
    return here.resolve() if here.is_dir() else data_directory() / "inventories"
