"""pyinfra as a child process: its command line patches the process it runs in, so it gets one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from floatip.lease import RUN

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = "deploy.py"
Data = Mapping[str, bool | str] | None
"""What `--data` gives to deploy.py."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended: pyinfra's exit code, and its JSON document where one was asked for."""

    code: int
    document: Any = None


def command(inventory: Path, *, data: Data = None, options: Sequence[str] = ()) -> list[str]:
    """The pyinfra command line for an inventory; `data` becomes `--data NAME=true`."""
    values = {name: value if isinstance(value, str) else str(value).lower() for name, value in (data or {}).items()}
    switches = [word for name, value in values.items() for word in ("--data", f"{name}={value}")]
    return [sys.executable, "-m", "pyinfra", "-y", *options, *switches, str(inventory.resolve()), DEPLOY]


def run(inventory: Path, *, data: Data = None, json_output: bool = False, lease: str = "") -> Result:
    """Run the deploy on an inventory. The live log goes to standard error either way. `lease`: the run whose leases it
    uses; without one, it takes its own."""
    words = command(inventory, data=data, options=["--json"] if json_output else [])
    environment = {**os.environ, RUN: lease}
    if not json_output:
        return Result(subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode)
    done = subprocess.run(words, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    try:
        return Result(done.returncode, json.loads(done.stdout))
    except ValueError:
        return Result(done.returncode)
