"""Runs of the lab on disk: which there are, which are dead, and how to remove every trace of one."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from lab import cgroups, inotify, namespace
from lab.layers import State
from lab.paths import CHECKOUT, LAB, RUNS, lock, own_runs
from lab.shell import wait_until

PRACTICE = "practice"
WARM = "warm"
"""The lab that `make story` leaves up."""
WARM_NETWORK = f"floatip-{CHECKOUT}"


@dataclass(slots=True)
class Run:
    """One run. `keeper`, `init`, `owner`: processes as [pid, birth]; no owner: it stays until it is stopped.

    `state`: what its hosts are when they boot; `layers`: where that is kept (it goes with the product); `light`: those
    that have a network and SSH, and boot no systemd.
    """

    name: str
    hosts: dict[str, str]
    keeper: tuple[int, str] = (0, "")
    init: tuple[int, str] = (0, "")
    owner: tuple[int, str] | None = None
    nspawn: dict[str, int] = field(default_factory=dict)
    state: State = State.BARE
    layers: tuple[str, ...] = ()
    light: tuple[str, ...] = ()

    @property
    def directory(self) -> Path:
        """Where the run keeps its hosts' disks and logs."""
        return RUNS / self.name

    @property
    def cgroup(self) -> str:
        """The name of the run's control group: one per checkout and run."""
        return f"{cgroups.PREFIX}{CHECKOUT}-{self.name}"

    def save(self) -> None:
        """Write the run's state, whole or not at all."""
        self.directory.mkdir(parents=True, exist_ok=True)
        fresh = self.directory / "state.new"
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(self.directory / "state.json")

    def alive(self) -> bool:
        """Whether the lab's first process is still there."""
        return bool(self.init[1]) and namespace.birth(self.init[0]) == self.init[1]

    def abandoned(self) -> bool:
        """Whether nobody wants it any more: it is dead, or the process that it belonged to is."""
        if self.owner is not None:
            return namespace.birth(self.owner[0]) != self.owner[1]
        return not self.alive()

    def destroy(self) -> None:
        """End every process of the run and remove its mounts, networks, groups and files."""
        for pid, birth in (self.keeper, self.init):
            if birth and namespace.birth(pid) == birth:
                os.kill(pid, signal.SIGKILL)
        wait_until("the lab's processes are gone", lambda: not self.alive())
        namespace.reap()
        cgroups.remove(self.cgroup)
        inotify.give_back()
        shutil.rmtree(self.directory, ignore_errors=True)


def identity(pid: int) -> tuple[int, str]:
    """A process as the state file names it."""
    return pid, namespace.birth(pid)


def find(name: str) -> Run | None:
    """The run called `name`, dead or alive; of one that another version left, what is still understood."""
    try:
        found = json.loads((RUNS / name / "state.json").read_text())
    except FileNotFoundError:
        return None
    known = {field.name for field in fields(Run)}
    state = {key: value for key, value in found.items() if key in known}
    for key in ("keeper", "init", "owner"):
        state[key] = tuple(state[key]) if state.get(key) else (None if key == "owner" else (0, ""))
    state |= {key: tuple(state.get(key, ())) for key in ("layers", "light")}
    return Run(**state | {"state": State(state.get("state", State.BARE))})


def every() -> list[Run]:
    """All runs of this checkout."""
    names = sorted(path.parent.name for path in RUNS.glob("*/state.json"))
    return [run for run in map(find, names) if run is not None]


def sweep() -> list[str]:
    """Remove what crashed runs left behind; returns their names."""
    own_runs()
    with lock(LAB / "runs.lock"):
        dead = [run for run in every() if run.abandoned()]
        for run in dead:
            run.destroy()
    return [run.name for run in dead]
