"""A cluster under another name: its file, and all that this computer keeps of it. Its servers are not touched: they
know it by its floating addresses, too, and get the new name with the next deploy.

The new file is there before the old one goes: what dies in the middle leaves both, and loses nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from floatip.model import atomic, inventory
from floatip.model.cluster import Cluster
from floatip.model.fields import Wrong, cluster_name
from floatip.model.inventory.reading import Unreadable
from floatip.model.inventory.renaming import renamed
from floatip.model.messages import say
from floatip.model.problems import Problem
from floatip.operate.drill import reports
from floatip.runs import deployed, detached, jobs, recorded


class Refused(Exception):
    """It keeps its name, and nothing was changed; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def rename(file: Path, name: str, runs: Path) -> Cluster:
    """Give the cluster of an inventory another name; the cluster as it is called then. `runs`: their directory. Refused
    where the name is none, or taken, or a run of it is under way; OSError where it cannot be written."""
    cluster, text = _named(file, name)
    old, target = file.stem, file.with_name(f"{name}.py")
    with detached.exclusive(runs):
        if target.exists():
            raise Refused(Problem("name", "name-taken", say("{file} already exists.", file=target.name)))
        if any(run.code is None for run in jobs.of(runs, file)):
            message = say("A run of it is under way. Wait until it has ended.")
            raise Refused(Problem("name", "busy", message))
        atomic.write(target, text, atomic.PUBLIC)
        for run in jobs.of(runs, file):
            _follow(runs / run.key, run.inventory, name)
        _reports(old, name)
        with suppress(ValueError):
            deployed.rename(cluster, old)
        file.unlink()
    return cluster


def _named(file: Path, name: str) -> tuple[Cluster, str]:
    """The cluster by its new name, and the text that says so; read back, so that it is known to say the same."""
    try:
        text = renamed(file.read_text("utf-8"), file.stem, cluster_name(name))
        (before,) = inventory.read(file)
        (after,) = inventory.loads(text, f"{name}.py", file.parent)
    except Wrong as wrong:
        message = say("The name {wrong}", wrong=wrong.text)
        raise Refused(Problem("name", "bad-cluster-name", message, wrong.hint)) from None
    except Unreadable as error:
        raise Refused(error.problem) from None
    except ValueError:
        message = say("The file does not describe just one cluster of its own name.")
        raise Refused(Problem("name", "not-one", message, say("Rename it in an editor."))) from None
    if after.cluster is None or before.cluster is None or after.cluster != replace(before.cluster, name=name):
        message = say("Under this name the file would mean something else, because of the files beside it.")
        first = next(iter(after.problems), Problem("name", "not-the-same", message, say("Rename it in an editor.")))
        raise Refused(replace(first, path="name"))
    return after.cluster, text


def _follow(place: Path, file: Path, name: str) -> None:
    """What is kept of a run: of which file it was, and what that said then; deployed again, it has this name."""
    atomic.write(place / "inventory", str(file.with_name(f"{name}.py")))
    with suppress(OSError, ValueError, Unreadable):  # an earlier release kept none
        atomic.write(place / recorded.WAS, renamed((place / recorded.WAS).read_text("utf-8"), file.stem, name))


def _reports(old: str, name: str) -> None:
    """Those of failover tests; of another cluster that was called so before, none is replaced."""
    there = reports.directory(name)
    for report in sorted(reports.directory(old).glob("*")):
        there.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (there / report.name).exists():
            atomic.move(report, there / report.name)
