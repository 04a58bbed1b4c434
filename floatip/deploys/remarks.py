"""Saying something about a server, to people on the terminal and to programs."""

from __future__ import annotations

from pyinfra import logger

from floatip import detached
from floatip.events import Remark
from floatip.problems import Level
from floatip.words import Said


def remark(name: str, code: str, level: Level, message: Said, *, prefix: str = "    ") -> None:
    """A warning, or anything less. `prefix`: pyinfra's for the host, in the middle of a step."""
    (logger.warning if level is Level.WARNING else logger.info)(f"{prefix}{message}")
    detached.tell(Remark(f"nodes.{name}", code, level, message))
