"""Keeping a change on a server, proving it, and forgetting it: shell scripts for root's sh."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from shlex import quote

from floatip.hosts import network_script
from floatip.model import paths
from floatip.server_side import shell
from floatip.server_side.pending import change
from floatip.server_side.pending.change import PLACES, Change
from floatip.server_side.pending.model import Way

SOURCE = Path(__file__).with_name("watch.pl")
DIRECTORY = paths.CHANGE_DIRECTORY
FUNCTIONS = rf"""
floatip_keep_as() {{ # path, copy, its sum: where an earlier change was not brought to its end, what was kept then stays
  [ ! -e {paths.CHANGE} ] || return 0
  if [ "$3" = none ]; then rm -f "$2"; return; fi
  floatip_expect "$1" "$3" && floatip_new "$2" && cp -p "$1" "$new" && sync "$new" && mv -f "$new" "$2"
}}
"""

FORGET = (f"rm -f {paths.CHANGE}", f"rm -rf {DIRECTORY} {paths.WATCHED}")
"""The lines that forget a change: first the one file that makes it one."""


@cache
def watcher() -> str:
    """The program that a server runs that is left to itself."""
    return SOURCE.read_text("utf-8") + network_script.LISTENER


def keep(current: Change) -> str:
    """Keep both sides of a change, and start what watches over it. Nothing counts before all is there."""
    run, previous = current.brief.run, current.previous.texts()
    lines = [f"mkdir -p {DIRECTORY}", f"chmod 0700 {DIRECTORY}"]
    for kind, (path, _) in PLACES.items():
        copy = change.kept(run, Way.BACK, kind)
        lines.append(f"floatip_keep_as {path} {copy} {shell.checksum(previous[kind])}")
    for kind, text in current.wanted.texts().items():
        if text is not None:
            lines.append(shell.put(change.kept(run, Way.ON, kind), text, f"{PLACES[kind][1]:04o}"))
    return _script(
        *lines,
        shell.put(paths.WATCH, watcher(), "0600"),
        f": >{paths.UNPROVED}",
        f"mkdir -p {paths.WATCHED.rpartition('/')[0]}",
        f": >{paths.WATCHED}",
        shell.put(paths.CHANGE, change.write(current), "0600"),
        f"systemd-run -q --no-block --collect --unit=floatip-pending-{run} perl {paths.WATCH} timer {run}",
    )


def proved() -> str:
    """The run has seen everything in order: who is left alone from here on goes on. Needs no room on the disk."""
    return _script(f"rm -f {paths.UNPROVED}")


def forget(moved: str | None) -> str:
    """The change is at its end: the note of a move becomes true with it."""
    note = f"rm -f {paths.MOVED}" if moved is None else shell.put(paths.MOVED, moved, "0644")
    return _script(note, *FORGET)


def forget_back(check: str | None, *, changed: bool) -> str:
    """The change was taken back. `check`: the health check script as it was; `changed`: whether it is another now."""
    line = f"rm -f {paths.CHECK_SCRIPT}" if check is None else shell.put(paths.CHECK_SCRIPT, check, "0755")
    return _script(*([line] if changed else []), *FORGET)


def hear(seconds: int) -> str:
    """Print who speaks which identity (a voice and an address a line) for so many seconds."""
    return f"perl {quote(paths.WATCH)} hear {seconds}"


def _script(*lines: str) -> str:
    return shell.script(*lines, functions=FUNCTIONS)
