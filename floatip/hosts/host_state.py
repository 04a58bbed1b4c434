"""What one script finds out about a host, and its answer as a value.

One script for everything: a run in which nothing changes costs one command per host.

The script prints `key=value` lines. A host is not trusted: every value is decoded strictly and
bounded in size, and what does not fit fails that host with a clear message.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import Any

from floatip import firewall
from floatip.hosts.ssh_errors import Untold, Why
from floatip.model import paths
from floatip.model.messages import say
from floatip.server_side.lease.model import SHOW, Lease, shown
from floatip.server_side.pending import change
from floatip.server_side.pending.change import Brief, Files
from floatip.server_side.pending.model import Way

MARK = "floatip-state"
MAX_TEXT = 1_000_000  # bytes of one decoded file; a keepalived.conf of eight instances has about 8 kB

FILES = {
    "change": paths.CHANGE,  # the first thing that is read: where none is under way, all the rest is what it will stay
    "conf": paths.KEEPALIVED_CONF,
    "rsyslog": paths.RSYSLOG_CONF,
    "logrotate": paths.LOGROTATE_CONF,
    "check": paths.CHECK_SCRIPT,
    "restart": paths.RESTART_CONF,
    "record": paths.RECORD,
    "moved": paths.MOVED,
    "members": paths.MEMBERS,
    **{f"kept-{kind}": change.kept("", Way.BACK, kind) for kind in change.PLACES},
}

BOOT = """echo "boot=$(cat /proc/sys/kernel/random/boot_id) $(cut -d ' ' -f 22 /proc/1/stat)\""""
"""Prints another line after each boot, in a container too."""

ROOM = rf"""
df -B 1 --output=size,used,itotal,iavail,target {" ".join(paths.WRITTEN)} 2>/dev/null | sed 1d |
    while read -r size used inodes left place; do echo "room=$((size - used)) 1 $inodes $left $place"; done
for floatip_path in {" ".join(paths.WRITTEN)}; do
    [ ! -d "$floatip_path" ] || [ -w "$floatip_path" ] || [ "$(id -u)" != 0 ] ||
        echo "readonly=$(findmnt -n -o TARGET -T "$floatip_path")"
done
"""
"""Prints free bytes (root's reserve is free), 1, inodes, free ones, and where it is mounted, of each file system that
floatip, keepalived or its log writes to; and which are mounted read-only."""
ROOM_LINE = re.compile(r"([0-9]{1,20}) ([0-9]{1,20}) ([0-9]{1,20}) ([0-9]{1,20}) (/\S{0,79})", re.ASCII)
BLOCK = 4096  # bytes: with less nothing can be written any more

SCRIPT = (
    rf"""
LC_ALL=C; export LC_ALL
echo {MARK}=1
floatip_file() {{ [ -f "$2" ] && printf 'file=%s %s %s\n' "$1" "$(stat -c %a:%U:%G "$2")" "$(base64 -w0 <"$2")"; }}
"""
    + "\n".join(f"floatip_file {key} {path}" for key, path in FILES.items())
    + rf"""
echo "uid=$(id -u)"
echo "clock=$(date +%s)"
{BOOT}
( . /etc/os-release; echo "os=$ID $VERSION_ID"; echo "system=$PRETTY_NAME" )
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || echo noapt=1
sed -n 's/^[$]PrivDropToUser[[:space:]]*/logs=/p' /etc/rsyslog.conf 2>/dev/null
[ -d /run/systemd/system ] && echo systemd=1
dpkg-query -W -f='package=${{Package}} ${{db:Status-Status}} ${{Version}}\n' keepalived rsyslog logrotate 2>/dev/null
[ -e /usr/sbin/keepalived ] || apt-cache policy keepalived 2>/dev/null | sed -n 's/^ *Candidate: /offered=/p'
systemctl show -p Id -p ActiveState -p UnitFileState keepalived.service rsyslog.service 2>/dev/null | sed 's/^/unit=/'
printf 'links='; ip -j addr show
[ -e {paths.PENDING} ] && echo pending=1
[ -e {paths.STATE_DIRECTORY} ] && echo noted=1
read -r up _ </proc/uptime; echo "up=$up"
{SHOW}
{ROOM}
for floatip_path in {" ".join(paths.DUMPS)}; do
    [ ! -d "$floatip_path" ] || echo "blocked=$(stat -c %U "$floatip_path") $floatip_path"
done
"""
    + firewall.PROBE
    + "\nfloatip_firewall\ntrue\n"
)


@dataclass(frozen=True, slots=True)
class File:
    """A file on the host: `mode` as `640:root:root`."""

    mode: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface: its addresses with prefix (`10.9.1.16/24`), whether it is up, and its MAC address."""

    name: str
    up: bool
    addresses: frozenset[str]
    mac: str = ""


@dataclass(frozen=True, slots=True)
class HostState:
    """A host as it was found. `noted`: it has a directory of floatip's notes; `clock`: its seconds since the epoch;
    `boot`: another after each boot; `lease`: of a run that may change it now, if there is one in force; `full`: places
    where nothing can be written any more; `blocked`: (path, owner) of directories where keepalived would write;
    `readonly`: mount points of file systems that take no change; `system`: how it calls itself; `offered`: the version
    of keepalived that apt would install where there is none; `logs`: the user that rsyslog writes its files as."""

    uid: int
    os: str
    release: str
    systemd: bool
    packages: dict[str, str]
    units: dict[str, tuple[str, str]]
    links: tuple[Link, ...]
    pending: bool
    files: dict[str, File]
    firewall: tuple[str, ...] = field(default=(), repr=False)
    clock: int | None = None
    boot: str = ""
    noted: bool = False
    lease: Lease | None = None
    full: tuple[str, ...] = ()
    blocked: tuple[tuple[str, str], ...] = ()
    readonly: tuple[str, ...] = ()
    system: str = ""
    apt: bool = True
    offered: str = ""
    logs: str = "root"

    @property
    def held(self) -> frozenset[str]:
        """All addresses on all interfaces, without prefix."""
        return frozenset(address.split("/")[0] for link in self.links for address in link.addresses)

    @property
    def addresses(self) -> dict[str, frozenset[str]]:
        """Interface → its addresses, with prefix."""
        return {link.name: link.addresses for link in self.links}

    def text(self, key: str) -> str | None:
        """The text of one of `FILES`, or None where it is not there."""
        file = self.files.get(key)
        return file.text if file else None

    @property
    def change(self) -> Brief | None:
        """A change that is under way here, or was cut off."""
        return change.read(self.text("change"))

    @property
    def before(self) -> Files:
        """What was there before that change; what is there now, if none is under way."""
        kept = "kept-" if self.change else ""
        return Files(*(self.text(f"{kept}{kind}") for kind in change.PLACES))

    @property
    def ran(self) -> bool:
        """Whether keepalived ran before that change; whether it runs now, if none is under way."""
        return self.change.ran if self.change else self.active("keepalived")

    def active(self, unit: str) -> bool:
        """Whether the service runs now."""
        return self.units.get(unit, ("", ""))[0] in ("active", "reloading")

    def enabled(self, unit: str) -> bool:
        """Whether the service starts at boot."""
        return self.units.get(unit, ("", ""))[1] == "enabled"


def decode(text: str) -> str:
    """Base64 of a UTF-8 text, strictly; ValueError otherwise."""
    if len(text) > MAX_TEXT * 4 // 3:
        raise ValueError(say("a file is larger than 1 MB"))
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", errors="surrogateescape")
    except binascii.Error as error:
        raise ValueError(say("a file's content is not base64")) from error


def links(text: str) -> tuple[Link, ...]:
    """Interfaces from the JSON of `ip -j addr`; ValueError where it is anything else."""
    found = []
    for entry in _json(text):
        if not entry:
            continue
        addresses = frozenset(_address(info) for info in entry["addr_info"] if "local" in info)
        up = entry.get("operstate") in ("UP", "UNKNOWN")
        name = str(entry["ifname"])
        if not name.isprintable() or len(name) > 15:  # IFNAMSIZ; Linux itself allows `$(id)`, and so does this
            raise ValueError(f"an interface is called {name!r:.40}")
        found.append(Link(name, up, addresses, str(entry.get("address", ""))[:17]))
    return tuple(found)


def _json(text: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(text)
    except RecursionError as error:
        raise ValueError(say("its interfaces are nested too deeply")) from error
    return found


def _address(info: dict[str, Any]) -> str:
    text = f"{info['local']}/{info['prefixlen']}"
    if "%" in text:  # Python takes anything at all behind it
        raise ValueError(f"an address is {text!r:.60}")
    return str(ip_interface(text))


def same(file: File | None, text: str, mode: str) -> bool:
    """Whether the file that was found is the wanted one already, owner and (octal) mode included."""
    return file is not None and file.text == text and file.mode == f"{int(mode, 8):o}:root:root"


def parse(lines: list[str]) -> HostState:
    """The script's output as a value; ValueError where it is not what the script prints."""
    values: dict[str, list[str]] = {}
    for line in lines:
        key, separator, value = line.partition("=")
        if separator and re.fullmatch(r"[a-z][a-z0-9._-]*", key):
            values.setdefault(key, []).append(value)
    if MARK not in values or "links" not in values or "uid" not in values:
        raise ValueError(say("the check script did not run to its end"))
    system = values.get("os", [""])[0].split()
    return HostState(
        uid=int(values["uid"][0]),
        os=system[0] if system else "",
        release=system[1] if len(system) > 1 else "",
        systemd="systemd" in values,
        packages=_packages(values.get("package", [])),
        units=_units(values.get("unit", [])),
        links=links(values["links"][0]),
        pending="pending" in values,
        files=dict(_file(value) for value in values.get("file", [])),
        firewall=tuple(line for line in lines if line.startswith("fw.")),
        clock=int(values["clock"][0]) if "clock" in values else None,
        boot=values.get("boot", [""])[0],
        noted="noted" in values,
        lease=shown(values),
        full=full(values.get("room", [])),
        blocked=blocked(values.get("blocked", [])),
        readonly=readonly(values.get("readonly", [])),
        system="".join(sign for sign in values.get("system", [""])[0] if sign.isprintable())[:60],
        apt="noapt" not in values,
        offered=values.get("offered", [""])[0][:60],
        logs=_user(values.get("logs", [])),
    )


def by_root(lines: list[str]) -> HostState:
    """The same; Untold where the script was not root's: then a file that is not shown may well be there."""
    found = parse(lines)
    if found.uid != 0:
        raise Untold(Why.NOT_ROOT)
    return found


def full(lines: list[str]) -> tuple[str, ...]:
    """The mount points without room, of what ROOM prints. Some file systems count no inodes."""
    rows = [row for row in map(ROOM_LINE.fullmatch, lines) if row]
    without = [row[5] for row in rows if int(row[1]) * int(row[2]) < BLOCK or (int(row[3]) and not int(row[4]))]
    return tuple(dict.fromkeys(without))


def readonly(lines: list[str]) -> tuple[str, ...]:
    """The mount points of file systems that take no change."""
    return tuple(dict.fromkeys(line[:80] for line in lines if line.startswith("/")))


def blocked(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """(path, owner) of each line `blocked=OWNER PATH`."""
    return tuple((path[:80], owner[:32]) for owner, _, path in (line.partition(" ") for line in lines))


def _user(lines: list[str]) -> str:
    """Whom rsyslog becomes. Debian's stays root; its relatives give the right to be root away."""
    return next((line for line in lines if re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", line, re.ASCII)), "root")


def _packages(lines: list[str]) -> dict[str, str]:
    rows = [line.split() for line in lines]
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def _units(lines: list[str]) -> dict[str, tuple[str, str]]:
    units: dict[str, tuple[str, str]] = {}
    current: dict[str, str] = {}
    for line in [*lines, ""]:
        key, separator, value = line.partition("=")
        if separator:
            current[key] = value
        elif current:
            name = current.get("Id", "").removesuffix(".service")
            units[name] = (current.get("ActiveState", ""), current.get("UnitFileState", ""))
            current = {}
    return units


def _file(value: str) -> tuple[str, File]:
    key, mode, content = [*value.split(" "), "", ""][:3]
    if key not in FILES or not re.fullmatch(r"[0-7]{3,4}:[\w.-]+:[\w.-]+", mode):
        raise ValueError(say("a file line is malformed"))
    return key, File(mode, decode(content))
