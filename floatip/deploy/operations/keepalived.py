"""Staging, testing, activating and taking back a keepalived.conf: shell scripts.

`keepalived -t` is three different tools on three Debian releases (docs/decisions/config-test.md): on 11 it
prints and exits 0, on 12 it is killed by a file with a non-root script_user. So a twin of the file with
`script_user root` is tested, and any output that is not known to be harmless is a refusal.
"""

from __future__ import annotations

from shlex import quote

from floatip.hosts.preflight import is_ours
from floatip.model import paths
from floatip.server_side import shell

REFUSED = "refused"
"""What these scripts print, on a line of its own, where it is the daemon that does not take the file."""
LIVE = "floatip-live="
"""What the line begins with that tells the sum of the live file."""

# Lines that a good file draws from one of the three releases.
HARMLESS = (
    r"^[[:space:]]*$",
    r"IPVS|ip_vs|modprobe",
    r"must be in units of 10ms - rounding",
    r"the first IPv6 VIP address (must|should) be link local",
)

AS_ROOT = r's/^    (script_user|user) .*/    \1 root/; s/^(    (vrrp_)?notify[a-z_]* "[^"]*") .*/\1 root/'
"""What stands in the twin for every line that names another user."""
FUNCTIONS = rf"""
floatip_test() {{ # file: whether the keepalived of this host takes it; on stderr why not, on stdout that it does not
  floatip_new {paths.KEEPALIVED_CONF} && sed -E {quote(AS_ROOT)} "$1" >"$new" || return 1
  code=0
  said=$(keepalived -t -f "$new" 2>&1) || code=$?
  said=$(printf '%s\n' "$said" | grep -vE {quote("|".join(HARMLESS))}) || [ $? = 1 ] || return 1 # 1: no other line
  if [ "$code" != 0 ] || [ -n "$said" ]; then
    echo "exit code $code: $said" >&2
    echo {REFUSED}
    return 1
  fi
}}
floatip_keep() {{ # path, copy, its sum as it was found, the new one's: copied once, and never the new one
  floatip_sum "$1" || return 1
  if [ "$sum" != "$4" ]; then
    floatip_expect "$1" "$3" && floatip_new "$2" && cp -p "$1" "$new" && sync "$new" && mv -f "$new" "$2"
  fi
}}
floatip_pend() {{ # until the daemon was told of its new file: the next run finishes what was cut off in between
  mkdir -p {paths.STATE_DIRECTORY} && touch {paths.PENDING}
}}
floatip_back() {{ # path, copy, mode, sum, content: the copy itself where it is the same: that needs no disk
  floatip_sum "$1" || return 1
  [ "$sum" != "$4" ] || return 0
  floatip_pend && floatip_sum "$2" || return 1
  if [ "$sum" = "$4" ]; then mv -f "$2" "$1"; else floatip_put "$1" "$3" "$5"; fi
}}
floatip_reread() {{ # the daemon has read its file: reloaded where it runs, started where it does not
  floatip_state keepalived.service || return 1
  case $state in
    active | reloading) systemctl reload keepalived.service ;;
    *) systemctl reset-failed keepalived.service 2>/dev/null || :; systemctl start keepalived.service ;;
  esac && floatip_state keepalived.service || state=failed
  case $state in active | reloading) return ;; esac
  echo 'keepalived does not run:' >&2
  journalctl -n 8 --no-pager -u keepalived.service >&2
  return 1
}}
"""


def _script(*lines: str) -> str:
    return shell.script(*lines, functions=FUNCTIONS)


def _staged(text: str) -> list[str]:
    conf = paths.KEEPALIVED_CONF
    return [
        f"mkdir -p {conf.rpartition('/')[0]}",
        f"floatip_new {conf}",
        f"floatip_fill {shell.content(text)}",
        "staged=$new",
        'floatip_test "$staged"',
    ]


def stage_script(text: str) -> str:
    """Put a configuration beside the live one and test it there."""
    return _script(*_staged(text))


def activate_script(text: str, *, was: str | None) -> str:
    """Test a configuration, keep the old one, put it into place and have the daemon read it.

    `was`: the live one as it was found, where it is to be kept; refused where it is another by now. Run twice, it
    still keeps that one.
    """
    conf, sums = paths.KEEPALIVED_CONF, f"{shell.checksum(was)} {shell.checksum(text)}"
    keep = [] if was is None else [f"floatip_keep {conf} {_kept(was)} {sums}"]
    return _script(*_staged(text), *keep, "floatip_pend", "new=$staged", f"floatip_live {conf} 0640", *_TELL)


def restore_script(text: str | None, *, active: bool) -> str:
    """Bring back what was there before this run: the file, and whether the daemon ran."""
    conf = paths.KEEPALIVED_CONF
    if text is None:
        return _script("floatip_stop keepalived.service", f"rm -f {conf} {paths.PENDING}")
    return _script(
        f"floatip_back {conf} {_kept(text)} 0640 {shell.checksum(text)} {shell.content(text)}",
        *(_TELL if active else ("floatip_stop keepalived.service", f"rm -f {paths.PENDING}")),
    )


def live_script() -> str:
    """Print the sum of the live file."""
    return shell.script(f"floatip_sum {paths.KEEPALIVED_CONF}", f'echo "{LIVE}$sum"')


_TELL = ("floatip_reread", f"rm -f {paths.PENDING}")


def _kept(was: str) -> str:
    return paths.PREVIOUS_CONF if is_ours(was) else paths.FOREIGN_CONF
