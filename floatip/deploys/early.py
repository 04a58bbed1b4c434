"""What pyinfra is given with `--config`: a run that somebody watches tells from the beginning who cannot be reached.

deploy.py is too late for that: where no server at all can be reached, pyinfra does not even load it.
"""

from __future__ import annotations

from typing import Any

from pyinfra.api import State
from pyinfra.context import ctx_state

from floatip.deploys import watched


def listen(state: State) -> None:
    """Watch as soon as there is somebody to call back: only then does pyinfra take callbacks."""
    init = state.init

    def watched_from_here(*given: Any, **more: Any) -> None:
        init(*given, **more)
        watched.watch(state)

    state.init = watched_from_here  # type: ignore[method-assign]


if ctx_state.isset():
    listen(ctx_state.get())
