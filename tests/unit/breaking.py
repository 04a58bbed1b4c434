"""A server that is only a directory: every command is a stub, and any of them can be made to fail.

The stubs of coreutils do the real thing below a temporary root; those of systemd, keepalived, nft and iptables keep
just as much in mind as the scripts can notice. No root is needed: `chown` only says that it was called.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

DASH = shutil.which("dash") or "/bin/sh"
REAL = (
    *("base64", "cat", "cp", "find", "grep", "mkdir", "mv", "readlink", "rm", "rmdir", "sed", "sha256sum", "stat"),
    *("sync", "tail", "touch"),
)
SILENT = (
    *("chown", "firewall-cmd", "firewall-offline-cmd", "journalctl", "networkctl", "rsyslogd", "systemd-run", "ufw"),
    *("iptables-restore", "ip6tables-restore", "iptables-nft-restore", "ip6tables-nft-restore"),
)
IPTABLES = """
flag=$2; shift 2
case $flag in
  -C) grep -qxF -e "$*" "$ROOT/rules" ;;
  -I | -A) echo "$*" >>"$ROOT/rules" ;;
  -D) rules=$(grep -vxF -e "$*" "$ROOT/rules"); printf %s "$rules${rules:+
}" >"$ROOT/rules" ;;
esac
"""
FAKE: dict[str, str] = {
    **dict.fromkeys(SILENT, "exit 0"),
    **dict.fromkeys(("iptables", "ip6tables", "iptables-nft", "ip6tables-nft"), IPTABLES),
    # What lies in /dev is the machine's own.
    "chmod": 'case $(readlink -f "$2") in /dev/*) exit 1 ;; esac; exec /usr/bin/chmod "$@"',
    # Always the same names, so that runs can be compared; with FULL=2, the second file is on a full disk.
    "mktemp": """
new=${1%XXXXXX*}000$RUN$n${1##*XXXXXX}
[ ! -e "$new" ] || exit 1
if [ "$n" = "$FULL" ]; then /usr/bin/ln -s /dev/full "$new"; else umask 077; : >"$new"; fi
echo "$new"
""",
    # What it is to run is a stranger's: it says something, and fails.
    "timeout": """
case $* in *" setpriv "*) echo "Operation not permitted"; exit 1 ;; esac
exec /usr/bin/timeout "$@"
""",
    "id": "echo 65534",
    "dpkg": "",
    # Removed once it was purged.
    "dpkg-query": '[ ! -e "$ROOT/purged" ] || exit 1; printf installed',
    "apt-get": """
case $* in
  "-s "*) echo "Inst keepalived (1 Debian)"; echo "Inst libc6 [1] (2 Debian)"; echo "Inst rsyslog (1 Debian)" ;;
  *" purge "*) : >"$ROOT/purged" ;;
esac
""",
    "keepalived": 'for file; do :; done; ! grep -q WRONG "$file" || { echo "Unknown keyword WRONG"; exit 5; }',
    "systemctl": """
for unit; do :; done
state=inactive; [ ! -f "$ROOT/units/$unit" ] || read -r state <"$ROOT/units/$unit"
case $1 in
  show) case $* in *UnitFileState*) echo enabled ;; *) echo $state ;; esac ;;
  is-active) [ $state = active ] ;;
  stop) [ -f "$ROOT/units/$unit" ] || exit 5; echo inactive >"$ROOT/units/$unit" ;;
  reload) [ $state = active ] || exit 1 ;;
  start | restart) echo active >"$ROOT/units/$unit" ;;
esac || exit
case $1.$unit in *load.keepalived.service | *start.keepalived.service)
  cat "$ROOT/etc/keepalived/keepalived.conf" >"$ROOT/units/has-read" ;;
esac
""",
    "nft": """
case $* in
  "list chain "* | "-a list chain "*) cat "$ROOT/rules" ;;
  "insert rule "*) echo "$6 $7 $8 $9 # handle 7" >>"$ROOT/rules" ;;
  "delete rule "*) sed -i "/ # handle $7\\$/d" "$ROOT/rules" ;;
esac
""",
}
USUAL = {**{name: f'exec /usr/bin/{name} "$@"' for name in REAL}, **FAKE}
# The earlier calls are read only where it matters: dash takes a system call for each character. In a script itself a
# stub is a function, which spares a dash a command, as far as dash takes its name for a function's.
STUB = """
call="{name} $*" n=1 same=0
case $call in "$FAILS" | "mktemp "*) while IFS= read -r line; do
  case $line in "$call") same=$((same + 1)) ;; esac
  case $line in "{name} "*) n=$((n + 1)) ;; esac
done <"$ROOT/calls" ;; esac
printf '%s\\n' "$call" >>"$ROOT/calls"
if [ "$call" = "$FAILS" ] && [ $((same + 1)) = "$NTH" ]; then exit 2; fi
PATH=/usr/bin:/bin
{body}
"""
ABSOLUTE = re.compile(r"(?<![\w.}+/*])/(?=(?:etc|var|run|usr|sbin|lib|tmp|root|proc/sys/net)\b)")
TEMPORARY = re.compile(r"floatip-(new|tmp|\w{6}~)")


@dataclass(frozen=True, slots=True)
class Call:
    """The `nth` time that this very command was called."""

    line: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Ran:
    """What a script did: its exit code, what it called in order, and what it said."""

    code: int
    calls: tuple[Call, ...]
    stdout: str
    stderr: str

    def after(self, call: Call) -> list[str]:
        """What was called later."""
        return [later.line for later in self.calls[self.calls.index(call) + 1 :]]


def _stub(name: str, body: str) -> str:
    return STUB.format(name=name, body=body)


def _functions(stubs: Mapping[str, str]) -> str:
    """The stubs as functions, but those whose names dash does not take for a function's."""
    head = "set +eu; unset -f cat grep readlink sed"
    return "".join(f"{name}() (\n{head}\n{_stub(name, body)})\n" for name, body in stubs.items() if "-" not in name)


class Machine:
    """A root directory with these files and running services, and stubs for its commands: shell lines by name."""

    def __init__(
        self,
        root: Path,
        files: Mapping[str, str],
        running: tuple[str, ...] = (),
        stubs: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.root, self.bin, self.runs = root, root.parent / "bin", 0
        shutil.rmtree(root, ignore_errors=True)
        for directory in ("units", "etc", "var/lib"):
            (root / directory).mkdir(parents=True)
        if not self.bin.exists():
            self.bin.mkdir()
            for name, body in USUAL.items():
                self._stub(name, body)
        for name, body in stubs.items():
            self._stub(name, body)
        self.functions = _functions({**USUAL, **stubs})
        for path, text in {"/rules": "", **files}.items():
            (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (root / path[1:]).write_text(text)
        for unit in running:
            (root / "units" / unit).write_text("active\n")

    def run(self, script: str, fails: Call | None = None, full: int = 0) -> Ran:
        """Run it in dash. `full`: which of the files that it makes is on a full disk."""
        (self.root / "calls").write_text("")
        self.runs += 1
        environment = {
            "PATH": str(self.bin),
            "ROOT": str(self.root),
            "FAILS": fails.line if fails else "",
            "NTH": str(fails.nth) if fails else "0",
            "FULL": str(full),
            "RUN": f"{self.runs:02}",
        }
        text = self.functions + ABSOLUTE.sub(f"{self.root}/", script)
        done = subprocess.run([DASH, "-c", text], env=environment, capture_output=True, text=True, check=False)
        assert "not found" not in done.stderr, done.stderr
        return Ran(done.returncode, self._calls(), done.stdout, done.stderr)

    def _stub(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f"#!{DASH}{_stub(name, body)}")
        path.chmod(0o755)

    def _calls(self) -> tuple[Call, ...]:
        lines = (self.root / "calls").read_text().splitlines()
        return tuple(Call(line, lines[: number + 1].count(line)) for number, line in enumerate(lines))

    def files(self) -> dict[str, str]:
        """Path → mode and text of everything that a script can have changed; the order of rules is of no weight."""
        found = {
            f"/{path.relative_to(self.root)}": f"{path.stat().st_mode & 0o777:o} {path.read_text()}"
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path.relative_to(self.root).parts[0] != "calls"
        }
        return {**found, "/rules": "\n".join(sorted(found["/rules"].partition(" ")[2].splitlines()))}

    def leftovers(self) -> list[str]:
        """Temporary files."""
        return [path.name for path in self.root.rglob("*") if TEMPORARY.search(path.name)]
