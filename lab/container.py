"""A lab host as a systemd-nspawn container: an overlay for its disk, two cables, its own control group."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import cgroups, disk, layers, namespace, netlink, recipe
from lab.host import Host
from lab.image import Image
from lab.layers import State
from lab.names import HostSpec
from lab.network import BRIDGE, FORWARDER, MANAGEMENT, Network
from lab.runs import Run
from lab.shell import Completed, LabError, run, wait_until

_CLEAN = (
    *("env", "-i", "HOME=/root", "LC_ALL=C.UTF-8"),
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
)

# With --keep-unit, systemd-nspawn leaves the reboot to whoever started it: exit code 133 asks for it.
# The kernel takes a moment to remove the former cable, whose name is needed again.
_POWERED = """
while :; do
    while ip link show "$0" >/dev/null 2>&1; do sleep 0.01; done
    "$@"
    [ $? = 133 ] || exit
done
"""

# Each service that systemd shuts in has a filter of its own compiled for it, which is a fifth of a boot. Hosts that
# a story installs by itself have all of that, as anywhere.
_UNFILTERED = "SYSTEMD_SECCOMP=0"


class Container(Host):
    """A host in the namespaces of the lab's first process."""

    python = sys.executable
    still = FORWARDER

    def __init__(self, spec: HostSpec, image: Image, run_: Run, network: Network) -> None:
        super().__init__(spec)
        self.image = image
        self.network = network
        self._run = run_
        self._leader = (0, "")
        self.place = run_.directory / "hosts" / spec.name
        self.lowers = [*layers.of(run_.state, spec.suite, spec.name), image.tree]
        self.cgroup = f"{run_.cgroup}/{spec.name}"
        self.light = spec.name in run_.light

    def run(self, command: str, *, check: bool = True, timeout: float = 60, stdin: str | None = None) -> Completed:
        """Run a shell command inside as root: not over SSH, so it works whatever the network does."""
        return run([*self._enter("-a"), *_CLEAN, "sh", "-c", command], check=check, timeout=timeout, stdin=stdin)

    def read(self, path: str) -> str:
        """The text of a file on it, without a process wherever that is as good: stories poll for what stands there."""
        plain = self._plain(path)
        try:
            return plain.read_text() if plain else super().read(path)
        except OSError:
            return super().read(path)  # which says why not

    def exists(self, path: str) -> bool:
        """Whether there is anything at `path`."""
        plain = self._plain(path)
        return plain.exists() if plain else super().exists(path)

    def _plain(self, path: str) -> Path | None:
        """Where a path of the host is found from here; None where a link is on the way, which leads elsewhere from
        here, and for what the kernel says: of networks it tells each process that of its own. Only what is read may be
        looked for like that."""
        if path.startswith(("/proc/", "/sys/")):
            return None
        place = Path(self._root())
        for part in Path(path).parts[1:]:
            place /= part
            if place.is_symlink():
                return None
        return place

    def _root(self) -> str:
        if not (leader := self._find_leader()):
            raise LabError(f"{self.name} is off")
        return f"/proc/{leader}/root"

    def in_network(self, argv: Sequence[str]) -> list[str]:
        """The controller's own programs, run in this host's network."""
        return [*self._enter("-n"), *argv]

    def shell_argv(self) -> list[str]:
        """A login shell inside."""
        return [*self._enter("-a"), *_CLEAN, f"TERM={os.environ.get('TERM', 'dumb')}", "bash", "-l"]

    def is_on(self) -> bool:
        """Whether its init is running."""
        return self._find_leader() != 0

    @property
    def leader(self) -> int:
        """Its init, as the controller sees it; 0 while it is off."""
        return self._find_leader()

    def boot_id(self) -> str:
        """The birth of its init."""
        return self._leader[1] if self._find_leader() else ""

    def power_on(self) -> None:
        """Boot it; it reboots by itself until it is switched off."""
        if self.is_on():
            return
        groups = cgroups.make(self.cgroup)
        inside = ["nsenter", "-t", str(self.network.init), "-m", "-n", "-p"]
        powered = ["sh", "-c", _POWERED, f"vb-{self.name}", *self._nspawn()]
        with (self.place / "console.log").open("ab") as console:
            child = subprocess.Popen(
                [*namespace.in_cgroups(groups), *inside, *powered],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        namespace.keep.append(child)
        self._run.nspawn[self.name] = child.pid
        self._run.save()

    def power_off(self) -> None:
        """Kill its init, and with it everything inside, at once."""
        if leader := self._find_leader():
            os.kill(leader, signal.SIGKILL)
            self.network.enter(["ip", "link", "set", f"vb-{self.name}", "down"], check=False)
            wait_until(f"{self.name} is off", lambda: not self._nspawn_pid())
        namespace.reap()

    def shut_down(self) -> None:
        """Switch it off in good order, and leave its disk at rest: what it changed is in `place/upper`."""
        self.run("systemctl --no-block poweroff")
        wait_until(f"{self.name} has shut down", lambda: not self._nspawn_pid())
        self._mounts(["umount", "--recursive", str(self.place / "root")])

    def link_down(self) -> None:
        """Take its port at the switch down."""
        self.network.plug(self.name, False)

    def link_up(self) -> None:
        """Bring its port at the switch up."""
        self.network.plug(self.name, True)

    def reset(self, *, wait: bool = True) -> None:
        """Switch it off, throw its disk away, boot it from a new one."""
        self.power_off()
        self._mounts(["umount", "--recursive", str(self.place / "root")])
        for layer in ("upper", "work"):
            shutil.rmtree(self.place / layer)
        self.prepare()
        self.power_on()
        if wait:
            self.wait_ready()

    def holds(self, address: str) -> bool:
        """Whether it has `address` now, asked of the kernel: cheap enough for a hundred times a second."""
        try:
            return self.is_on() and address in netlink.addresses(self._leader[0])
        except (OSError, LabError) as problem:
            if self.is_on():
                raise LabError(f"{self.name} does not tell its addresses: {problem}") from problem
            return False

    def prepare(self) -> None:
        """Mount a fresh disk: the image and what its state puts on it below, this host's own files above."""
        for layer in ("upper", "work", "root"):
            (self.place / layer).mkdir(parents=True, exist_ok=True)
        disk.fill(self.place / "upper", self.spec, self.lowers)
        lower = ":".join(map(str, self.lowers))
        options = f"lowerdir={lower},upperdir={self.place / 'upper'},workdir={self.place / 'work'}"
        self._mounts(["mount", "-t", "overlay", "overlay", "-o", options, str(self.place / "root")])

    def console(self) -> str:
        """What was printed while it booted."""
        log = self.place / "console.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _mounts(self, argv: list[str]) -> None:
        run(["nsenter", "-t", str(self.network.init), "-m", "-p", *argv])

    def _nspawn(self) -> list[str]:
        free = [] if self._run.state == State.BARE else [_UNFILTERED]
        return [
            *("env", *free, "systemd-nspawn", *(f"--setenv={setting}" for setting in free)),
            *("--quiet", "--register=no", "--keep-unit", "--console=pipe"),
            *(f"--directory={self.place / 'root'}", f"--machine={self.name}", f"--hostname={self.name}"),
            *(f"--network-bridge={BRIDGE}", f"--network-macvlan={MANAGEMENT}"),
            *("--resolv-conf=off", "--timezone=off", "--link-journal=no"),
            f"--bind-ro={self.image.repository}:{recipe.REPOSITORY}",
            disk.LIGHT if self.light else "--boot",
        ]

    def _enter(self, which: str) -> list[str]:
        leader = self._find_leader()
        if not leader:
            raise LabError(f"{self.name} is off")
        return ["nsenter", "-t", str(leader), which]

    def _nspawn_pid(self) -> int:
        """The pid of systemd-nspawn: the grandchild of the `nsenter` that was started (see `_POWERED`)."""
        pid = self._run.nspawn.get(self.name, 0)
        if namespace.command_name(pid) != "nsenter":
            return 0
        for name in ("sh", "systemd-nspawn"):
            pid = namespace.child_named(pid, name)
        return pid

    def _booted(self) -> bool:
        return self.is_on() if self.light else super()._booted()

    def _find_leader(self) -> int:
        """The host's PID 1 as the controller sees it, 0 where it is off: the child of nspawn called so."""
        pid, birth = self._leader
        if not birth or namespace.birth(pid) != birth:
            pid = namespace.child_named(self._nspawn_pid(), "sshd" if self.light else "systemd")
            self._leader = (pid, namespace.birth(pid) if pid else "")
        return self._leader[0]
