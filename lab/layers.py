"""States of a host that many stories begin in, kept as layers between the image and each host's own disk.

- `bare`: the image as it is; what a deploy needs it must install itself.
- `ready`: with the packages that a deploy would install, made by apt on a booted host.
- `walled`: ready, and each server keeps another firewall (`lab/firewalls/`), in the order of their names.
- `deployed`: d1 and d2 after `pyinfra inventories/lab.py deploy.py` from bare hosts, shut down in good order.

A layer's name carries a hash of all that it is made from, so it is made anew whenever the recipe or, for `deployed`,
the product changes. Each is made in a process, and thereby in a lab, of its own: `python -m lab layer STATE SUITE`.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path

from lab import paths, recipe
from lab.paths import LAYERS, ROOT, begin, lock
from lab.shell import LabError

PRODUCT = ("floatip", "templates", "deploy.py", "inventories/lab.py", "requirements.lock")
KEPT = 4
PACKAGES = ("keepalived", "logrotate", "rsyslog")
WALLS = {path.stem: path for path in sorted(Path(__file__).with_name("firewalls").glob("*.sh"))}
"""Ways to keep a firewall: name → the script that sets it up."""


class State(StrEnum):
    """What a host has seen before a story begins."""

    BARE = "bare"
    READY = "ready"
    WALLED = "walled"
    DEPLOYED = "deployed"


def path(state: State, suite: str) -> Path:
    """The directory of a state's layers, in the checkout whose product made them; there is none for a bare host."""
    base = LAYERS if state is State.DEPLOYED else paths.cache()
    return base / f"{suite}-{state}-{_fingerprint(state)}"


def of(state: State, suite: str, host: str) -> list[Path]:
    """The layers of one host above the image, uppermost first. Hosts that nobody deployed to are bare."""
    if state is State.BARE:
        return []
    if state is State.READY:
        return [path(state, suite) / "d1"]
    own = path(state, suite) / host
    below = of(State.READY, suite, host) if state is State.WALLED else []
    return [own, *below] if own.is_dir() else []


def ensure(wanted: Iterable[tuple[State, str]]) -> None:
    """Make the layers that are missing, side by side, each by a process of its own; first those that others lie on."""
    missing = [
        fromkey for fromkey in dict.fromkeys(wanted) if fromkey[0] is not State.BARE and not path(*fromkey).is_dir()
    ]
    for above in (False, True):
        _make([layer for layer in missing if (layer[0] is State.WALLED) is above])


def _make(missing: Sequence[tuple[State, str]]) -> None:
    commands = [[sys.executable, "-m", "lab", "layer", str(state), suite] for state, suite in missing]
    jobs = [
        subprocess.Popen(
            word, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for word in commands
    ]
    said = [(layer, job.communicate()[1], job.returncode) for layer, job in zip(missing, jobs, strict=True)]
    for (state, suite), complaint, code in said:
        if code:
            raise LabError(f"no {state} hosts of {suite}: {complaint.strip()[-3000:]}")


@contextmanager
def place_for(state: State, suite: str) -> Iterator[Path | None]:
    """The directory in which to put the layers of each host; None where somebody else has made them meanwhile.

    It gets its name once it is whole. Some older ones stay: a lab that runs may have them mounted.
    """
    final = path(state, suite)
    with lock(final.parent / f"{suite}-{state}.lock"):
        if final.is_dir():
            yield None
            return
        fresh = begin(final)
        yield fresh
        fresh.rename(final)
        made = sorted(final.parent.glob(f"{suite}-{state}-*/"), key=lambda place: place.stat().st_mtime, reverse=True)
        for old in made[KEPT:]:
            shutil.rmtree(old)


@cache
def _fingerprint(state: State) -> str:
    made_from = [recipe.fingerprint(), *PACKAGES]
    if state is State.WALLED:
        made_from += [path.read_text() for path in WALLS.values()]
    if state is State.DEPLOYED:
        made_from += [_digest(file) for name in PRODUCT for file in _files(ROOT / name)]
    return hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:12]


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(path for path in place.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _digest(file: Path) -> str:
    return f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}"
