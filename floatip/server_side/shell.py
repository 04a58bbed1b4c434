"""The few shell functions that every script for a server is made of.

Two rules make a script stop where something fails. A function is one chain of `&&`, or returns at once where a part
of it fails, so that it does the same wherever it is called. A script is a list of plain commands, one a line: `set -e`
ends it at the first that fails, which it does *not* do for a part of `a && b` in the middle, for a function that is
called in a condition, or for what comes before the last `|` of a pipe (docs/decisions/scripts.md).
"""

from __future__ import annotations

import base64
import hashlib
from shlex import quote

from floatip.model import passwords

TEMPORARY = ".floatip-??????~"
"""How the files that a run is at work on end: their names are the run's own. logrotate leaves names with a ~ alone, and
nobody else reads them."""

PRIVATE = '"${floatip_private-}"'
"""Nothing to a shell. A script in which it stands has a password in it, and must not be seen in a list of processes."""

FUNCTIONS = r"""LC_ALL=C; export LC_ALL
floatip_begin() { # from here on the first command that fails ends the script
  set -e
  floatip_mine=
  trap 'exit 1' HUP INT PIPE TERM
}
floatip_new() { # path -> $new: an empty file of this run beside it, for root only; it goes where it was not put to use
  new=$(mktemp "$1.floatip-XXXXXX~") && floatip_mine="$floatip_mine $new" || return 1
  trap 'rm -f $floatip_mine' EXIT # our own names, without blanks
}
floatip_fill() { # content in base64, into $new
  printf %s "$1" | base64 -d >"$new"
}
floatip_live() { # path, mode: $new takes its place, whole, even where the power fails
  chown root:root "$new" && chmod "$2" "$new" && sync "$new" && mv -f "$new" "$1"
}
floatip_put() { # path, mode, content in base64
  mkdir -p "${1%/*}" && floatip_new "$1" && floatip_fill "$3" && floatip_live "$1" "$2"
}
floatip_sum() { # path -> $sum: of its content; none where there is no such file
  sum=none
  if [ -f "$1" ]; then sum=$(sha256sum <"$1") && sum=${sum%% *}; fi
}
floatip_expect() { # path, the sum it must have
  floatip_sum "$1" || return 1
  [ "$sum" = "$2" ] || { echo "$1 was changed a moment ago; run it again" >&2; return 1; }
}
floatip_state() { # unit -> $state: active, inactive, failed ...
  state=$(systemctl show -p ActiveState --value "$1")
}
floatip_stop() { # unit: afterwards it does not run, whether it did or not
  systemctl stop "$1" 2>/dev/null || : # there may be none
  floatip_state "$1" || return 1
  case $state in inactive | failed) ;; *) echo "$1 could not be stopped: it is $state" >&2; return 1 ;; esac
}
"""


def script(*lines: str, functions: str = "") -> str:
    """A whole script of these lines, which ends at the first that fails. `functions`: more that they call."""
    return "\n".join([f"{FUNCTIONS}{functions}floatip_begin", *lines, ""])


def put(path: str, text: str, mode: str) -> str:
    """A line that puts a file into place, whole, owned by root, its directory made where missing."""
    return f"floatip_put {quote(path)} {mode} {content(text)}"


def content(text: str) -> str:
    """A text as `floatip_fill` takes it."""
    encoded = base64.b64encode(encode(text)).decode() or "''"
    return f"{PRIVATE}{encoded}" if passwords.opened(text) != text else encoded


def encode(text: str) -> bytes:
    """The bytes that a text of a server was decoded from, passwords included."""
    return passwords.opened(text).encode("utf-8", errors="surrogateescape")


def checksum(text: str | None) -> str:
    """What `floatip_sum` finds of a file with this text; of none, where it is None."""
    return "none" if text is None else hashlib.sha256(encode(text)).hexdigest()
