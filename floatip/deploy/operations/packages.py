"""Packages, and the record of what was there before: scripts that do not wait, but say who has the packages.

apt's own `DPkg::Lock::Timeout` waits neither for the lock of the lists nor for `dpkg --configure`, and in silence. So
these scripts end at once with a line that begins with BUSY, and whoever runs them says so and runs them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from shlex import join, quote

from floatip.model import paths
from floatip.server_side import shell

BUSY = "floatip-busy: "
"""What the line begins with that tells which lock another process has."""
UNREACHED = "floatip-unreached: "
"""What each line begins with that tells which repository could not be read."""
LISTS_READ = f"{paths.STATE_DIRECTORY}/lists-read"
# keepalived 2.3 names its protocol there when it starts; the package does not know that file.
PROTOCOL_NAME = "/etc/iproute2/rt_addrprotos.d/keepalived.conf"

FUNCTIONS = rf"""
floatip_apt() {{ # command...: its words are in $said; all ends where another process works on the packages
  said=$("$@" 2>&1) && return
  lock=$(printf '%s\n' "$said" | grep -E -m 1 'Could not get lock|using it\?|(is|was) locked by') || return 1
  echo "{BUSY}$lock"
  exit 75
}}
floatip_or_end() {{ # command...: the same, and all ends where it fails
  floatip_apt "$@" || {{ printf '%s\n' "$said" | tail -n 12 >&2; exit 1; }}
}}
floatip_lists() {{ # the package lists as they are now, where they were not read in the last hour
  [ -z "$(find {LISTS_READ} -mmin -60 2>/dev/null)" ] || return 0
  if floatip_apt apt-get -q -o APT::Update::Error-Mode=any update; then touch {LISTS_READ}; return; fi
  printf '%s\n' "$said" | sed -En 's/^(E|W|Error|Warning): /{UNREACHED}/p'
}}
floatip_once() {{ # words... -> $once: each of them once, as a run that was cut off has written them down already
  once=
  for word; do case " $once " in *" $word "*) ;; *) once=$once${{once:+ }}$word ;; esac; done
}}
floatip_there() {{ # packages... -> $there: those that dpkg has something of
  there=
  for package; do
    code=0; status=$(dpkg-query -W -f='${{db:Status-Status}}' "$package" 2>/dev/null) || code=$?
    case $code.$status in
      0.not-installed | 1.*) ;; # 1: dpkg does not know it
      0.*) there="$there $package" ;;
      *) return 1 ;;
    esac
  done
}}
floatip_separable() {{ # packages... -> $separable: those that can go without others that came later, and need them
  separable=
  for package; do
    floatip_or_end apt-get -s -qq purge "$package"
    needed=$(printf '%s\n' "$said" | sed -n 's/^\(Purg\|Remv\) \([^ :]*\).*/\2/p') || return 1
    for each in $needed; do case " $* " in *" $each "*) ;; *) continue 2 ;; esac; done
    separable="$separable $package"
  done
}}
floatip_protocol() {{ # the name of a protocol, which nobody needs who has no keepalived; other people's lines stay
  [ -e {PROTOCOL_NAME} ] || return 0
  code=0; grep -qv '# added by keepalived$' {PROTOCOL_NAME} || code=$?
  case $code in
    0) ;;
    1) rm -f {PROTOCOL_NAME} && rmdir -p --ignore-fail-on-non-empty {PROTOCOL_NAME.rpartition("/")[0]} ;;
    *) return 1 ;;
  esac
}}
"""
APT = "apt-get -y -q --no-install-recommends -o Dpkg::Options::=--force-confold"


def _script(*lines: str) -> str:
    return shell.script("export DEBIAN_FRONTEND=noninteractive", *lines, functions=FUNCTIONS)


def parsed(record: str | None) -> dict[str, str]:
    """What a record says: `packages` that floatip installed, `enabled`, `active`."""
    lines = (line.partition("=") for line in (record or "").splitlines())
    return {key: value for key, _, value in lines}


def record_script(missing: Iterable[str], *, known: str | None) -> str:
    """Write down what a later removal must leave, and what it must take away.

    `missing`: packages that will be installed now; what comes with them is written down too, what is only brought up
    to date is not. `known`: the record that is there.
    """
    names = join(missing)
    before = parsed(known)
    simulated = [
        "floatip_or_end dpkg --configure -a",
        "floatip_lists",
        f"floatip_or_end apt-get -s -qq --no-install-recommends install {names}",
        r"""installs=$(printf '%s\n' "$said" | sed -n 's/^Inst \([^ ]*\) (.*/\1/p')""",
    ]
    show = "$(systemctl show --value keepalived.service -p"
    was = [f"{key}={quote(before.get(key, ''))}" for key in ("enabled", "active")]
    now = [f"enabled={show} UnitFileState)", f"active={show} ActiveState)"]
    return _script(
        f"mkdir -p -m 0755 {paths.STATE_DIRECTORY}",
        *(simulated if names else ["installs="]),
        *(was if known else now),
        f"floatip_once {' '.join(_named(before))} $installs",
        f"floatip_new {paths.RECORD}",
        r"""printf 'packages=%s\nenabled=%s\nactive=%s\n' "$once" "$enabled" "$active" >"$new" """,
        f"floatip_live {paths.RECORD} 0644",
    )


def install_script(missing: Iterable[str]) -> str:
    """Install packages, asking nothing. Their lists were read for the record."""
    return _script("floatip_or_end dpkg --configure -a", f"floatip_or_end {APT} install {join(missing)}")


def purge_script(record: str | None) -> str | None:
    """Take away what floatip installed, and see that it has gone; None where that is nothing. What somebody else's
    packages need by now stays."""
    names = _named(parsed(record))
    if not names:
        return None
    return _script(
        "floatip_or_end dpkg --configure -a",
        f"floatip_there {' '.join(names)}",
        "floatip_separable $there",
        '[ -z "$separable" ] || floatip_or_end apt-get -y -q purge $separable',
        "floatip_there $separable",
        """[ -z "$there" ] || { echo "these packages are still there:$there" >&2; exit 1; }""",
        *(["floatip_protocol"] if "keepalived" in names else []),
    )


def _named(record: Mapping[str, str]) -> list[str]:
    """A host is not trusted: names of packages only."""
    names = record.get("packages", "").split()
    return [name for name in names if name[0].isalnum() and all(text.isalnum() or text in "-.+" for text in name)]
