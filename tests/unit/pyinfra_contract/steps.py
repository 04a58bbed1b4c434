"""A deploy file that uses each inside of pyinfra as floatip does, and notes what it found."""

import json
import os
from typing import Any

from pyinfra import inventory
from pyinfra.api import State
from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS, pop_global_arguments
from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host
from pyinfra.context import ctx_host, ctx_state

from floatip.deploy.operations import scripts
from floatip.deploy.session import lease_callback
from floatip.hosts import connection


def note(*what: Any) -> None:
    """A line for the test."""
    with open(os.environ["NOTES"], "a") as file:
        print(json.dumps(what), file=file)


current, present = ctx_state.get(), ctx_host.get()
current.config.FAIL_PERCENT = 0
current.config.lock_current_state()
data = inventory.get_override_data()
note("limit", [host.name for host in current.inventory if current.is_host_in_limit(host)])
note("active", sorted(host.name for host in current.active_hosts))
note("data", data, inventory.get_group_data("lab")["answer"], "lab" in present.groups)
note("group", [host.name for host in inventory.get_group("lab")], inventory.get_host_data(present.name)["own"])
note("file", os.path.basename(str(current.current_deploy_filename)))
known = sorted({"_sudo", "_timeout"} & {*CONNECTOR_ARGUMENT_KEYS})
note("arguments", known, len(pop_global_arguments(current, present, {})))
answer = connection.run(current, present, "echo out; echo err >&2; echo $((6 * 7))")
note("answer", answer.ok, answer.stdout, answer.stderr)
note("slow", connection.run(current, present, "sleep 9", timeout=1).ok)

run = present.run_shell_command


def checked(command: StringCommand, *args: Any, **more: Any) -> Any:
    """What runs within a step comes through here."""
    note("within", present.executing_op_hash is not None, "true" in command.get_raw_value())
    return run(command, *args, **more)


present.run_shell_command = checked


def work(state: State, host: Host) -> bool:
    """A function on this computer; as `--data` says, it succeeds."""
    note("work", host.name)
    return not data.get("fails", False)


scripts.run(name="does something", script="true")
scripts.run(name="has nothing to do", script=None)
scripts.call(name="calls a function", work=work)
order = current.get_op_order()
note("commands", [lease_callback._has_commands(current, present, op_hash) for op_hash in order])
