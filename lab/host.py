"""One lab host, wherever it runs: what can be done with it and what can be seen of it.

`lab.container` makes it a systemd-nspawn container, `lab.vagrant` a VirtualBox machine.
"""

from __future__ import annotations

import json
import shlex
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from lab.names import HostSpec
from lab.paths import KEY, KNOWN_HOSTS
from lab.shell import Completed, LabError, run, wait_until


class Host(ABC):
    """A host that can be used, rebooted, switched off and on, unplugged and made new."""

    python: str = "python3"
    """The Python that `in_network` finds."""

    still: str = ""
    """An address that it reaches whatever is done to the cluster, where there is one: for controls."""

    def __init__(self, spec: HostSpec) -> None:
        self.spec = spec

    @property
    def name(self) -> str:
        """The name, as in the inventory."""
        return self.spec.name

    # What a kind of host must know

    @abstractmethod
    def run(self, command: str, *, check: bool = True, timeout: float = 60, stdin: str | None = None) -> Completed:
        """Run a shell command on it as root."""

    @abstractmethod
    def in_network(self, argv: Sequence[str]) -> list[str]:
        """The controller's command line that runs `argv` in this host's network."""

    @abstractmethod
    def shell_argv(self) -> list[str]:
        """The command line of an interactive root shell on it."""

    @abstractmethod
    def is_on(self) -> bool:
        """Whether it is switched on."""

    @abstractmethod
    def boot_id(self) -> str:
        """Something that is another after each boot; empty while it is off."""

    @abstractmethod
    def power_on(self) -> None:
        """Boot it; returns at once (`wait_ready` waits)."""

    @abstractmethod
    def power_off(self) -> None:
        """Pull the plug: no shutdown, nothing written, its cables go dead."""

    @abstractmethod
    def link_down(self) -> None:
        """Pull the cable of eth1: it loses the carrier. SSH comes in through eth0 and stays."""

    @abstractmethod
    def link_up(self) -> None:
        """Put the cable of eth1 back."""

    @abstractmethod
    def reset(self, *, wait: bool = True) -> None:
        """Make it a fresh host: everything that was ever done to it is gone."""

    def console(self) -> str:
        """What it said while booting, where that is known."""
        return ""

    # What a person does on it

    def read(self, path: str) -> str:
        """The text of a file on it."""
        return self.run(f"cat {shlex.quote(path)}").stdout

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Put a file on it."""
        name = shlex.quote(path)
        self.run(f'mkdir -p "$(dirname {name})" && cat > {name} && chmod {mode:o} {name}', stdin=text)

    def exists(self, path: str) -> bool:
        """Whether there is anything at `path`."""
        return self.run(f"test -e {shlex.quote(path)}", check=False).returncode == 0

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
        arguments = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        return ["ssh", "-F", "none", "-i", str(KEY), "-p", str(self.spec.port), *arguments, f"{user}@127.0.0.1"]

    # What can be seen of it

    def look(self, *argv: str) -> Any:
        """The JSON answer of an `ip -json …` command in its network."""
        return json.loads(run(self.in_network(["ip", "-json", *argv])).stdout or "[]")

    def addresses(self) -> dict[str, list[str]]:
        """Interface → its addresses, without prefix lengths, link-local ones left out."""
        return {
            link["ifname"]: [found["local"] for found in link.get("addr_info", ()) if found.get("scope") != "link"]
            for link in self.look("address")
            if link
        }

    def holds(self, address: str) -> bool:
        """Whether it has `address` on any interface now; a host that is off holds nothing."""
        try:
            return self.is_on() and any(address in found for found in self.addresses().values())
        except LabError:
            if self.is_on():
                raise
            return False

    def carrier(self, interface: str = "eth1") -> bool:
        """Whether the cable of `interface` is plugged in, as the host sees it."""
        return "LOWER_UP" in self.look("link", "show", interface)[0]["flags"]

    def mac(self, interface: str = "eth1") -> str:
        """The hardware address of `interface`."""
        return str(self.look("link", "show", interface)[0]["address"])

    def neighbour(self, address: str) -> str:
        """The hardware address that this host sends to for `address`; empty where it knows none."""
        return next((entry["lladdr"] for entry in self.look("neigh", "show", address) if "lladdr" in entry), "")

    def answers(self, address: str) -> bool:
        """Whether one ping from this host to `address` is answered within a second."""
        return self.run(f"ping -c 1 -W 1 {shlex.quote(address)}", check=False).returncode == 0

    # Booting

    def reboot(self, *, wait: bool = True) -> None:
        """Reboot it in good order, as `systemctl reboot` does."""
        before = self.boot_id()
        self.run("systemctl reboot", check=False)
        wait_until(f"{self.name} boots again", lambda: self.boot_id() not in (before, ""), timeout=90)
        if wait:
            self.wait_ready()

    def wait_ready(self, timeout: float = 60) -> None:
        """Wait until it has booted and answers SSH."""
        try:
            wait_until(f"{self.name} is ready", lambda: self._booted() and self._greets(), timeout=timeout)
        except LabError as late:
            raise LabError(f"{late}\n{self.console()[-3000:]}") from late

    def _booted(self) -> bool:
        try:
            state = self.run("systemctl is-system-running --wait", check=False).stdout.strip()
        except LabError:
            return False
        return state in ("running", "degraded")

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.spec.port), timeout=2) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False
