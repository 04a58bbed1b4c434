"""What a run costs that changes nothing: against one `ssh` per host, side by side, with the same script."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from floatip.hosts import monitor, workers
from floatip.runs import pyinfra_run
from lab.names import spec
from lab.paths import ROOT
from tests.bench import measure
from tests.bench.inventories import pairs, wide
from tests.bench.measure import CLASSIC, Figure, floor, pyinfra, run

TWO = ["d1", "d2"]
FLOOR = "floor, 2 hosts"
IMPORTS = "import pyinfra_cli.main, pyinfra_cli.cli"
PYTHON = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""What is compiled is kept, as it is for everybody who sets nothing."""


def two(runs: int, directory: Path) -> None:
    """Measure a pair in turn and print."""
    file, broad = pairs(directory, 1), wide(directory)
    measure.deploy(file)
    figures = [*pair(file), *never_compiled(directory, file)]
    print(f"two servers, medians of {runs} runs, nothing to change, load {os.getloadavg()[0]:.1f}")
    _warm(figures)
    measure.show(figures, measure.in_turn(runs, figures))
    narrow = measure.commands(file)
    measure.deploy(broad)
    print(f"commands per host: {narrow} (goal 3); with 4 instances of 3 addresses {measure.commands(broad)}")


def many(runs: int, directory: Path, names: list[str]) -> None:
    """The same of all these, and of a hundred connections to them."""
    file = pairs(directory, len(names) // 2)
    measure.deploy(file)
    figures = [*large(file, names), *hundred(names)]
    print(f"{len(names)} servers, medians of {runs} runs, nothing to change, load {os.getloadavg()[0]:.1f}")
    _warm(figures)
    measure.show(figures, measure.in_turn(runs, figures))


def _warm(figures: list[Figure]) -> None:
    for figure in figures:
        figure.take()


def pair(file: Path) -> list[Figure]:
    """Two servers."""
    ours = partial(run, env=PYTHON)
    return [
        Figure(FLOOR, partial(floor, TWO)),
        Figure("  without post-quantum exchange", partial(floor, TWO, CLASSIC)),
        Figure("deploy, as floatip starts it", partial(ours, started(file)), FLOOR, 2.6),
        Figure("deploy, as `pyinfra FILE deploy.py`", partial(ours, pyinfra(file)), FLOOR, 2.6),
        Figure("  of it Python and pyinfra's imports", partial(ours, [sys.executable, "-c", IMPORTS])),
        Figure("status", partial(ours, floatip("status", file)), FLOOR, 2.6),
        Figure("check --live", partial(ours, floatip("check", file, "--live")), "status", 1.0),
    ]


def never_compiled(directory: Path, file: Path) -> list[Figure]:
    """The same from a checkout of which Python may keep nothing that it compiles."""
    copy = directory / "uncompiled"
    for name in ("floatip", "templates"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "deploy.py", copy)
    (copy / ".lab").symlink_to(ROOT / ".lab")
    bare = partial(run, cwd=copy, env={**PYTHON, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)})
    return [
        Figure("deploy, floatip never compiled", partial(bare, started(file)), FLOOR, 2.6),
        Figure("status, floatip never compiled", partial(bare, floatip("status", file)), FLOOR, 2.6),
    ]


def large(file: Path, names: list[str]) -> list[Figure]:
    """All of them."""
    ground = f"floor, {len(names)} hosts"
    return [
        Figure(ground, partial(floor, names)),
        Figure(f"deploy, {len(names)} hosts", partial(run, started(file), env=PYTHON), ground, 1.3),
        Figure(f"status, {len(names)} hosts", partial(run, floatip("status", file), env=PYTHON), ground, 1.3),
    ]


def hundred(names: list[str]) -> list[Figure]:
    """A status of a hundred servers, as far as this side is concerned: each lab host stands for several of them."""
    there = [names[number % len(names)] for number in range(100)]
    servers = [[f"s{number}", dict(spec(name).connection)] for number, name in enumerate(there)]
    request = {"servers": servers, "every": 2, "rounds": 1, "first": monitor.first(len(servers))}
    return [
        Figure("floor, 100 connections", partial(floor, there)),
        Figure("status, 100 connections", partial(_asked, request), "floor, 100 connections", 1.3),
    ]


def _asked(request: Any) -> tuple[float, float]:
    words = [sys.executable, "-m", workers.MONITOR]
    with subprocess.Popen(
        words, cwd=ROOT, env=PYTHON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin and process.stdout:
            process.stdin.write(json.dumps(request))
            process.stdin.close()
            said = [json.loads(line) for line in process.stdout][-1]  # before it, who has answered: a name a line
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    silent = [name for name, answer in said.items() if "lines" not in answer]
    if silent:
        print(f"    without an answer: {len(silent)}")
    return 0.0, usage.ru_maxrss / 1024


def started(file: Path) -> list[str]:
    """A deploy as floatip itself starts one."""
    return [
        *(sys.executable, "-m", "floatip.runs.program", "-y"),
        *("--config", str(pyinfra_run.EARLY), str(file), pyinfra_run.DEPLOY),
    ]


def floatip(command: str, file: Path, *more: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "floatip", command, *more, str(file)]
