"""Running commands and waiting for things: the two verbs that the whole lab is made of."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence

Completed = subprocess.CompletedProcess[str]


class LabError(RuntimeError):
    """The lab could not do what it was asked; the message says what and, where known, why."""


def run(argv: Sequence[str], *, check: bool = True, timeout: float = 120, stdin: str | None = None) -> Completed:
    """Run `argv` without a shell and return its texts; with `check`, a failure is a `LabError`."""
    try:
        done = subprocess.run(list(argv), input=stdin or "", capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        raise LabError(f"no end after {timeout:g} s: {' '.join(argv)}") from late
    if check and done.returncode != 0:
        said = "\n".join(text for text in (done.stdout.strip(), done.stderr.strip()) if text)
        raise LabError(f"exit {done.returncode}: {' '.join(argv)}\n{said}")
    return done


def wait_until(what: str, holds: Callable[[], object], *, timeout: float = 30, every: float | None = None) -> None:
    """Poll until `holds()` is true; after `timeout` seconds a `LabError` says that `what` did not come.

    Where nobody says how often, what comes soon is noticed soon, and what takes long is asked for less often.
    """
    began = time.monotonic()
    while not holds():
        waited = time.monotonic() - began
        if waited > timeout:
            raise LabError(f"waited {timeout:g} s in vain until {what}")
        time.sleep(every or min(max(0.05, waited / 20), 0.25))
