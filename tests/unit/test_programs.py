"""Who runs a script, and whether nobody but root can change what root runs."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from floatip.hosts import preflight, programs
from floatip.hosts.host_state import HostState, Link
from floatip.hosts.programs import Program
from floatip.model.problems import Level
from floatip.model.settings.scripts import Runs
from tests.unit.samples import found, parsed, problems_at, script

AT = "vrrp_scripts.web.user"


def check(user: str, command: str = "/usr/local/bin/fit now") -> Any:
    """A change: a check by a command, as this user."""
    return script(command=command, user=user)


@pytest.mark.parametrize("user", ["", "a b c", "$(id)", "0", "root\n", "root  adm", "-x", 0, None])
def test_a_user_is_a_name_and_perhaps_a_group(user: object) -> None:
    assert found(script(command="/usr/bin/true", user=user)) == ({(AT, "bad-user")} if user else set()) or user in (
        *("", 0, None, "root\n"),
    )
    assert found(script(command="/usr/bin/true", user="www-data adm")) == set()


@pytest.mark.parametrize(("user", "warned"), [("root", True), ("nobody root", True), ("www-data", False)])
def test_root_is_a_warning(user: str, warned: bool) -> None:
    levels = [(problem.code, problem.level) for problem in problems_at(AT, check(user))]
    assert levels == ([("runs-as-root", Level.WARNING)] if warned else [])


def test_only_what_runs_as_somebody_else_is_asked_about() -> None:
    usual, other = parsed(check("nobody")).cluster, parsed(check("www-data")).cluster
    assert usual
    assert other
    assert programs.asked(usual, "d1") == ()
    assert programs.asked(other, "d1") == (Runs("www-data", "/usr/local/bin/fit", AT),)


ROOT, BIN, FIT = ("part=0 0 0 755 directory",) * 2, "part=0 0 0 755 directory", "part=0 0 0 755 regular file"
PARTS = [
    ([], True),
    (["part=0 1000 0 755 directory"], False),
    (["part=0 0 0 777 directory"], False),
    (["part=0 0 0 1777 directory"], True),
    (["part=0 0 50 2775 directory"], False),
    (["part=0 0 0 775 directory"], True),
    (["part=0 0 0 757 regular file"], False),
    (["part=0 0 0 777 symbolic link"], True),
    (["part=0 1000 1000 777 symbolic link"], False),
    (["part=1 1000 0 777 directory"], True),
]


@pytest.mark.parametrize(("more", "safe"), PARTS)
def test_what_only_root_can_change(more: list[str], safe: bool) -> None:
    wanted = [Runs("root", "/usr/local/bin/fit", AT)]
    lines = ["asked=0 root /usr/local/bin/fit", "user=0 0", "there=0", *ROOT, BIN, FIT, *more]
    assert programs.parse(wanted, lines) == {wanted[0]: Program(0, True, safe)}


@pytest.mark.parametrize("lines", [[], ["user=0 0", "there=0"], ["asked=0 root /other"], ["asked=x", "part=0 x"]])
def test_what_was_not_told_is_not_known(lines: list[str]) -> None:
    assert programs.parse([Runs("root", "/usr/local/bin/fit", AT)], lines) == {}


CASES = [
    (Program(0, True, True), []),
    (Program(0, True, False), [(preflight.Code.UNSAFE_PROGRAM, Level.ERROR)]),
    (Program(0, False, False), [(preflight.Code.NO_SUCH_PROGRAM, Level.WARNING)]),
    (Program(None, True, True), [(preflight.Code.NO_SUCH_USER, Level.ERROR)]),
    (Program(33, True, False), []),
]


@pytest.mark.parametrize(("seen", "expected"), CASES)
def test_what_preflight_makes_of_it(seen: Program, expected: list[tuple[str, Level]]) -> None:
    user = "root" if seen.uid in (0, None) else "www-data"
    cluster = parsed(check(user)).cluster
    assert cluster
    link = Link("eth1", True, frozenset({"10.9.1.16/24"}))
    host = HostState(0, "debian", "12", True, {}, {}, (link,), False, {})
    host = replace(host, programs={Runs(user, "/usr/local/bin/fit", AT): seen})
    assert [(problem.code, problem.level) for problem in preflight.check(cluster, {"d1": host})] == expected


def test_this_computer_is_asked(tmp_path: Path) -> None:
    """The real script, with a shell that is no bash."""
    mine = tmp_path / "fit"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o777)
    link = tmp_path / "link"
    link.symlink_to("/usr/bin/env")
    paths = ("/usr/bin/env", str(mine), str(link), str(tmp_path / "none"))
    wanted = [*(Runs("root", path, AT) for path in paths), Runs("no-such-user", "/usr/bin/env", AT)]
    done = subprocess.run(["dash", "-c", programs.script(wanted)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{programs.MARK}=1\n")
    seen = programs.parse(wanted, done.stdout.splitlines())
    assert [(program.uid, program.there) for program in seen.values()] == [(0, True)] * 3 + [(0, False), (None, True)]
    owner = [Path("/usr/bin/env").stat().st_uid, mine.stat().st_uid]
    assert seen[wanted[0]].safe == (owner[0] == 0)
    assert not seen[wanted[1]].safe
    assert seen[wanted[2]].safe == (os.geteuid() == 0 and all(_rootly(place) for place in link.parents))


def _rootly(place: Path) -> bool:
    found = place.stat()
    return found.st_uid == 0 and (not found.st_mode & 0o022 or bool(found.st_mode & 0o1000))
