"""What the stories about changes share: inventories that differ a little, and what the hosts made of them."""

from __future__ import annotations

import ast
import copy
import json
import pprint
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from floatip.keepalived.render import keepalived_conf
from floatip.model.inventory import read as read_inventory
from lab import Probe, wait_until
from lab.host import Host
from lab.names import FLOATING
from lab.paths import ROOT
from lab.place import Place
from tests.lab.measuring import lost_at_most

INVENTORY = ROOT / "inventories" / "lab.py"
CONF = "/etc/keepalived/keepalived.conf"
FAST = {"advert_int": 0.1}
"""Adverts ten times a second: for stories that are not about time, to be told sooner."""

Values = Mapping[str, Any]


def inventory(
    path: Path,
    *,
    instance: Values | None = None,
    member: Mapping[str, Values] | None = None,
    host: Mapping[str, Values] | None = None,
    group: Values | None = None,
) -> Path:
    """Write the lab's inventory with other settings of VI_1, of a node in it, of a host, of the whole cluster.

    A value of None takes the setting away. `path` may be a directory: the file is then called lab.py.
    """
    hosts, data = copy.deepcopy(ast.literal_eval(bound(INVENTORY.read_text())))
    for name, settings in hosts:
        _merge(settings, (host or {}).get(name, {}))
        _merge(settings["vrrp"]["VI_1"], (member or {}).get(name, {}))
    _merge(data["vrrp_instances"]["VI_1"], instance or {})
    _merge(data, group or {})
    return write(path, hosts, data)


def write(path: Path, hosts: object, data: object) -> Path:
    """Write an inventory as raw as it comes."""
    if path.is_dir():
        path = path / "lab.py"
    path.write_text(f'"""A story."""\n\nlab = {pprint.pformat((hosts, data))}\n')
    return path


def bound(text: str) -> str:
    """The value that an inventory's one name is bound to, as text."""
    return text.partition("\nlab = ")[2]


def _merge(settings: dict[str, Any], change: Values) -> None:
    for key, value in change.items():
        if value is None:
            settings.pop(key, None)
        else:
            settings[key] = value


def confs(place: Place) -> dict[str, str]:
    """Server → its live file."""
    return {host.name: host.read(CONF) for host in place.servers}


def wanted(file: Path) -> dict[str, str]:
    """Server → what an inventory says."""
    (read,) = read_inventory(file)
    assert read.cluster
    return {node.name: keepalived_conf(read.cluster, node.name) for node in read.cluster.nodes}


_WHOLE = "journalctl --sync"
"""What was said before is in the journal, and not yet on its way there: it may be late on a busy machine."""


class Journals:
    """What keepalived and systemd have said about it on each server since this was made."""

    def __init__(self, place: Place) -> None:
        self.hosts = place.servers
        self.marks = {host.name: self._mark(host) for host in self.hosts}

    @staticmethod
    def _mark(host: Host) -> str:
        last = "journalctl -q -n 1 --show-cursor -o cat | sed -n 's/^-- cursor: //p'"
        shown = host.run(f"{_WHOLE}; {last}").stdout.strip()
        assert shown, f"{host.name} has no journal"
        return shown

    def lines(self, name: str) -> list[str]:
        """The messages of one server, oldest first."""
        host = next(host for host in self.hosts if host.name == name)
        # Asked for one unit, journalctl would leave out the first of its lines after a cursor of another unit.
        answer = host.run(f"{_WHOLE}; journalctl -q --no-pager -o json --after-cursor '{self.marks[name]}'").stdout
        entries = map(json.loads, answer.splitlines())
        unit = "keepalived.service"
        return [str(entry["MESSAGE"]) for entry in entries if unit in (entry.get("UNIT"), entry.get("_SYSTEMD_UNIT"))]

    def count(self, pattern: str) -> dict[str, int]:
        """Server → how many of its messages match."""
        return {host.name: sum(bool(re.search(pattern, line)) for line in self.lines(host.name)) for host in self.hosts}

    def reloads(self) -> dict[str, int]:
        """Server → how often systemd had its keepalived read its file anew."""
        return self.count(r"^Reloading keepalived\.service|^Reloading Keepalive Daemon")

    def transitions(self) -> dict[str, int]:
        """Server → how often one of its instances changed its state."""
        return self.count(r"Entering (MASTER|BACKUP|FAULT) STATE")

    def starts(self) -> dict[str, int]:
        """Server → how often keepalived was started."""
        return self.count(r"Starting Keepalived v")


@contextmanager
def unnoticed(place: Place, address: str = FLOATING, interval_ms: float = 10, *, hands: int = 0) -> Iterator[None]:
    """While the block runs, the client asks a hundred times a second, and gets every answer.

    `hands`: how often the address changes hands meanwhile, by a move or a change that needs it. Each time one ping
    may fall between the old holder's letting go and the new one's gratuitous ARP: a tenth of a millisecond on a busy
    machine (docs/decisions/care.md). A careless order costs forty at least.
    """
    with Probe(place.client, address, interval_ms) as probe:
        yield
    lost_at_most(probe.pings, hands)


def settled(place: Place, holder: str = "d1", address: str = FLOATING, timeout: float = 20) -> None:
    """Wait until `holder` alone has the address, and the client reaches it."""
    wait_until(f"{holder} alone has {address}", lambda: place.holders(address) == [holder], timeout=timeout)
    wait_until(f"{address} answers", lambda: place.client.answers(address))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A host as far as a deploy could have changed it. `files`: path → kind, mode, owner and content's hash."""

    files: Mapping[str, str]
    packages: tuple[str, ...]
    units: tuple[str, ...]
    addresses: tuple[str, ...]
    firewall: str

    def differences(self, other: Snapshot) -> list[str]:
        """What is another in `other`, a line each; empty where they are equal."""
        lines = [
            f"{path}: {self.files.get(path)} -> {other.files.get(path)}"
            for path in sorted(self.files.keys() | other.files.keys())
            if self.files.get(path) != other.files.get(path)
        ]
        for what in ("packages", "units", "addresses", "firewall"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if mine != theirs:
                lines.append(f"{what}: - {set(mine) - set(theirs)} + {set(theirs) - set(mine)}")
        return lines


# Directories that a deploy, or a package that it installs, writes to.
_ROOTS = "/etc /var/lib/floatip /var/log /var/spool /usr/local /root /home /srv /opt"
# What is enabled or masked is a link there or below /etc: `systemctl list-unit-files` takes 1.1 processor seconds.
# ldconfig.service ran at the first boot, and is not heard of after the next one.
_LOOK = f"""
find {_ROOTS} -xdev \\( -path /srv/packages -o -path /var/log/journal \\) -prune -o \\
    -printf '%y %m %U:%G %p %l\\n' 2>/dev/null
echo ==
find {_ROOTS} -xdev \\( -path /srv/packages -o -path /var/log -o -path /root/.ssh \\) -prune -o \\
    -type f -print0 2>/dev/null | xargs -0r md5sum
echo ==
dpkg-query -W -f='${{Package}} ${{Version}} ${{db:Status-Abbrev}}\\n'
echo ==
find /run/systemd/system -type l -printf '%p %l\\n' 2>/dev/null | sort
systemctl list-units --no-legend --no-pager --plain --type=service --state=active,failed |
    awk '$1 !~ /@|^systemd-|^ldconfig|^floatip-pending-/ {{print $1, $3, $4}}'
echo ==
ip -o address show | awk '{{print $2, $4}}'
echo ==
! command -v nft >/dev/null || nft list ruleset
"""


def snapshot(host: Host) -> Snapshot:
    """Look at everything that a deploy could have changed."""
    found, sums, packages, units, addresses, firewall = host.run(_LOOK).stdout.split("==\n")
    files = {}
    for line in found.splitlines():
        kind, mode, owner, path, *target = line.split(" ", 4)
        files[path] = " ".join([kind, mode, owner, *target]).strip()
    for line in sums.splitlines():
        digest, _, path = line.partition("  ")
        files[path] = f"{files[path]} {digest}"
    return Snapshot(
        files, tuple(packages.splitlines()), tuple(units.splitlines()), tuple(addresses.splitlines()), firewall
    )


# What Debian's packages write while they are there, or leave behind when they are purged: not ours to take away.
_LEFT_BY_DEBIAN = re.compile(
    "|".join(
        (
            r"/var/log/(apt(/.*)?|dpkg\.log|alternatives\.log)",  # apt's and dpkg's own diaries
            r"/var/log/(lastlog|wtmp|btmp|faillog)",  # who logged in
            r"/var/log/(auth\.log|cron\.log|daemon\.log|debug|kern\.log|mail\.(info|log|warn|err)|messages|syslog|user\.log)",
            r"/etc/ld\.so\.cache",  # written by libc's trigger whenever a library comes or goes
            r"/(etc|root|home|usr/local)(/.*)?/\.cache(/.*)?",
            r"/etc/rc[0-6S]\.d(/.*)?",  # insserv orders the links of the other services anew
            r"/home/admin/\.sudo_as_admin_successful",  # sudo's own note
        )
    )
)


def left(before: Snapshot, after: Snapshot) -> list[str]:
    """What is another than before, Debian's own traces aside. The other logs are rsyslog's: people's, not ours."""
    return [line for line in before.differences(after) if not _LEFT_BY_DEBIAN.fullmatch(line.split(": ")[0])]


def ours(host: Host) -> dict[str, str]:
    """Every file of floatip on a host, left-overs of any kind included: path → mode, owner and content's hash."""
    seen = snapshot(host).files
    return {path: look for path, look in seen.items() if "floatip" in path or path.startswith("/etc/keepalived/")}
