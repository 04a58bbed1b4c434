"""Who is who in the lab: the article's two servers, the client that looks on, and further servers.

The same names, addresses and loopback ports serve systemd-nspawn, Vagrant and `inventories/lab.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

SUITES = ("bullseye", "bookworm", "trixie")
DEFAULT_SUITE = "bookworm"
COMING = ("forky",)
"""Releases that are not out yet: for `make soak` alone."""
PAST_SUPPORT = ("bullseye",)
"""Releases whose archive may go away: where it is gone, they are left out, loudly."""
FLOATING = "10.9.1.6"

_LAST = {"d1": 16, "d2": 61, "client": 99}
_PORTS = {"d1": 2216, "d2": 2261, "client": 2299}
MOST_SERVERS = 100
"""What follows in the subnet are the floating addresses of the benchmarks."""


@dataclass(frozen=True, slots=True)
class HostSpec:
    """The fixed facts of one lab host. `port`: its SSH port on 127.0.0.1 of the controller."""

    name: str
    suite: str
    last: int
    port: int

    @property
    def address(self) -> str:
        """Its own IPv4 address on eth1, the cable that the cluster shares."""
        return f"10.9.1.{self.last}"

    @property
    def address6(self) -> str:
        """Its own IPv6 address on eth1."""
        return f"fd00:9:1::{self.last}"

    @property
    def management(self) -> str:
        """Its address on eth0, the way SSH comes in: cutting eth1 leaves it alone."""
        return f"192.0.2.{self.last}"

    @property
    def connection(self) -> dict[str, str | int | bool]:
        """How pyinfra reaches it, as host data of an inventory; paths from the repository root."""
        return {
            "ssh_hostname": "127.0.0.1",
            "ssh_key": ".lab/id_ed25519",
            "ssh_known_hosts_file": ".lab/known_hosts",
            "ssh_port": self.port,
            "ssh_strict_host_key_checking": "yes",
            "ssh_user": "root",
        }


def spec(name: str, suite: str = DEFAULT_SUITE) -> HostSpec:
    """The facts of `name`: d1, d2, client, or a further server."""
    if suite not in SUITES + COMING:
        raise ValueError(f"unknown suite {suite!r}: one of {', '.join(SUITES + COMING)}")
    if name in _LAST:
        return HostSpec(name, suite, _LAST[name], _PORTS[name])
    if name[:1] == "d" and name[1:].isdecimal() and 3 <= int(name[1:]) <= MOST_SERVERS:
        number = int(name[1:])
        return HostSpec(name, suite, 100 + number, (2230 if number <= 30 else 2300) + number)
    raise ValueError(f"unknown lab host {name!r}: client, or d1 to d{MOST_SERVERS}")
