"""pyinfra as a child process: its command line patches the process it runs in, so it gets one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from floatip.language import telling
from floatip.model.paths import CHECKOUT, ROOT, shipped, started_in
from floatip.runs.lock import RUN

MOVE, REMOVE, REPLACE = "floatip_move", "floatip_remove", "floatip_replace"
DISMISS, FORGET = "floatip_dismiss", "floatip_forget"
"""Names of `--data` that deploy.py takes."""
DEPLOY = "deploy.py"
EARLY = Path("floatip/deploy/lifecycle/pyinfra_config.py")
Data = Mapping[str, bool | str] | None
"""What `--data` gives to deploy.py."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended: pyinfra's exit code, and its JSON document where one was asked for."""

    code: int
    document: Any = None


def python() -> list[str]:
    """Python, as it is started beside an inventory: what stands there is no module of it."""
    return [sys.executable] if CHECKOUT else [sys.executable, "-P"]


def command(inventory: Path, *, data: Data = None, options: Sequence[str] = ()) -> list[str]:
    """The pyinfra command line for an inventory; `data` becomes `--data NAME=true`. `options`: with `-y` among them it
    does not ask."""
    values = {name: value if isinstance(value, str) else str(value).lower() for name, value in (data or {}).items()}
    switches = [word for name, value in values.items() for word in ("--data", f"{name}={value}")]
    return [
        *python(),
        "-m",
        "floatip.runs.program",
        "--config",
        str(ROOT / EARLY),
        *options,
        *switches,
        str(inventory.resolve()),
        str(shipped(DEPLOY)),
    ]


def run(
    inventory: Path,
    *,
    data: Data = None,
    json_output: bool = False,
    lease: str = "",
    options: Sequence[str] = ("-y",),
) -> Result:
    """Run the deploy on an inventory. The live log goes to standard error either way; with JSON it is in English.
    `lease`: the run whose leases it uses; without one, it takes its own."""
    argv = command(inventory, data=data, options=[*options, *(["--json"] if json_output else [])])
    environment = {**os.environ, RUN: lease, **({telling.VARIABLE: "en"} if json_output else {})}
    stdout = subprocess.PIPE if json_output else None
    start = started_in(inventory)
    with subprocess.Popen(argv, cwd=start, env=environment, stdout=stdout, text=True) as child, _passed_on(child):
        said, _ = child.communicate()
    try:
        return Result(child.returncode, json.loads(said) if json_output else None)
    except ValueError:
        return Result(child.returncode)


@contextmanager
def _passed_on(child: subprocess.Popen[str]) -> Iterator[None]:
    """Whoever asks this command to end asks the child: it may be in the middle of a change, and says what it waits
    for. From a terminal both get the signal, and the child takes the two for one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def pass_on(number: int, _: FrameType | None) -> None:
        child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for signal_, handler in before.items():
            signal.signal(signal_, handler)
