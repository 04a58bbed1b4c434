"""Shell lines: files replaced whole and only if they are still what was seen; rules added once."""

from __future__ import annotations

import base64
import hashlib
from shlex import quote

FUNCTIONS = r"""
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
floatip_nft_add() { # family table chain comment rule
  nft list chain "$1" "$2" "$3" | grep -qF "comment \"$4\"" ||
  nft insert rule "$1" "$2" "$3" "$5" accept comment "\"$4\""
}
floatip_ipt_add() { # tool flag chain options...
  tool=$1 flag=$2 chain=$3; shift 3
  "$tool" -w -C "$chain" "$@" >/dev/null 2>&1 || "$tool" -w "$flag" "$chain" "$@"
}
"""

EDITING = r"""
floatip_nft_delete() { # family table chain comment
  nft -a list chain "$1" "$2" "$3" 2>/dev/null | sed -n "s|.* comment \"$4\" # handle \([0-9]*\)\$|\1|p" |
  while read -r handle; do nft delete rule "$1" "$2" "$3" handle "$handle"; done
}
floatip_ipt_delete() { # tool chain options...
  tool=$1 chain=$2; shift 2
  while "$tool" -w -D "$chain" "$@" 2>/dev/null; do :; done
}
floatip_sum() { if [ -f "$1" ]; then sha256sum <"$1" | cut -d' ' -f1; else echo none; fi; }
floatip_expect() { # path, the sum it must have
  [ "$(floatip_sum "$1")" = "$2" ] || { echo "$1 was changed a moment ago; run it again" >&2; exit 1; }
}
floatip_put() { # path, its sum now, its sum afterwards, mode where it is new, test command, content
  path=$(readlink -m "$1")
  if [ "$(floatip_sum "$path")" = "$3" ]; then return 0; fi
  floatip_expect "$path" "$2"
  mkdir -p "${path%/*}"
  new=$path.floatip-new
  rm -f "$new"
  if [ -f "$path" ]; then cp -p "$path" "$new"; else (umask 077; : >"$new"); chmod "$4" "$new"; fi
  printf %s "$6" | base64 -d >"$new"
  $5 "$new" || { rm -f "$new"; echo "$1 does not pass its own test any more; it was left as it is" >&2; exit 1; }
  mv -f "$new" "$path"
}
floatip_unlink() { # path, its sum now
  if [ ! -e "$1" ]; then return 0; fi
  floatip_expect "$1" "$2"
  rm -f "$1"
  case ${1%/*} in /etc/floatip | /etc/systemd/system/keepalived.service.d)
    rmdir --ignore-fail-on-non-empty "${1%/*}" ;;
  esac
}
"""


def encode(text: str) -> bytes:
    """The bytes that `observe` decoded."""
    return text.encode("utf-8", errors="surrogateescape")


def change(path: str, old: str | None, new: str | None, *, mode: str = "0644", test: str = ":") -> str:
    """Lines that turn the file `old` into `new` (None: no file), whole; `test` judges the new one first."""
    if new is None:
        return f"floatip_unlink {quote(path)} {_sum(old)}"
    content = base64.b64encode(encode(new)).decode()
    return f"floatip_put {quote(path)} {_sum(old)} {_sum(new)} {mode} {quote(test)} {content}"


def _sum(text: str | None) -> str:
    return "none" if text is None else hashlib.sha256(encode(text)).hexdigest()


def transaction(do: list[str], undo: list[str]) -> str:
    """One script: all of `do`, or, where a line of it fails, `undo` as far as it goes, and exit 1.

    The subshell stands alone because `set -e` is without effect inside `( … ) || …`.
    """
    back = "\n".join(f"( {line}\n) || :" for line in undo)
    return "\n".join(
        [
            "LC_ALL=C; export LC_ALL",
            FUNCTIONS + EDITING,
            "(",
            "set -e",
            *do,
            ")",
            "if [ $? != 0 ]; then",
            "echo 'the firewall could not be changed; taking back what was done' >&2",
            back or ":",
            "exit 1",
            "fi",
        ]
    )
