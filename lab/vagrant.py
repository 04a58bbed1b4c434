"""The lab in VirtualBox, as `vagrant up` leaves it: the same hosts, the same things to do with them.

Needs the `Vagrantfile` at the root of the repository, and VBoxManage for power and cables.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from lab.host import Host
from lab.names import DEFAULT_SUITE, HostSpec, spec
from lab.paths import ROOT
from lab.place import Place
from lab.shell import Completed, LabError, run, wait_until

FRESH = "floatip-fresh"
USED = "command -v keepalived || ls -d /etc/keepalived /var/lib/floatip"  # what no fresh machine has
_BLOCK = "floatip_lab"


class NotFresh(LabError):
    """A machine that somebody has deployed to: stories would begin with what is there."""


class Box(Host):
    """A VirtualBox machine. Its commands go over SSH, which comes in by eth0 whatever eth1 does."""

    @property
    def id(self) -> str:
        """VirtualBox's name for it, as Vagrant wrote it down."""
        try:
            return _noted(self.name).read_text().strip()
        except FileNotFoundError as absent:
            raise LabError(f"{self.name} is not there: `vagrant up` first") from absent

    def vbox(self, *argv: str, check: bool = True) -> Completed:
        """Run VBoxManage."""
        return run(["VBoxManage", *argv], check=check)

    def run(self, command: str, *, check: bool = True, timeout: float = 60, stdin: str | None = None) -> Completed:
        """Run a shell command on it as root, over SSH."""
        if not self.is_on():
            raise LabError(f"{self.name} is off")
        return run([*self.ssh_argv(), command], check=check, timeout=timeout, stdin=stdin)

    def in_network(self, argv: Sequence[str]) -> list[str]:
        """The command over SSH."""
        return [*self.ssh_argv(), shlex.join(argv)]

    def shell_argv(self) -> list[str]:
        """SSH with a terminal."""
        return [*self.ssh_argv(), "-t"]

    def is_on(self) -> bool:
        """Whether the machine runs."""
        return 'VMState="running"' in self.vbox("showvminfo", self.id, "--machinereadable").stdout

    def boot_id(self) -> str:
        """The kernel's own."""
        return self.ssh("cat /proc/sys/kernel/random/boot_id", check=False).stdout.strip()

    def power_on(self) -> None:
        """Start the machine without a window."""
        if not self.is_on():
            self.vbox("startvm", self.id, "--type", "headless")

    def power_off(self) -> None:
        """Switch the machine off at once."""
        if self.is_on():
            self.vbox("controlvm", self.id, "poweroff")
            wait_until(f"{self.name} is off", lambda: not self.is_on())

    def link_down(self) -> None:
        """Pull the cable of the second card."""
        self.vbox("controlvm", self.id, "setlinkstate2", "off")

    def link_up(self) -> None:
        """Put the cable of the second card back."""
        self.vbox("controlvm", self.id, "setlinkstate2", "on")

    def reset(self, *, wait: bool = True) -> None:
        """Go back to the snapshot of the running, untouched machine."""
        self.power_off()
        self.vbox("snapshot", self.id, "restore", FRESH)
        self.power_on()
        self.link_up()
        if wait:
            self.wait_ready()

    def must_be_fresh(self) -> None:
        """NotFresh where keepalived is there, or was."""
        found = self.run(f"{{ {USED}; }} 2>/dev/null || true").stdout.split()
        if found:
            raise NotFresh(
                f"{self.name} is not fresh: it has {found[0]}. The tests come before a deploy: "
                f"`vagrant destroy -f {self.name} && vagrant up {self.name}`, and run them again"
            )

    def keep_fresh(self) -> None:
        """Take that snapshot, once, of a machine that is fresh."""
        if FRESH not in self.vbox("snapshot", self.id, "list", "--machinereadable", check=False).stdout:
            self.must_be_fresh()
            self.vbox("snapshot", self.id, "take", FRESH, "--live")


class VagrantLab(Place):
    """The machines of the Vagrantfile. They stay when the tests end."""

    def __init__(self, specs: Sequence[HostSpec]) -> None:
        self.boxes = {spec.name: Box(spec) for spec in specs}
        self.hosts = self.boxes

    @classmethod
    def attach(cls, names: Sequence[str] = ("d1", "d2", "client"), suite: str = DEFAULT_SUITE) -> Self:
        """The machines that are up, made fresh; NotFresh where that cannot be, another LabError where they are not
        there or another Debian."""
        if shutil.which("VBoxManage") is None:
            raise LabError("VBoxManage is not installed")
        if absent := [name for name in names if not _noted(name).exists()]:
            raise LabError(f"the Vagrant lab has no {', '.join(absent)}")
        lab = cls([spec(name, suite) for name in names])
        for box in lab.boxes.values():
            box.power_on()
            box.wait_ready(timeout=180)
            if f"VERSION_CODENAME={suite}" not in box.read("/etc/os-release"):
                raise LabError(f"the Vagrant lab is not {suite} (SUITE={suite} vagrant up)")
            box.keep_fresh()
        lab.reset()
        for box in lab.boxes.values():
            box.must_be_fresh()  # nor was it when an earlier release took the snapshot
        return lab

    def block(self, between: tuple[str, str] | None = None, protocol: int = 112) -> None:
        """VirtualBox's switch drops nothing, so each receiver does, before anything else sees the packet."""
        senders = "" if between is None else f"iifname eth1 ip saddr {spec(between[0]).address} "
        script = (
            f"table inet {_BLOCK} {{ chain in {{ type filter hook prerouting priority -500; "
            f"{senders}ip protocol {protocol} drop; ip6 nexthdr {protocol} drop; }}; }}"
        )
        for box in [self.boxes[between[1]]] if between else self.boxes.values():
            box.run(f"nft {shlex.quote(script)}")

    def unblock(self) -> None:
        """Remove that table again."""
        for box in self.boxes.values():
            if box.is_on():
                box.run(f"nft delete table inet {_BLOCK} 2>/dev/null || true")

    def down(self) -> None:
        """Leave the machines as they are: they are the user's."""


def _noted(name: str) -> Path:
    return ROOT / ".vagrant/machines" / name / "virtualbox/id"
