"""A file that a service was not told of is not yet as it should be, and the next run tells it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from floatip.deploy.operations import hosts
from floatip.hosts import host_script
from floatip.hosts.host_state import File
from floatip.model import paths
from tests.unit.breaking import Machine

CONF = paths.RSYSLOG_CONF


def commands(machine: Machine, text: str | None) -> list[str]:
    """What the operation would run now."""
    path, found = machine.root / CONF[1:], None
    if path.exists():
        found = File(f"{path.stat().st_mode & 0o777:o}:root:root", path.read_text())
    work = hosts.file._inner(path=CONF, text=text, mode="0644", found=found, after="systemctl restart rsyslog.service")
    return [str(step) for step in work]


@pytest.mark.parametrize("text", ["what it shall say\n", None])
def test_what_the_service_was_not_told_is_told_again(tmp_path: Path, text: str | None) -> None:
    machine = Machine(tmp_path / "server", {CONF: "before\n"})
    (script,) = commands(machine, text)
    restart = next(call for call in Machine(tmp_path / "other", {}).run(script).calls if "restart" in call.line)
    assert machine.run(script, fails=restart).code != 0
    (again,) = commands(machine, text)
    assert machine.run(again).code == 0
    assert (machine.root / "units/rsyslog.service").read_text() == "active\n"
    assert (machine.files().get(CONF) or "").partition(" ")[2] == (text or "")
    assert commands(machine, text) == []


def test_the_names_of_two_runs_are_never_the_same(tmp_path: Path) -> None:
    """Each run makes its file with mktemp, and takes nobody else's away."""
    machine = Machine(tmp_path / "server", {f"{CONF}.floatip-abcdef~": "another run's"})
    (script,) = commands(machine, "new\n")
    assert machine.run(script).code == 0
    assert machine.leftovers() == [f"{Path(CONF).name}.floatip-abcdef~"]


def test_the_files_of_a_server_as_they_are_told(tmp_path: Path) -> None:
    """With one process for the modes of all of them; what is not there is not told, and an empty file is there."""
    there = {paths.KEEPALIVED_CONF: "a b\n", paths.RECORD: "", paths.MOVED: "1 VI_1=d2\n"}
    machine = Machine(tmp_path / "server", there)
    (machine.root / paths.RECORD[1:]).chmod(0o600)
    ran = machine.run(host_script.SCRIPT.partition('echo "uid=')[0])
    lines = [line.split(" ") for line in ran.stdout.splitlines() if line.startswith("file=")]
    modes = {"file=conf": "644", "file=record": "600", "file=moved": "644"}
    assert {key: mode.partition(":")[0] for key, mode, _ in lines} == modes
    assert [base64.b64decode(text).decode() for _, _, text in lines] == list(there.values())
    assert [call.line.partition(" ")[0] for call in ran.calls].count("stat") == 1


def test_a_name_that_floatip_gives_to_no_script_is_passed_over(tmp_path: Path) -> None:
    """Somebody's copy beside the shipped scripts is no reason not to understand the server."""
    there = {f"{paths.SCRIPTS}/{name}": "#!/bin/sh\n" for name in ("up.sh.0123", "up.sh.0123~", "my copy", "$(id)")}
    ran = Machine(tmp_path / "server", there).run(host_script.SCRIPT.partition('echo "uid=')[0])
    names = [line.split(" ")[0] for line in ran.stdout.splitlines() if line.startswith("file=")]
    assert names == ["file=shipped:up.sh.0123", "file=shipped:up.sh.0123~"]
