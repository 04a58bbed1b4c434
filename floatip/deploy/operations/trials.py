"""Running health checks once as the daemon will run them, and what came of it.

As their user, without a session of his (keepalived, too, only changes the ids and drops other groups), in /, with
nothing on standard input, for no longer than their own timeout. What a check prints goes nowhere with keepalived, so
that these are the only words anybody hears of it: the last ones, bounded.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote

from floatip.keepalived import render
from floatip.model.tracking import Script
from floatip.runs.events import TrialResult
from floatip.server_side import shell

TRIED = "floatip-tried="
LONGEST = 30  # seconds that a check is waited for, whatever its own timeout
WORDS = 300  # bytes of what it printed last
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # systemd's own
OVERDUE = (124, 137)  # what timeout answers where it ended the command
NOT_RUN = (126, 127)  # what env answers where it could not even begin it

FUNCTIONS = rf"""
floatip_try() {{ # number, seconds, user, group (or - for his own), command: prints its last words and its exit code
  number=$1 seconds=$2 && uid=$(id -u "$3") && gid=$(id -g "$3") || return 1
  if [ "$4" != - ]; then gid=$4; fi # setpriv takes a name
  shift 4 || return 1
  words=$(floatip_run "$@" | timeout -k 1 $((seconds + 3)) tail -c {WORDS} | base64 -w0) || return 1
  echo "{TRIED}$number $words"
}}
floatip_run() {{ # command: what it prints, and then its exit code on a line of its own
  cd / || return 1
  code=0
  timeout -k 1 "$seconds" setpriv --reuid="$uid" --regid="$gid" --clear-groups \
    env -i PATH={PATH} "$@" </dev/null 2>&1 || code=$?
  printf '\n%s' "$code"
}}
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """How one health check ended; `said`: its last words, on one line; `code`: its exit code."""

    result: TrialResult
    said: str = ""
    code: int | None = None


UNKNOWN = Trial(TrialResult.UNKNOWN)


def seconds(script: Script) -> int:
    """How long a check is waited for."""
    return min(script.timeout, LONGEST)


def script(checks: Sequence[Script]) -> str:
    """Run these checks, one after the other."""
    commands = (
        f"floatip_try {number} {seconds(check)} "
        + " ".join(map(quote, (*f"{check.user} -".split()[:2], *render.command_line(check).split())))
        for number, check in enumerate(checks)
    )
    return shell.script(*commands, functions=FUNCTIONS)


def longest(checks: Sequence[Script]) -> int:
    """Seconds that the script takes at most."""
    return sum(seconds(check) + 5 for check in checks) + 5


def read(checks: Sequence[Script], lines: Iterable[str]) -> dict[str, Trial]:
    """Health check → how it ended, as the script has printed it."""
    printed = dict(line.removeprefix(TRIED).partition(" ")[::2] for line in lines if line.startswith(TRIED))
    return {check.name: _trial(printed.get(str(number), "")) for number, check in enumerate(checks)}


def _trial(encoded: str) -> Trial:
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return UNKNOWN
    printed, _, ended = text.rpartition("\n")
    if not (ended.isascii() and ended.isdigit() and len(ended) <= 3):
        return UNKNOWN
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in printed).split())[:WORDS]
    return Trial(_result(int(ended), said), said, int(ended))


def _result(code: int, said: str) -> TrialResult:
    if code in OVERDUE:
        return TrialResult.OVERDUE
    if code in NOT_RUN and "env: " in said:
        return TrialResult.NOT_RUN
    return TrialResult.FAILED if code else TrialResult.WELL
