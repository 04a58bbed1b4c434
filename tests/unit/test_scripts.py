"""Each generated script with each of its commands failing in turn: it says so, stops there, and leaves every file whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from floatip import paths
from floatip.operations import keepalived
from tests.unit.breaking import Call, Machine

OLD, NEW, MINE = "# Managed by floatip\nold\n", "# Managed by floatip\nnew\n", "somebody's own\n"
SERVICE = "keepalived.service"


MILD = (r"systemctl reset-failed", r"journalctl", r"rmdir ")
"""Calls whose failure changes nothing."""
LATER = (r"grep -vE", r"rm -f( \S+~)*$", r"journalctl", r"rmdir ", r"systemctl show")
"""What a script may still do after something failed: tidy up, and say why."""


@dataclass(frozen=True, slots=True)
class Case:
    """A script and the server that it runs on. `mild`: calls (regular expressions) whose failure changes nothing;
    `between`: what a file may be besides its old and its new self, so that the next run goes on; `later`: what it may
    still do after something failed; `undone`: it then brings everything back."""

    script: str
    files: Mapping[str, str] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()
    between: Mapping[str, str] = field(default_factory=dict)
    later: tuple[str, ...] = LATER
    undone: bool = False

    def machine(self, root: Path) -> Machine:
        """That server."""
        return Machine(root, self.files, self.running)


LIVE = {paths.KEEPALIVED_CONF: OLD}
PENDING = {paths.PENDING: "644 "}
CASES = {
    "stage": Case(keepalived.stage_script(NEW), LIVE, (SERVICE,)),
    "activate the first": Case(keepalived.activate_script(NEW, was=None), between=PENDING),
    "activate": Case(keepalived.activate_script(NEW, was=OLD), LIVE, (SERVICE,), between=PENDING),
    "activate over somebody's": Case(
        keepalived.activate_script(NEW, was=MINE), {paths.KEEPALIVED_CONF: MINE}, (SERVICE,), between=PENDING
    ),
    "restore": Case(
        keepalived.restore_script(OLD, active=True), {paths.KEEPALIVED_CONF: NEW}, (SERVICE,), between=PENDING
    ),
    "restore a stopped one": Case(
        keepalived.restore_script(OLD, active=False), {paths.KEEPALIVED_CONF: NEW}, (SERVICE,), between=PENDING
    ),
    "restore nothing": Case(keepalived.restore_script(None, active=False), {paths.KEEPALIVED_CONF: NEW}, (SERVICE,)),
}
def matches(call: str, patterns: tuple[str, ...]) -> bool:
    return any(re.match(pattern, call) for pattern in patterns)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_command_that_fails(tmp_path: Path, case: Case) -> None:
    whole = case.machine(tmp_path / "server")
    before = whole.files()
    undisturbed = whole.run(case.script)
    assert (undisturbed.code, undisturbed.stderr) == (0, "")
    end = whole.files()
    assert whole.leftovers() == []
    assert whole.run(case.script).code == 0 and whole.files() == end, "run twice"
    disks = [(None, number + 1) for number in range(sum(call.line.startswith("mktemp") for call in undisturbed.calls))]
    for call, full in [*((call, 0) for call in undisturbed.calls), *disks]:
        machine = case.machine(tmp_path / "server")
        ran = machine.run(case.script, call, full)
        what = f"{call}, full disk {full}: {ran}"
        mild = call is not None and matches(call.line, (*MILD, *case.mild))
        assert ran.code != 0 or mild, what
        if call is not None and not mild:
            assert [line for line in ran.after(call) if not matches(line, case.later)] == [], what
        assert machine.leftovers() == [] or (call and call.line.startswith("rm ")), what
        for path, found in machine.files().items():
            allowed = (before.get(path), end.get(path), case.between.get(path))
            assert found in allowed or TEMPORARY_LEFT(path, call), f"{path} is {found!r}; {what}"
        assert not case.undone or mild or machine.files() == before, what
        if machine.files() == before:
            continue  # as at the beginning, so that it is run again is nothing new
        again = machine.run(case.script)
        assert again.code == 0, f"{what}; then {again}"
        assert {path: text for path, text in machine.files().items() if not path.endswith("~")} == end, what


def TEMPORARY_LEFT(path: str, call: Call | None) -> bool:
    """Only where it could not be removed."""
    return path.endswith("~") and call is not None and call.line.startswith("rm ")
