"""Given with `--config`: watches from before the connections, as floatip's own does."""

import json
import os
from typing import Any

from pyinfra.api import Host, State
from pyinfra.api.state import BaseStateCallback
from pyinfra.context import ctx_state


def note(*what: Any) -> None:
    """A line for the test."""
    with open(os.environ["NOTES"], "a") as file:
        print(json.dumps(what), file=file)


class Noted(BaseStateCallback):
    """Each call that floatip relies on."""

    def host_connect_error(self, state: State, host: Host, error: Exception) -> None:  # type: ignore[override]
        """No connection."""
        note("not connected", host.name, str(error))

    def operation_start(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """A step begins: which one, of how many, and whether what deploy.py has set still stands."""
        (name,) = state.get_op_meta(op_hash).names
        note("start", name, len(state.get_op_order()), state.config.FAIL_PERCENT)

    def operation_host_success(  # type: ignore[override]
        self, state: State, host: Host, op_hash: str, retry_count: int = 0
    ) -> None:
        """It went well."""
        note("success", host.name)

    def operation_host_error(  # type: ignore[override]
        self, state: State, host: Host, op_hash: str, retry_count: int = 0, max_retries: int = 0
    ) -> None:
        """It did not."""
        note("error", host.name)

    def operation_end(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """All are done."""
        changed = [
            state.get_op_data_for_host(operation, op_hash).operation_meta.did_change() for operation in state.ops
        ]
        note("end", changed)


if ctx_state.isset():
    current = ctx_state.get()
    init = current.init

    def watched(*given: Any, **more: Any) -> None:
        """Only now are handlers taken."""
        init(*given, **more)
        current.add_callback_handler(Noted())

    current.init = watched
    note("early", current.initialised)
