"""The lab's cables: a bridge that is the cluster's network, and a way in for SSH that nothing cuts.

Everything is in the lab's own network namespace; nothing of it can be seen from outside.
- `br-lan`: the switch; each host's eth1 is plugged into it as the port `vb-<host>`.
- `mgmt0`/`mgmt1`: a cable; each host's eth0 is a macvlan on one end, the forwarder talks through the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lab.shell import Completed, run

BRIDGE = "br-lan"
MANAGEMENT = "mgmt0"
FORWARDER = "192.0.2.1"

_SET_UP = f"""\
link set lo up
link add {BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0
link set {BRIDGE} up
link add {MANAGEMENT} type veth peer name mgmt1
link set {MANAGEMENT} up
address add {FORWARDER}/24 dev mgmt1
link set mgmt1 up
"""

# systemd-nspawn looks for mgmt0 in /sys, which must therefore show this network namespace, with the
# control groups where they were. Read-only, because then it does not wait for a udev that is not here.
# What it keeps of a machine goes by the name, and each lab has a d1: the end of one took away what another was about
# to mount. So each lab has its own.
_SYS = """\
set -e
mkdir -p "$1"
mount --rbind /sys/fs/cgroup "$1"
mount -t sysfs -o ro sysfs /sys
mount --rbind "$1" /sys/fs/cgroup
umount --recursive --lazy "$1"
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn
"""


class Network:
    """The switch and its ports, by way of the lab's first process `init` (a pid)."""

    def __init__(self, init: int) -> None:
        self.init = init

    def enter(self, argv: Sequence[str], *, check: bool = True, stdin: str | None = None) -> Completed:
        """Run a command of the controller in the lab's network namespace."""
        return run(["nsenter", "-t", str(self.init), "-n", *argv], check=check, stdin=stdin)

    def set_up(self, spare: Path) -> None:
        """Lay the cables. `spare`: a directory that may be used meanwhile."""
        self.enter(["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"])
        self.enter(["ip", "-batch", "-"], stdin=_SET_UP)
        run(["nsenter", "-t", str(self.init), "-m", "-n", "-p", "sh", "-c", _SYS, "sh", str(spare)])

    def plug(self, host: str, up: bool) -> None:
        """Plug a host's eth1 in, or pull it out: it loses the carrier, as with a real cable."""
        self.enter(["ip", "link", "set", f"vb-{host}", "up" if up else "down"])

    def block(self, between: tuple[str, str] | None = None, protocol: int = 112) -> None:
        """Drop one IP protocol at the switch: everywhere, or from one host to another."""
        where = "" if between is None else f"iifname vb-{between[0]} oifname vb-{between[1]} "
        rules = [f"{where}ip protocol {protocol} drop", f"{where}ip6 nexthdr {protocol} drop"]
        script = [
            "add table bridge lab",
            "add chain bridge lab forward { type filter hook forward priority 0; }",
            *(f"add rule bridge lab forward {rule}" for rule in rules),
        ]
        self.enter(["nft", "-f", "-"], stdin="\n".join(script) + "\n")

    def unblock(self) -> None:
        """Let everything through again."""
        self.enter(["nft", "delete", "table", "bridge", "lab"], check=False)
