"""The lab on this machine: systemd-nspawn hosts on one cable, in namespaces of their own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Self

from lab import cgroups, image, inotify, keys, layers, namespace, runs
from lab.container import Container
from lab.layers import State
from lab.names import DEFAULT_SUITE, spec
from lab.network import Network
from lab.paths import LAB, lock
from lab.place import Place
from lab.runs import Run
from lab.shell import LabError

USUAL = {"d1": DEFAULT_SUITE, "d2": DEFAULT_SUITE, "client": DEFAULT_SUITE}


class Lab(Place):
    """A running lab; start one with `up`, find a running one with `attach`."""

    def __init__(self, run: Run) -> None:
        self.record = run
        self.network = Network(run.init[0])
        images = image.ensure(run.hosts.values(), prefix=namespace.outside())
        self.containers = {
            name: Container(spec(name, suite), images[suite], run, self.network) for name, suite in run.hosts.items()
        }
        self.hosts = self.containers

    @classmethod
    def up(
        cls,
        hosts: Mapping[str, str] = USUAL,
        *,
        state: State = State.BARE,
        light: Sequence[str] = (),
        name: str | None = None,
        wait: bool = True,
    ) -> Self:
        """Boot `hosts` (name → suite). Without a `name` the lab belongs to this process and ends with it.

        `light`: those that only look on. They have a network and SSH, and no systemd, of which the boot takes longer
        than all that is asked of them.
        """
        runs.sweep()
        image.ensure(hosts.values(), prefix=namespace.outside())
        keys.ensure(hosts)
        layers.ensure((state, suite) for suite in hosts.values())
        run = Run(name or f"of-{os.getpid()}", dict(hosts), state=state, light=tuple(light))
        run.owner = runs.identity(os.getpid())
        run.layers = _layers(hosts, state)
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
    def attach(cls, name: str = runs.PRACTICE) -> Self:
        """The running lab called `name`."""
        run = runs.find(name)
        if run is None or not run.alive():
            raise LabError(f"no lab {name!r} is up (`python -m lab up` starts one)")
        return cls(run)

    @classmethod
    def warm(cls, hosts: Mapping[str, str], state: State, light: Sequence[str] = ()) -> Self:
        """The lab that an earlier process left up, where it is of this kind; else a new one, to be left up too."""
        layers.ensure((state, suite) for suite in hosts.values())
        run = runs.find(runs.WARM)
        kind = (dict(hosts), _layers(hosts, state), tuple(light))
        if run and run.alive() and (run.hosts, run.layers, run.light) == kind:
            lab = cls(run)
            lab.wait_ready()
            return lab
        if run:
            run.destroy()
        return cls.up(hosts, state=state, light=light, name=runs.WARM)

    def renew(self) -> None:
        """Begin to make every host fresh again, for whoever comes next; does not wait for it."""
        self.unblock()
        for host in self.containers.values():
            host.reset(wait=False)

    @classmethod
    def _start(cls, run: Run, *, tied: bool, wait: bool) -> Self:
        specs = [spec(name, suite) for name, suite in run.hosts.items()]
        forwards = {spec.port: spec.management for spec in specs}
        groups = cgroups.make(f"{run.cgroup}/init")
        inotify.make_room()
        keeper, init = namespace.start_init(forwards, log=run.directory / "init.log", cgroups=groups, tied=tied)
        run.keeper, run.init = runs.identity(keeper), runs.identity(init)
        run.save()
        lab = cls(run)
        lab.network.set_up(run.directory / "cgroup")
        for host in lab.containers.values():
            host.prepare()
            host.power_on()
        if wait:
            lab.wait_ready()
        if not tied:
            run.owner = None
            run.save()
        return lab

    def block(self, between: tuple[str, str] | None = None, protocol: int = 112) -> None:
        """Drop it at the switch."""
        self.network.block(between, protocol)

    def unblock(self) -> None:
        """Open the switch."""
        self.network.unblock()

    def down(self) -> None:
        """End every process of the lab and remove what it had."""
        self.record.destroy()


def _layers(hosts: Mapping[str, str], state: State) -> tuple[str, ...]:
    suites = sorted({*hosts.values()})
    return () if state is State.BARE else tuple(str(layers.path(state, suite)) for suite in suites)
