"""A script that was planned elsewhere, and a function on the controller, as operations."""

from __future__ import annotations

from collections.abc import Callable, Generator

from pyinfra.api import Host, State, operation
from pyinfra.api.command import FunctionCommand, StringCommand

from floatip.deploy.operations.naming import named

Work = Callable[[State, Host], bool]


@named
@operation()
def run(*, script: str | None) -> Generator[StringCommand, None, None]:
    """Run a shell script.

    + script: what to run; None where there is nothing to do
    """
    if script is not None:
        yield StringCommand(script)


@named
@operation()
def call(*, work: Work | None) -> Generator[FunctionCommand, None, None]:
    """Call a function on the controller; it says itself what went wrong and answers whether it succeeded.

    + work: called with state and host; None where there is nothing to do
    """
    if work is not None:

        def function(state: State, host: Host) -> bool:
            return work(state, host)

        yield FunctionCommand(function, (), {})
