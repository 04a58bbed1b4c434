"""What a host is like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from floatip.hosts.binding import Binding
from floatip.hosts.interface_managers import Managers
from floatip.hosts.programs import Program
from floatip.keepalived.conf import Gone, Included, Source, expand
from floatip.model.passwords import opened
from floatip.model.settings.scripts import Runs
from floatip.server_side.lease.model import Lease
from floatip.server_side.pending import change
from floatip.server_side.pending.change import Brief, Files

UNKNOWN = (Gone.NOT_READ, Gone.SEQUENCE, Gone.TOO_MUCH)
NETWORKD = "systemd-networkd"


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
    of keepalived that apt would install where there is none; `logs`: the user that rsyslog writes its files as;
    `nonlocal_bind`: family → whether the kernel lets services bind an address that is not there; `bindings`: services
    that need an address; `managers`: who else configures its interfaces; `programs`: what was found of those that were
    asked about."""

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
    nonlocal_bind: dict[int, bool] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()
    included: tuple[Included, ...] = field(default=(), repr=False)
    host: str = ""
    managers: Managers = field(default_factory=Managers)
    programs: Mapping[Runs, Program] = field(default_factory=dict)

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
    def source(self) -> Source:
        """Its keepalived.conf with all that its meaning depends on."""
        return Source(self.text("conf") or "", self.host, self.included)

    @property
    def conf(self) -> str | None:
        """The file as keepalived reads it, with what it includes and defines, where all of that is known; else as it
        is. None where there is none, or an empty one."""
        return self._as_read(self.text("conf"))

    @property
    def conf_before(self) -> str | None:
        """The same of the file that was there before a change that is under way."""
        return self._as_read(self.before.conf)

    def _as_read(self, text: str | None) -> str | None:
        read = expand(replace(self.source, text=text or ""))
        known = not any(why in UNKNOWN for _, _, why in read.gone) and "$" not in opened(read.text)
        return (read.text if known else text) or None

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

    def by_networkd(self, interface: str) -> bool:
        """Whether systemd-networkd configures this interface now."""
        return self.active(NETWORKD) and interface in self.managers.networks

    @property
    def systemd_version(self) -> int:
        """0 where that is not known."""
        release = re.match(r"[0-9]{1,4}", self.packages.get("systemd", ""), re.ASCII)
        return int(release[0]) if release else 0

    def enabled(self, unit: str) -> bool:
        """Whether the service starts at boot."""
        return self.units.get(unit, ("", ""))[1] == "enabled"


def same(file: File | None, text: str, mode: str) -> bool:
    """Whether the file that was found is the wanted one already, owner and (octal) mode included."""
    return file is not None and file.text == text and file.mode == f"{int(mode, 8):o}:root:root"
