"""The programs that keepalived shall run on a server as another user than usual: is the user there, and the program,
and can nobody but root change it? keepalived itself asks so (`check_script_secure` in notify.c), but only the daemon
that runs then: its script is disabled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote

from floatip.model.cluster import Cluster
from floatip.model.settings.scripts import Runs, programs

MARK = "floatip-programs"
PART = re.compile(r"([0-9]{1,4}) ([0-9]{1,10}) ([0-9]{1,10}) ([0-7]{1,4}) ([a-z ]{1,30})", re.ASCII)
USER = re.compile(r"([0-9]{1,4}) ([0-9]{1,10})", re.ASCII)
STICKY, BY_GROUP, BY_OTHERS = 0o1000, 0o020, 0o002
FUNCTIONS = r"""
floatip_parts() { # number, path: who owns and may change it, and each directory above it
  floatip_path=$2
  while stat -c "part=$1 %u %g %a %F" -- "$floatip_path" 2>/dev/null && [ "$floatip_path" != / ]; do
    floatip_path=$(dirname -- "$floatip_path") || return 1
  done
  return 0
}
floatip_program() { # number, user, path
  echo "asked=$1 $2 $3"
  if floatip_id=$(id -u -- "$2" 2>/dev/null); then echo "user=$1 $floatip_id"; fi
  if floatip_real=$(realpath -e -- "$3" 2>/dev/null); then
    echo "there=$1"
    floatip_parts "$1" "$3" && floatip_parts "$1" "$floatip_real" || return 1
  fi
}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """What was found of one. `uid`: of the user, None where there is no such user; `safe`: root alone can change it."""

    uid: int | None
    there: bool
    safe: bool


Found = dict[Runs, Program]


def asked(cluster: Cluster, node: str) -> tuple[Runs, ...]:
    """What has to be looked at on a server; nothing for most clusters."""
    return programs(cluster, node)


def script(wanted: Sequence[Runs]) -> str:
    """The shell script for one host."""
    lines = (
        f"floatip_program {number} {quote(program.user.split()[0])} {quote(program.path)} || exit 1"
        for number, program in enumerate(wanted)
    )
    return "\n".join(["LC_ALL=C; export LC_ALL", f"echo {MARK}=1", FUNCTIONS, *lines, "true"])


def parse(wanted: Sequence[Runs], lines: Iterable[str]) -> Found:
    """What it printed, read with suspicion; nothing of what was not asked."""
    values: dict[str, list[str]] = {}
    for line in list(lines)[:2000]:
        key, _, value = line.partition("=")
        values.setdefault(key, []).append(value)
    users = {row[1]: int(row[2]) for row in map(USER.fullmatch, values.get("user", [])) if row}
    parts = [row for row in map(PART.fullmatch, values.get("part", [])) if row]
    numbers = {text: number for number, _, text in (line.partition(" ") for line in values.get("asked", []))}
    return {
        program: Program(
            users.get(number), number in values.get("there", []), _safe([p for p in parts if p[1] == number])
        )
        for program in wanted
        if (number := numbers.get(f"{program.user.split()[0]} {program.path}")) is not None
    }


def _safe(parts: list[re.Match[str]]) -> bool:
    """keepalived's own rule: everything belongs to root, and nobody else may write there; a directory with the sticky
    bit is as good."""
    return bool(parts) and not any(_open(int(row[2]), int(row[3]), int(row[4], 8), row[5]) for row in parts)


def _open(uid: int, gid: int, mode: int, kind: str) -> bool:
    link, sticky = kind.startswith("symbolic"), kind == "directory" and bool(mode & STICKY)
    writable = bool((gid and mode & BY_GROUP) or mode & BY_OTHERS)
    return uid != 0 or (writable and not link and not sticky)
