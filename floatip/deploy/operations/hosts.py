"""Files and services, as single scripts that leave a host whole wherever they are cut off."""

from __future__ import annotations

import shlex
from collections.abc import Generator

from pyinfra.api import operation
from pyinfra.api.command import StringCommand

from floatip.deploy.operations.naming import named
from floatip.hosts.host_state import File, same
from floatip.server_side import shell

Commands = Generator[StringCommand, None, None]

UNTOLD = "0600"
"""The mode of a file for as long as the service that reads it has not been told."""


@named
@operation()
def file(*, path: str, text: str | None, mode: str, found: File | None, after: str = "") -> Commands:
    """Have exactly this file, or none.

    + path: where, absolute
    + text: the whole content; None removes the file
    + mode: octal, as `0640`; the owner is root
    + found: what the host has there now
    + after: shell lines to run once the file has changed
    """
    if text is None:
        if found is not None:
            yield StringCommand(shell.script(*without(path, after)))
    elif not same(found, text, mode):
        yield StringCommand(shell.script(*_with(path, text, mode, after)))


def _with(path: str, text: str, mode: str, after: str) -> list[str]:
    """The file gets its mode last: one whose `after` failed or was cut off is not `same`, and done anew."""
    if not after:
        return [shell.put(path, text, mode)]
    return [shell.put(path, text, UNTOLD), after, f"chmod {mode} {shlex.quote(path)}"]


def without(path: str, after: str = "") -> list[str]:
    """Lines that take a file away: emptied first, and gone last, for the same reason."""
    gone = f"rm -f {shlex.quote(path)}"
    return [shell.put(path, "", UNTOLD), after, gone] if after else [gone]


@named
@operation()
def at_boot(*, unit: str, enabled: bool, active: bool | None = None) -> Commands:
    """Have a service start at boot.

    + unit: its name
    + enabled: whether it does already
    + active: whether it runs already; None leaves its present state alone
    """
    if not enabled:
        yield StringCommand(f"systemctl enable -q {shlex.quote(unit)}")
    if active is False:
        yield StringCommand(f"systemctl start {shlex.quote(unit)}")
