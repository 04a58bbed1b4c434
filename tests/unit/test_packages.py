"""Packages while somebody else works on them, with a repository that is off, and what of them is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from floatip.deploy.operations.packages import (
    BUSY,
    LISTS_READ,
    UNREACHED,
    install_script,
    parsed,
    purge_script,
    record_script,
)
from floatip.deploy.session import leasing
from floatip.deploy.steps import packages
from floatip.hosts import connection
from floatip.model import paths
from floatip.model.problems import Level
from floatip.runs import detached
from floatip.runs.events import Failed, Failure, Remark
from tests.unit.breaking import Machine

# What apt and dpkg of Debian 10 to 13 say.
LOCKED = {
    "lists": (
        "apt-get",
        "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 88 (apt-get)\n"
        "E: Unable to lock directory /var/lib/apt/lists/",
    ),
    "frontend": (
        "apt-get",
        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 88 (unattended-upgr)\n"
        "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?",
    ),
    "dpkg 12": ("dpkg", "dpkg: error: dpkg frontend lock was locked by another process with pid 88"),
    "dpkg 10": ("dpkg", "dpkg: error: dpkg frontend is locked by another process"),
    "dpkg 13": ("dpkg", "dpkg: error: dpkg frontend lock was locked by /usr/bin/perl process with pid 88"),
}
FETCH = "E: Failed to fetch http://archive.invalid/debian/dists/bookworm/InRelease  Could not resolve 'archive.invalid'"
OFF = f"""
case $* in
  *update) echo "{FETCH}"; echo 'E: Some index files failed to download.'; exit 100 ;;
  "-s "*) echo "Inst keepalived (1 Debian)"; echo "Inst libc6 [1] (2 Debian)" ;;
esac
"""
NOTHING = OFF.replace('echo "Inst keepalived (1 Debian)"', "echo 'E: Unable to locate package keepalived'; exit 100")


@pytest.mark.parametrize(("tool", "said"), LOCKED.values(), ids=LOCKED)
@pytest.mark.parametrize(
    "script",
    [
        record_script(["keepalived"], known=None),
        install_script(["keepalived"]),
        purge_script("packages=keepalived\n"),
    ],
    ids=["record", "install", "purge"],
)
def test_who_has_the_packages_is_said_and_nothing_is_written(tmp_path: Path, tool: str, said: str, script: str) -> None:
    machine = Machine(tmp_path / "server", {}, stubs={tool: f'echo "{said}"; exit 100'})
    ran = machine.run(script)
    assert (ran.code, ran.stdout) == (75, f"{BUSY}{said.splitlines()[0]}\n")
    assert paths.RECORD not in machine.files()
    assert LISTS_READ not in machine.files()


def test_a_repository_that_is_off_is_named_and_the_lists_count_as_old(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "server", {}, stubs={"apt-get": OFF})
    ran = machine.run(record_script(["keepalived"], known=None))
    assert ran.code == 0
    assert f"{UNREACHED}{FETCH[3:]}" in ran.stdout.splitlines()
    assert LISTS_READ not in machine.files()
    record = machine.files()[paths.RECORD].partition(" ")[2]
    assert parsed(record) == {"packages": "keepalived", "enabled": "enabled", "active": "inactive"}


def test_a_package_that_cannot_be_had_is_no_record(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "server", {}, stubs={"apt-get": NOTHING})
    ran = machine.run(record_script(["keepalived"], known=None))
    assert ran.code == 1
    assert "Unable to locate package keepalived" in ran.stderr
    assert paths.RECORD not in machine.files()


def test_the_lists_are_read_once_an_hour(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "server", {})
    script = record_script(["keepalived"], known=None)
    assert [sum("update" in call.line for call in machine.run(script).calls) for _ in range(2)] == [1, 0]


def test_what_is_installed_later_is_added_to_the_record(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "server", {})
    known = "packages=keepalived\nenabled=\nactive=\n"
    assert machine.run(record_script(["rsyslog"], known=known)).code == 0
    found = parsed(machine.files()[paths.RECORD].partition(" ")[2])
    assert found == {"packages": "keepalived rsyslog", "enabled": "", "active": ""}


NEEDED = """
case $* in
  "-s -qq purge keepalived") echo "Purg keepalived [1]" ;;
  "-s -qq purge openssl") echo "Remv ca-certificates [1]"; echo "Purg openssl [1]" ;;
  "-s -qq purge libnl:amd64" | "-s -qq purge libnl") echo "Purg keepalived [1]"; echo "Purg libnl:amd64 [1]" ;;
  *purge*) : >"$ROOT/purged" ;;
esac
"""


def test_what_others_need_by_now_is_not_taken_away(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "server", {}, stubs={"apt-get": NEEDED})
    script = purge_script("packages=keepalived libnl openssl\nenabled=\nactive=\n")
    assert script
    ran = machine.run(script)
    purges = [call.line for call in ran.calls if "purge" in call.line and " -s " not in call.line]
    assert ran.code == 0
    assert purges == ["apt-get -y -q purge keepalived libnl"]


def test_a_record_names_packages_only() -> None:
    assert purge_script("packages=$(id) -y ;\nenabled=\n") is None
    assert purge_script(None) is None


class Host:
    """As much of a pyinfra host as is needed."""

    name, print_prefix = "d1", ""


class Server:
    """Answers, one after the other; the last one for good."""

    def __init__(self, *answers: connection.Answer) -> None:
        self.answers = list(answers)

    def run(self, *words: Any, **more: Any) -> connection.Answer:
        """The next one."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run a script on a server that answers so: whether it went well, and what was told."""
    monkeypatch.setenv(detached.RUN, str(tmp_path))
    monkeypatch.setattr(packages, "AGAIN", 0)

    def ask(*answers: connection.Answer) -> tuple[bool, list[object]]:
        monkeypatch.setattr(leasing, "step", Server(*answers).run)
        host: Any = Host()
        state: Any = None
        return packages.run(state, host, "script"), list(detached.events_of(tmp_path))

    return ask


HELD = connection.Answer(False, f"Welcome to d1!\n{BUSY}Could not get lock X. It is held by process 88 (apt-get)\n", "")
DONE = connection.Answer(True, "", "")


def test_a_person_is_told_once_what_is_waited_for(asked: Any) -> None:
    done, messages = asked(HELD, HELD, HELD, DONE)
    assert done
    (remark,) = messages
    assert isinstance(remark, Remark)
    assert (remark.path, remark.code, remark.level) == ("nodes.d1", "packages-busy", Level.INFO)
    assert "88 (apt-get)" in remark.message


def test_the_wait_has_an_end(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "PATIENCE", 0.0)
    done, messages = asked(HELD)
    assert not done
    assert isinstance(messages[-1], Failed)
    assert (messages[-1].code, messages[-1].node) == (Failure.PACKAGES_BUSY, "d1")


def test_a_repository_is_a_warning_and_a_failure_an_error(asked: Any) -> None:
    done, messages = asked(
        connection.Answer(True, f"{UNREACHED}{FETCH[3:]}\n{UNREACHED}Some index files failed.\n", "")
    )
    assert done
    (remark,) = messages
    assert isinstance(remark, Remark)
    assert (remark.code, remark.level) == ("repository-unreachable", Level.WARNING)
    assert "http://archive.invalid/debian/dists/bookworm/InRelease" in remark.message
    done, messages = asked(connection.Answer(False, "", "E: Unable to locate package keepalived"))
    assert not done
    assert isinstance(messages[-1], Failed)
    assert messages[-1].code is Failure.PACKAGES
