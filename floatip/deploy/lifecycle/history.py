"""A run that was begun with `pyinfra FILE deploy.py` is in this computer's history, like those that floatip begins."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pyinfra.api import State

from floatip.runs import detached, recorded
from floatip.runs.events import Begin, End
from floatip.server_side.lease.model import What


def keep(state: State, file: Path | None, what: What, to: Mapping[str, str]) -> None:
    """Write this run down, where nobody does so already; not where it only tells what it would do. `to`: instance → the
    server that it is moved to. What nobody agrees to, at pyinfra's question, leaves nothing."""
    if os.environ.get(detached.RUN) or file is None or "--dry" in sys.argv:
        return
    node = ", ".join(sorted(set(to.values())))
    if place := recorded.place(recorded.texts(file, what, node, to)):
        os.environ[detached.RUN] = str(place)
        atexit.register(_ended, state, place)


def _ended(state: State, place: Path) -> None:
    """It is done where each step has ended, and no server has failed."""
    events = detached.events_of(place)
    total = max((event.of for event in events if isinstance(event, Begin)), default=0)
    whole = total and sum(isinstance(event, End) for event in events) >= total
    recorded.ended(place, 0 if whole and not state.failed_hosts else 1)
