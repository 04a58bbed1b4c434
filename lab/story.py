"""The article's result, with figures: deploy, pull the cable of the server that has the address, put it back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import timeline
from lab.host import Host
from lab.names import FLOATING
from lab.paths import ROOT
from lab.place import Place
from lab.probe import Pings, Probe
from lab.shell import LabError, wait_until
from lab.watch import Change, Watch

INTERVAL_MS = 5
BREATH = 1.0
PATIENCE = 20.0
Says = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to the cluster: when, who has the address afterwards, how long it took, what the client lost."""

    mark: timeline.Mark
    holder: str
    after_ms: float
    gap_ms: float


def deploy(state: Path | None = None) -> None:
    """`pyinfra -y inventories/lab.py deploy.py`, for everybody to see. `state`: where it is recorded, and not with what
    the person who runs it has deployed."""
    command = ["pyinfra", "-y", "inventories/lab.py", "deploy.py"]
    print(f"$ {' '.join(command)}", flush=True)
    environment = {**os.environ, "XDG_STATE_HOME": str(state)} if state else None
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, stdin=subprocess.DEVNULL, check=False, env=environment
    )
    if done.returncode != 0:
        raise LabError(f"the deploy failed (exit {done.returncode})")


def tell(lab: Place, say: Says = print) -> list[Act]:
    """Cut the holder's cable and put it back while the client pings; says what happened and returns the two acts."""
    first = the_holder(lab)
    say(f"\n{FLOATING} is on {first.name}. The client pings it every {INTERVAL_MS} ms.")
    with Watch(lab.servers, FLOATING) as watch, Probe(lab.client, FLOATING, INTERVAL_MS) as probe:
        time.sleep(BREATH)
        cut = timeline.Mark(time.time(), f"the cable of {first.name} is cut")
        first.link_down()
        wait_until("another server has the address", lambda: moved(lab, first), timeout=PATIENCE)
        time.sleep(BREATH)
        back = timeline.Mark(time.time(), "it is put back")
        first.link_up()
        settle(lab, first)
        time.sleep(BREATH)
    last = time.time()
    acts = [
        act(cut, watch.changes, probe.pings, back.at),
        act(back, watch.changes, probe.pings, last),
    ]
    names = [host.name for host in lab.servers]
    say("\n" + timeline.draw(probe.pings, watch.changes, names, [cut, back]) + "\n")
    for text in (*sentences(first.name, acts), f"In all {probe.pings.summary()}."):
        say(text)
    return acts


def the_holder(lab: Place) -> Host:
    """The one server that has the address."""
    names = lab.holders(FLOATING)
    if len(names) != 1:
        raise LabError(f"{FLOATING} should be on one server, and is on {', '.join(names) or 'none'}")
    return lab.host(names[0])


def moved(lab: Place, first: Host) -> bool:
    """Whether another server has the address, and answers."""
    holders = lab.holders(FLOATING)
    return len(holders) == 1 and holders != [first.name] and lab.client.answers(FLOATING)


def settle(lab: Place, first: Host) -> None:
    """Wait for the first server to take the address back; a cluster with `nopreempt` leaves it where it is."""
    try:
        wait_until("it is back", lambda: lab.holders(FLOATING) == [first.name], timeout=PATIENCE / 2)
    except LabError:
        the_holder(lab)


def act(mark: timeline.Mark, changes: list[Change], pings: Pings, until: float) -> Act:
    """What followed from one mark, up to the next one."""
    taken = [change for change in changes if change.holds and mark.at <= change.at <= until]
    before = [change for change in changes if change.holds and change.at < mark.at]
    holder = (taken or before)[-1]
    gaps = [length for begin, length in pings.gaps if mark.at - 0.1 <= pings.start + begin / 1000 <= until]
    return Act(mark, holder.host, (taken[-1].at - mark.at) * 1000 if taken else 0, max(gaps, default=0))


def sentences(first: str, acts: list[Act]) -> list[str]:
    """The two acts in words."""
    cut, back = acts
    returned = (
        f"{first} took it back {back.after_ms / 1000:.2f} s later"
        if back.holder == first
        else f"{back.holder} kept the address, as configured"
    )
    return [
        f"{first} had {FLOATING}. Its cable was cut; {cut.holder} took the address {cut.after_ms / 1000:.2f} s later.",
        f"The client was without an answer for {cut.gap_ms / 1000:.2f} s.",
        f"The cable was put back; {returned}, and the client waited {back.gap_ms:.0f} ms at most.",
    ]
