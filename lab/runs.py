"""Runs of the lab on disk: which there are, which are dead, and how to remove every trace of one."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lab import cgroups, namespace
from lab.paths import RUNS, lock
from lab.shell import wait_until

PRACTICE = "practice"
_INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")


@dataclass(slots=True)
class Run:
    """One run. `keeper`, `init`, `owner`: processes as [pid, birth]; no owner: it stays until it is stopped.

    `inotify`: the machine's limit as it was before this run raised it; 0 where it did not.
    """

    name: str
    hosts: dict[str, str]
    keeper: tuple[int, str] = (0, "")
    init: tuple[int, str] = (0, "")
    owner: tuple[int, str] | None = None
    nspawn: dict[str, int] = field(default_factory=dict)
    inotify: int = 0

    @property
    def directory(self) -> Path:
        """Where the run keeps its hosts' disks and logs."""
        return RUNS / self.name

    @property
    def cgroup(self) -> str:
        """The name of the run's control group: one per checkout and run."""
        return f"floatip-lab-{RUNS.stat().st_ino}-{self.name}"

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

    def make_room(self) -> None:
        """Each host's systemd takes a handful of inotify instances, and a machine has only 128 by default."""
        limit, wanted = int(_INOTIFY.read_text()), 16 * len(self.hosts)
        if wanted > limit:
            self.inotify = limit
            self.save()
            _INOTIFY.write_text(str(wanted + limit))

    def destroy(self) -> None:
        """End every process of the run and remove its mounts, networks, groups and files."""
        for pid, birth in (self.keeper, self.init):
            if birth and namespace.birth(pid) == birth:
                os.kill(pid, signal.SIGKILL)
        wait_until("the lab's processes are gone", lambda: not self.alive())
        if self.inotify:
            _INOTIFY.write_text(str(self.inotify))
        namespace.reap()
        cgroups.remove(self.cgroup)
        shutil.rmtree(self.directory, ignore_errors=True)


def identity(pid: int) -> tuple[int, str]:
    """A process as the state file names it."""
    return pid, namespace.birth(pid)


def find(name: str) -> Run | None:
    """The run called `name`, dead or alive."""
    try:
        state = json.loads((RUNS / name / "state.json").read_text())
    except FileNotFoundError:
        return None
    for key in ("keeper", "init", "owner"):
        state[key] = tuple(state[key]) if state[key] else None
    return Run(**state)


def every() -> list[Run]:
    """All runs of this checkout."""
    names = sorted(path.parent.name for path in RUNS.glob("*/state.json"))
    return [run for run in map(find, names) if run is not None]


def sweep() -> list[str]:
    """Remove what crashed runs left behind; returns their names."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with lock(RUNS.parent / "runs.lock"):
        dead = [run for run in every() if run.abandoned()]
        for run in dead:
            run.destroy()
    return [run.name for run in dead]
