"""Asking a host with a script of ours, and finding out why it does not tell: most often its login is to blame."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyinfra.api import Host, State
from pyinfra.api.command import StringCommand

from floatip.hosts import connection
from floatip.hosts.connection import Answer
from floatip.hosts.ssh_errors import Untold, Why

QUICK = 5  # seconds for a command that does nothing
SHELL = "floatip-shell="
SHELLS = ("sh", "bash", "dash", "ash", "busybox", "ksh", "mksh", "zsh", "fish")
"""Those that hand a script of several lines to sh as it is."""


def asked(state: State, host: Host, script: str, mark: str, *, timeout: int = connection.TIMEOUT) -> list[str]:
    """What a script prints whose first line is `mark`=1; Untold where it prints something else first, or fails."""
    answer = connection.run(state, host, script, timeout=timeout)
    lines = answer.stdout.split("\n")
    if answer.ok and lines[0] == f"{mark}=1":
        return lines
    raise answer.untold or _why(state, host, lines, answer, f"{mark}=1")


def _why(state: State, host: Host, lines: list[str], answer: Answer, mark: str) -> Untold:
    error = _first(answer.stderr.split("\n"))
    if answer.gone or not connection.connected(host):
        return Untold(Why.LOST, said=error)
    if lines[0] == mark:  # csh takes a script for several commands of its own, and some of them succeed
        shell = _shell(state, host)
        return shell if shell and shell.code is Why.OTHER_SHELL else Untold(Why.SCRIPT_FAILED, said=error)
    if any(line.endswith(mark) for line in lines):
        return Untold(Why.LOGIN_PRINTS, said=_first(lines).removesuffix(mark))
    if re.search(r"\bsudo\b", error):
        wanted = re.search("password|interactive authentication", error)
        return Untold(Why.SUDO_PASSWORD if wanted else Why.NO_SUDO)
    return _shell(state, host) or Untold(Why.SCRIPT_FAILED, said=error or _first(lines))


def _shell(state: State, host: Host) -> Untold | None:
    """What is wrong with the login shell: asked with one line, which each kind of shell understands."""
    try:
        _, output = host.connector.run_shell_command(StringCommand(f"echo {SHELL}$SHELL"), False, False, _timeout=QUICK)
    except Exception:  # as in `remote.run`
        return None
    shells = [line.partition(SHELL)[2] for line in output.stdout_lines if SHELL in line]
    if not shells:
        return Untold(Why.NO_COMMANDS, said=_first(output.output_lines))
    name = shells[-1].rpartition("/")[2]
    return Untold(Why.OTHER_SHELL, program=shells[-1]) if name not in SHELLS else None


def _first(lines: Iterable[str]) -> str:
    return next((line.strip() for line in lines if line.strip()), "")
