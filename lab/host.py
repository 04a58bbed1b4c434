"""One lab host: a booted Debian in a systemd-nspawn container, with an overlay for its disk."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from lab import cgroups, keys, namespace, recipe
from lab.image import Image
from lab.names import HostSpec
from lab.network import MANAGEMENT, Network
from lab.paths import KEY, KNOWN_HOSTS
from lab.runs import Run
from lab.shell import Completed, LabError, run, wait_until

_CLEAN = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"]

# With --keep-unit, systemd-nspawn leaves the reboot to whoever started it: exit code 133 asks for it.
# The kernel takes a moment to remove the former cable, whose name is needed again.
_POWERED = """
while :; do
    while ip link show "$0" >/dev/null 2>&1; do sleep 0.01; done
    "$@"
    [ $? = 133 ] || exit
done
"""


class Host:
    """A host that can be used, rebooted, switched off and on, unplugged and made new."""

    def __init__(self, spec: HostSpec, image: Image, run_: Run, network: Network) -> None:
        self.spec = spec
        self.image = image
        self.network = network
        self._run = run_
        self._leader = (0, "")
        self.disk = run_.directory / "hosts" / spec.name
        self.cgroup = f"{run_.cgroup}/{spec.name}"

    @property
    def name(self) -> str:
        """The name, as in the inventory."""
        return self.spec.name

    # What a person does on it

    def run(self, command: str, *, check: bool = True, timeout: float = 60, stdin: str | None = None) -> Completed:
        """Run a shell command inside as root: not over SSH, so it works whatever the network does."""
        return run([*self._enter("-a"), *_CLEAN, "sh", "-c", command], check=check, timeout=timeout, stdin=stdin)

    def shell_argv(self) -> list[str]:
        """The command line of an interactive root shell inside."""
        return [*self._enter("-a"), *_CLEAN, f"TERM={os.environ.get('TERM', 'dumb')}", "bash", "-l"]

    def read(self, path: str) -> str:
        """The text of a file inside."""
        return self.run(f"cat '{path}'").stdout

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Put a file inside."""
        self.run(f"mkdir -p \"$(dirname '{path}')\" && cat > '{path}' && chmod {mode:o} '{path}'", stdin=text)

    def ssh(self, command: str, *, user: str = "root", check: bool = True, timeout: float = 30) -> Completed:
        """Run a command over SSH, the way that a deploy comes in."""
        return run([*self.ssh_argv(user), command], check=check, timeout=timeout)

    def ssh_argv(self, user: str = "root") -> list[str]:
        """The `ssh` command line for this host."""
        options = {
            "UserKnownHostsFile": str(KNOWN_HOSTS),
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
            "ConnectTimeout": "5",
        }
        words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        return ["ssh", "-F", "none", "-i", str(KEY), "-p", str(self.spec.port), *words, f"{user}@127.0.0.1"]

    # What can be seen of it

    def addresses(self) -> dict[str, list[str]]:
        """Interface → its addresses, without prefix lengths, link-local ones left out."""
        links = json.loads(run([*self._enter("-n"), "ip", "-json", "address"]).stdout)
        return {
            link["ifname"]: [a["local"] for a in link.get("addr_info", ()) if a.get("scope") != "link"]
            for link in links
            if link
        }

    def holds(self, address: str) -> bool:
        """Whether it has `address` on any interface now; a host that is off holds nothing."""
        if not self.is_on():
            return False
        try:
            return any(address in found for found in self.addresses().values())
        except LabError:
            return False

    def carrier(self, interface: str = "eth1") -> bool:
        """Whether the cable of `interface` is plugged in, as the host sees it."""
        links = json.loads(run([*self._enter("-n"), "ip", "-json", "link", "show", interface]).stdout)
        return "LOWER_UP" in links[0]["flags"]

    def mac(self, interface: str = "eth1") -> str:
        """The hardware address of `interface`."""
        links = json.loads(run([*self._enter("-n"), "ip", "-json", "link", "show", interface]).stdout)
        return str(links[0]["address"])

    def neighbour(self, address: str) -> str:
        """The hardware address that this host sends to for `address`; empty where it knows none."""
        entries = json.loads(run([*self._enter("-n"), "ip", "-json", "neigh", "show", address]).stdout or "[]")
        return next((entry["lladdr"] for entry in entries if "lladdr" in entry), "")

    def answers(self, address: str) -> bool:
        """Whether one ping from this host to `address` is answered within a second."""
        return self.run(f"ping -c 1 -W 1 {address}", check=False).returncode == 0

    # Power and cable

    def is_on(self) -> bool:
        """Whether its init is running."""
        return self._find_leader() != 0

    def power_on(self) -> None:
        """Boot it; returns at once (`wait_ready` waits)."""
        if self.is_on():
            return
        groups = cgroups.make(self.cgroup)
        inside = ["nsenter", "-t", str(self.network.init), "-m", "-n", "-p"]
        argv = [*namespace.in_cgroups(groups), *inside, "sh", "-c", _POWERED, f"vb-{self.name}", *self._nspawn()]
        with (self.disk / "console.log").open("ab") as console:
            child = subprocess.Popen(
                argv,
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
        """Pull the plug: no shutdown, nothing written, its cable goes dead."""
        if leader := self._find_leader():
            os.kill(leader, signal.SIGKILL)
            self.network.enter(["ip", "link", "set", f"vb-{self.name}", "down"], check=False)
            wait_until(f"{self.name} is off", lambda: not self.is_on() and not self._nspawn_pid())
        namespace.reap()

    def reboot(self, *, wait: bool = True) -> None:
        """Reboot it in good order, as `systemctl reboot` does."""
        before = self._find_leader()
        self.run("systemctl reboot", check=False)
        wait_until(f"{self.name} goes down", lambda: self._find_leader() not in (before, 0), timeout=60)
        if wait:
            self.wait_ready()

    def wait_ready(self, timeout: float = 60) -> None:
        """Wait until it has booted and answers SSH."""
        try:
            wait_until(f"{self.name} is ready", lambda: self._booted() and self._greets(), timeout=timeout)
        except LabError as late:
            raise LabError(f"{late}\n{self.console()[-3000:]}") from late

    def reset(self, *, wait: bool = True) -> None:
        """Make it a fresh host: everything that was ever done to it is gone."""
        self.power_off()
        self.unmount()
        self.prepare()
        self.power_on()
        if wait:
            self.wait_ready()

    def link_down(self) -> None:
        """Pull the cable of eth1."""
        self.network.plug(self.name, False)

    def link_up(self) -> None:
        """Put the cable of eth1 back."""
        self.network.plug(self.name, True)

    # How it is made

    def prepare(self) -> None:
        """A fresh disk: the image below, this host's own files above."""
        for layer in ("upper", "work", "root"):
            (self.disk / layer).mkdir(parents=True, exist_ok=True)
        for name, (mode, text) in self._files().items():
            path = self.disk / "upper" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(mode)
        self._own()
        layers = f"lowerdir={self.image.tree},upperdir={self.disk / 'upper'},workdir={self.disk / 'work'}"
        self._mounts(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.disk / "root")])

    def unmount(self) -> None:
        """Throw the disk away."""
        self._mounts(["umount", "--recursive", str(self.disk / "root")])
        for layer in ("upper", "work"):
            shutil.rmtree(self.disk / layer)

    def console(self) -> str:
        """What it said while booting."""
        log = self.disk / "console.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _mounts(self, argv: list[str]) -> None:
        run(["nsenter", "-t", str(self.network.init), "-m", "-p", *argv])

    def _nspawn(self) -> list[str]:
        return [
            *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--console=pipe"),
            *(f"--directory={self.disk / 'root'}", f"--machine={self.name}", f"--hostname={self.name}"),
            *("--network-bridge=br-lan", f"--network-macvlan={MANAGEMENT}"),
            *("--resolv-conf=off", "--timezone=off", "--link-journal=no"),
            f"--bind-ro={self.image.repository}:{recipe.REPOSITORY}",
        ]

    def _files(self) -> dict[str, tuple[int, str]]:
        key = keys.host_key(self.name)
        authorized = keys.public(KEY)
        interfaces = (
            f"auto eth0\niface eth0 inet static\n    address {self.spec.management}/24\n\n"
            f"auto eth1\niface eth1 inet static\n    address {self.spec.address}/24\n"
            f"iface eth1 inet6 static\n    address {self.spec.address6}/64\n    accept_ra 0\n    dad-attempts 0\n"
        )
        return {
            "etc/hostname": (0o644, f"{self.name}\n"),
            "etc/hosts": (0o644, f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {self.name}\n"),
            "etc/machine-id": (0o444, hashlib.md5(self.name.encode()).hexdigest() + "\n"),
            "etc/network/interfaces.d/lab": (0o644, interfaces),
            "etc/ssh/ssh_host_ed25519_key": (0o600, key.read_text()),
            "etc/ssh/ssh_host_ed25519_key.pub": (0o644, keys.public(key)),
            "root/.ssh/authorized_keys": (0o600, authorized),
            "home/admin/.ssh/authorized_keys": (0o600, authorized),
        }

    def _own(self) -> None:
        """Directories that the overlay takes from the upper layer must look as in the image."""
        for path in sorted((self.disk / "upper").rglob("*")):
            below = self.image.tree / path.relative_to(self.disk / "upper")
            if path.is_dir() and below.is_dir():
                shutil.copystat(below, path)
                os.chown(path, below.stat().st_uid, below.stat().st_gid)
        owner = (self.image.tree / "home/admin").stat()
        ssh = self.disk / "upper/home/admin/.ssh"
        for path in (ssh, ssh / "authorized_keys"):
            os.chown(path, owner.st_uid, owner.st_gid)

    # Processes

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
            pid = next((child for child in namespace.children(pid) if namespace.command_name(child) == name), 0)
        return pid

    def _find_leader(self) -> int:
        """The host's PID 1 as the controller sees it: the child of nspawn that is called systemd; 0 where it is off."""
        pid, birth = self._leader
        if birth and namespace.birth(pid) == birth:
            return pid
        nspawn = self._nspawn_pid()
        found = [child for child in namespace.children(nspawn) if namespace.command_name(child) == "systemd"] if nspawn else []
        self._leader = (found[0], namespace.birth(found[0])) if found else (0, "")
        return self._leader[0]

    def _booted(self) -> bool:
        if not self.is_on():
            return False
        try:
            return self.run("systemctl is-system-running", check=False).stdout.strip() in ("running", "degraded")
        except LabError:
            return False

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.spec.port), timeout=2) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False
