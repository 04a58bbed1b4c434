"""pyinfra's live log as a table: step by step, server by server. Values in, values out."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from floatip.background import Run
from floatip.words import SILENT, Said, say

ESCAPES = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
STEP = re.compile(r"--> Starting operation: (.*?)\s*$")
STATE = re.compile(r"\s+\[([a-z0-9-]{1,63})\] (Success|No changes|Error|Skipped)\b(.*)$")
COUNTED = re.compile(r"\] Error: executed \d+ commands$")  # which says nothing but that it failed
TOLD = re.compile(r"\s{8,}\S|.*\berror\b:|\s+- ", re.IGNORECASE)  # why something failed
DEPLOY = "--> Connecting to hosts"  # which one begins with
WORDS = {
    "Success": say("● done"),
    "No changes": say("○ as it was"),
    "Error": say("▲ failed"),
    "Skipped": say("○ skipped"),
}


@dataclass(slots=True)
class Step:
    """One operation. `states`: server → sign and word; `begun`: the time of day; `took`: seconds, once it has ended."""

    name: str
    states: dict[str, str] = field(default_factory=dict)
    begun: str = ""
    took: float | None = None


def title(run: Run) -> Said:
    """What it is, and how it stands."""
    how = "going" if run.code is None else "done" if run.code == 0 else "stopped" if stopped(run) else "failed"
    deploy = {
        "going": say("Deploying {file}", file=run.inventory.name),
        "done": say("Deployed {file}", file=run.inventory.name),
        "stopped": say("The deploy of {file} was stopped", file=run.inventory.name),
        "failed": say("The deploy of {file} failed", file=run.inventory.name),
    }
    reboot = {
        "going": say("Rebooting {name}", name=run.reboot),
        "done": say("Rebooted {name}", name=run.reboot),
        "stopped": say("The reboot of {name} was stopped", name=run.reboot),
        "failed": say("The reboot of {name} failed", name=run.reboot),
    }
    return (reboot if run.reboot else deploy)[how]


def plain(log: str) -> str:
    """The log without what steers a terminal."""
    return ESCAPES.sub("", log)


def steps(log: str) -> list[Step]:
    """What was begun so far, in order."""
    found: list[Step] = []
    for line in plain(log).splitlines():
        begun, state = STEP.search(line), STATE.match(line)
        if begun:
            found.append(Step(begun[1]))
        elif state and found:
            found[-1].states[state[1]] = WORDS[state[2]]
    return found


def timed(found: list[Step], times: Sequence[tuple[float, float | None]]) -> list[Step]:
    """The steps with their times, which were written down in the same order."""
    for step, (begin, end) in zip(found, times, strict=False):
        step.begun = time.strftime("%H:%M:%S", time.localtime(begin))
        step.took = None if end is None else max(0.0, end - begin)
    return found


def of_note(found: Sequence[Step]) -> list[Step]:
    """Without the steps that have left everything as it was."""
    idle = {WORDS["No changes"], WORDS["Skipped"]}
    return [step for step in found if step.took is None or not set(step.states.values()) <= idle]


def proof(log: str) -> list[str]:
    """What the run has seen at its end: who holds each address, and whether it answers. After two deploys, as with a
    reboot, what the second has seen."""
    last = plain(log).rpartition(DEPLOY)[2]
    return re.findall(r"^ {4,}(\S+ (?:holds|is held by) .*?)\s*$", last, re.MULTILINE)


def stopped(run: Run) -> bool:
    """Whether it ended early because somebody asked for that."""
    return bool(run.code) and run.stopping and "Stopped after this step, as asked" in run.log


def complaints(log: str, refused: Said = SILENT) -> list[str]:
    """The lines that say why it failed. `refused`: why it did not begin, which pyinfra puts behind words of its own."""
    lines = [refused if refused and line.endswith(f": {refused}") else line for line in plain(log).splitlines()]
    told = [line for line in lines if line is refused or TOLD.match(line)]
    return [line if line is refused else line.strip() for line in told if not COUNTED.search(line)][-12:]
