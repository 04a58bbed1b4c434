"""What any lab can do, wherever its hosts run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from lab.host import Host


class Place(ABC):
    """A few hosts on one cable; used as a context, it is taken down at the end."""

    hosts: Mapping[str, Host]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @abstractmethod
    def block(self, between: tuple[str, str] | None = None, protocol: int = 112) -> None:
        """Drop one IP protocol between hosts: everywhere, or from one host to another."""

    @abstractmethod
    def unblock(self) -> None:
        """Let everything through again."""

    @abstractmethod
    def down(self) -> None:
        """End the lab; nothing of it stays."""

    def host(self, name: str) -> Host:
        """The host called `name`."""
        return self.hosts[name]

    @property
    def servers(self) -> list[Host]:
        """All hosts but the client."""
        return [host for host in self.hosts.values() if host.name != "client"]

    @property
    def client(self) -> Host:
        """The host that only looks on."""
        return self.hosts["client"]

    def wait_ready(self) -> None:
        """Wait until every host has booted."""
        for host in self.hosts.values():
            host.wait_ready()

    def reset(self, *names: str) -> None:
        """Make these hosts fresh (all, where none is named), the cables whole and the switch open."""
        self.unblock()
        chosen = [self.hosts[name] for name in names] or list(self.hosts.values())
        for host in chosen:
            host.reset(wait=False)
        for host in chosen:
            host.wait_ready()

    def holders(self, address: str) -> list[str]:
        """The names of the servers that have `address` right now."""
        return [host.name for host in self.servers if host.holds(address)]

    @contextmanager
    def partition(self, between: tuple[str, str] | None = None, protocol: int = 112) -> Iterator[None]:
        """Drop one IP protocol (VRRP, unless another is named) for as long as the block lasts."""
        self.block(between, protocol)
        try:
            yield
        finally:
            self.unblock()
