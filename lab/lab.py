"""The lab as a whole: a few hosts on one cable, in namespaces of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from lab import cgroups, image, keys, namespace, runs
from lab.host import Host
from lab.names import DEFAULT_SUITE, spec
from lab.network import Network
from lab.paths import LAB, lock
from lab.runs import Run
from lab.shell import LabError

USUAL = {"d1": DEFAULT_SUITE, "d2": DEFAULT_SUITE, "client": DEFAULT_SUITE}


class Lab:
    """A running lab; start one with `up`, find a running one with `attach`."""

    def __init__(self, run: Run) -> None:
        self.record = run
        self.network = Network(run.init[0])
        images = image.ensure(run.hosts.values(), prefix=namespace.outside())
        self.hosts = {name: Host(spec(name, suite), images[suite], run, self.network) for name, suite in run.hosts.items()}

    @classmethod
    def up(cls, hosts: Mapping[str, str] = USUAL, *, name: str | None = None, wait: bool = True) -> Self:
        """Boot `hosts` (name → suite). Without a `name` the lab belongs to this process and ends with it."""
        runs.sweep()
        image.ensure(hosts.values(), prefix=namespace.outside())
        keys.ensure(hosts)
        run = Run(name or f"of-{os.getpid()}", dict(hosts), owner=runs.identity(os.getpid()))
        with lock(LAB / "runs.lock"):
            if runs.find(run.name) is not None:
                raise LabError(f"the lab {run.name!r} is up already")
            run.save()
        try:
            return cls._start(run, tied=name is None, wait=wait)
        except BaseException:
            run.destroy()
            raise

    @classmethod
    def _start(cls, run: Run, *, tied: bool, wait: bool) -> Self:
        specs = [spec(name, suite) for name, suite in run.hosts.items()]
        forwards = {one.port: one.management for one in specs}
        groups = cgroups.make(f"{run.cgroup}/init")
        keeper, init = namespace.start_init(forwards, log=run.directory / "init.log", cgroups=groups, tied=tied)
        run.keeper, run.init = runs.identity(keeper), runs.identity(init)
        run.save()
        lab = cls(run)
        lab.network.set_up(run.directory / "cgroup")
        for host in lab.hosts.values():
            host.prepare()
            host.power_on()
        if wait:
            lab.wait_ready()
        if not tied:
            run.owner = None
            run.save()
        return lab

    @classmethod
    def attach(cls, name: str = runs.PRACTICE) -> Self:
        """The running lab called `name`."""
        run = runs.find(name)
        if run is None or not run.alive():
            raise LabError(f"no lab {name!r} is up (`make lab` starts one)")
        return cls(run)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

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
        self.network.unblock()
        chosen = [self.hosts[name] for name in names] or list(self.hosts.values())
        for host in chosen:
            host.reset(wait=False)
        for host in chosen:
            host.wait_ready()

    def holders(self, address: str) -> list[str]:
        """The names of the hosts that have `address` right now."""
        return [host.name for host in self.servers if host.holds(address)]

    @contextmanager
    def partition(self, between: tuple[str, str] | None = None, protocol: int = 112) -> Iterator[None]:
        """Drop one IP protocol (VRRP) at the switch for as long as the block lasts."""
        self.network.block(between, protocol)
        try:
            yield
        finally:
            self.network.unblock()

    def down(self) -> None:
        """End the lab; nothing of it stays."""
        self.record.destroy()
