"""What pyinfra is given with `--config`: a run tells from the beginning who cannot be reached, and what to do about it.

deploy.py is too late for that: where no server at all can be reached, pyinfra does not even load it.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.exceptions import ConnectError, PyinfraError
from pyinfra.api.state import BaseStateCallback
from pyinfra.connectors import ssh_util
from pyinfra.connectors.ssh import SSHConnector
from pyinfra.context import ctx_state

from floatip.deploy.lifecycle import callbacks
from floatip.language.telling import tell


class Unreached(BaseStateCallback):
    """Tells it in the terminal."""

    def host_connect_error(self, state: State, host: Host, error: Exception) -> None:  # type: ignore[override]
        """As soon as it is known."""
        logger.error("    %s", tell(callbacks.not_connected(host, error)))


def listen(state: State) -> None:
    """Watch as soon as there is somebody to call back: only then does pyinfra take callbacks."""
    init = state.init

    def watched_from_here(*given: Any, **more: Any) -> None:
        init(*given, **more)
        state.add_callback_handler(Unreached())
        callbacks.watch(state)

    state.init = watched_from_here  # type: ignore[method-assign]


def blame_the_key() -> None:
    """A private key that cannot be used is a reason like others: pyinfra ends with a traceback, or asks nobody."""
    connect = SSHConnector.connect

    def connected(connector: SSHConnector) -> None:
        try:
            connect(connector)
        except ConnectError:
            raise
        except PyinfraError as error:
            raise ConnectError(str(error)) from error

    SSHConnector.connect = connected  # type: ignore[method-assign, assignment]
    if not sys.stdin or not sys.stdin.isatty():
        ssh_util.getpass = _nobody  # type: ignore[assignment]


def _nobody(prompt: str) -> NoReturn:
    file = prompt.strip().rpartition(" ")[2].rstrip(":")
    raise PyinfraError(f"Private key file {file} is encrypted")


if ctx_state.isset():
    listen(ctx_state.get())
    blame_the_key()
