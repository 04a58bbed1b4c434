"""Shell lines of the firewall: files replaced whole and only if they are still what was seen; rules added once."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote

from floatip.server_side import shell

ADDING = r"""
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
floatip_nft_add() { # family table chain comment rule
  rules=$(nft list chain "$1" "$2" "$3") || return 1
  case $rules in *"comment \"$4\""*) return ;; esac
  nft insert rule "$1" "$2" "$3" "$5" accept comment "\"$4\""
}
floatip_ipt_has() { # tool chain options... -> $has: 0 where the rule is there, 1 where it is not
  tool=$1 has=0; shift
  "$tool" -w -C "$@" >/dev/null 2>&1 || has=$?
  [ "$has" -le 1 ] || { echo "$tool cannot tell whether a rule is there (exit code $has)" >&2; return 1; }
}
floatip_ipt_add() { # tool flag chain options...
  tool=$1 flag=$2; shift 2
  floatip_ipt_has "$tool" "$@" || return 1
  [ "$has" = 0 ] || "$tool" -w "$flag" "$@"
}
"""

FUNCTIONS = (
    ADDING
    + r"""
floatip_nft_delete() { # family table chain comment
  rules=$(nft -a list chain "$1" "$2" "$3") || return 1
  handles=$(printf '%s\n' "$rules" | sed -n "s|.* comment \"$4\" # handle \([0-9]*\)\$|\1|p") || return 1
  for handle in $handles; do nft delete rule "$1" "$2" "$3" handle "$handle" || return 1; done
}
floatip_ipt_delete() { # tool chain options...: as often as it is there
  tool=$1; shift
  floatip_ipt_has "$tool" "$@" || return 1
  while [ "$has" = 0 ]; do "$tool" -w -D "$@" && floatip_ipt_has "$tool" "$@" || return 1; done
}
floatip_edit() { # path, its sum now, its sum afterwards, mode where it is new, test command, content
  path=$(readlink -m "$1") && floatip_sum "$path" || return 1
  [ "$sum" != "$3" ] || return 0
  floatip_expect "$path" "$2" && mkdir -p "${path%/*}" && floatip_new "$path" || return 1
  if [ -f "$path" ]; then cp -p "$path" "$new"; else chmod "$4" "$new"; fi || return 1
  floatip_fill "$6" || return 1
  $5 "$new" || { echo "$1 does not pass its own test any more; it was left as it is" >&2; return 1; }
  sync "$new" && mv -f "$new" "$path"
}
floatip_unlink() { # path, its sum now
  [ -e "$1" ] || return 0
  floatip_expect "$1" "$2" && rm -f "$1" || return 1
  case ${1%/*} in /etc/floatip | /etc/systemd/system/keepalived.service.d)
    rmdir --ignore-fail-on-non-empty "${1%/*}" ;;
  esac
}
"""
)


def change(path: str, old: str | None, new: str | None, *, mode: str = "0644", test: str = ":") -> str:
    """Lines that turn the file `old` into `new` (None: no file), whole; `test` judges the new one first."""
    if new is None:
        return f"floatip_unlink {quote(path)} {shell.checksum(old)}"
    sums = f"{shell.checksum(old)} {shell.checksum(new)}"
    return f"floatip_edit {quote(path)} {sums} {mode} {quote(test)} {shell.content(new)}"


def transaction(do: Iterable[str], undo: Iterable[str], *, functions: str = "") -> str:
    """One script: all of `do`, or, where a line of it fails, `undo` as far as it goes, and exit 1.

    The subshell stands alone because `set -e` is without effect inside `( … ) || …`.
    """
    return "\n".join(
        [
            shell.FUNCTIONS + FUNCTIONS + functions,
            _together(do),
            "if [ $? != 0 ]; then",
            "echo 'the firewall could not be changed; taking back what was done' >&2",
            *map(_together, ([line] for line in undo)),
            "exit 1",
            "fi",
            "",
        ]
    )


def undoing(undo: Iterable[str], *functions: str, done: str) -> str:
    """One script: all of `undo`, each whether the others work or not; `done` where they all did, else exit 1."""
    lines = [f"{_together([line])}\n[ $? = 0 ] || failed=1" for line in undo]
    whole = shell.FUNCTIONS + FUNCTIONS + "".join(functions)
    return "\n".join([whole, "failed=", *lines, '[ -z "$failed" ] || exit 1', done, ""])


def _together(lines: Iterable[str]) -> str:
    return "\n".join(["(", "floatip_begin", *lines, ")"])
