"""A server that cannot be asked: each command names what is wrong with it, and another server is shown all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from floatip.change.plan import Kind
from floatip.hosts.bounded import BYTES
from floatip.hosts.ssh_errors import Why
from floatip.operate.status import Code
from floatip.runs.events import Refusal, Remark
from lab.names import FLOATING
from lab.place import Place
from tests.lab.changes import confs, inventory
from tests.lab.conftest import Runs
from tests.lab.cut_off import FULL, ROOM

BASHRC = "/root/.bashrc"
KEPT = f"cp -a {BASHRC} /run/bashrc"
BACK = f"mv /run/bashrc {BASHRC}"
# It takes a script for several commands of its own, as csh does.
CSH = r"""#!/bin/sh
case $2 in *"
"*) printf '%s\n' "$2" | while IFS= read -r line; do sh -c "$line"; done; exit 1 ;; esac
exec sh -c "$2"
"""
OTHER_SHELL = "/usr/local/bin/csh"
ADMIN: dict[str, Any] = {"ssh_user": "admin"}
ASKS = "echo 'admin ALL=(ALL) ALL' >/etc/sudoers.d/admin"
ASKS_NOT = "echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin"


@dataclass(frozen=True)
class Login:
    """What is wrong with d1, how it is planted and taken away, as whom one logs in, and what each command says of it.

    `problem`: the code by which a deploy refuses, where it is not the reason itself.
    """

    name: str
    why: Why
    plant: str
    clear: str
    host: dict[str, Any] | None = None
    problem: str = ""


LOGINS = [
    Login("prints-a-line", Why.LOGIN_PRINTS, f"{KEPT}; echo 'echo Welcome to d1' >>{BASHRC}", BACK),
    Login("prints-half-a-line", Why.LOGIN_PRINTS, f"{KEPT}; echo 'printf Welcome' >>{BASHRC}", BACK),
    Login("prints-lines-for-ever", Why.TOO_MUCH, f"{KEPT}; echo yes >>{BASHRC}", BACK),
    Login("prints-one-line-for-ever", Why.TOO_MUCH, f"{KEPT}; echo 'cat /dev/zero' >>{BASHRC}", BACK),
    Login("nologin", Why.NO_COMMANDS, "usermod -s /usr/sbin/nologin root", "usermod -s /bin/bash root"),
    Login("csh", Why.OTHER_SHELL, f"usermod -s {OTHER_SHELL} root", "usermod -s /bin/bash root"),
    Login("no-sudo", Why.NOT_ROOT, "true", "true", ADMIN, "not-root"),
    Login("sudo-asks", Why.SUDO_PASSWORD, ASKS, ASKS_NOT, {**ADMIN, "_sudo": True}),
]


@pytest.mark.parametrize("login", LOGINS, ids=lambda server: server.name)
def test_a_login_that_gives_no_answer(place: Place, deploy: Runs, floatip: Runs, tmp_path: Path, login: Login) -> None:
    before, file = confs(place), inventory(tmp_path, host={"d1": login.host or {}}, instance={"advert_int": 2})
    d1 = place.host("d1")
    d1.write(OTHER_SHELL, CSH, 0o755)
    d1.run(login.plant)
    try:
        status = floatip("status", file, "--json", check=False)
        live = floatip("check", "--live", file, "--json", check=False)
        refused = deploy(file, check=False)
    finally:
        d1.run(login.clear)
    (row,) = status.document["addresses"]
    assert (status.returncode, status.document["reasons"], row["code"]) == (3, {"d1": login.why}, Code.MAYBE_NOBODY)
    assert {node["name"]: node["state"] for node in row["nodes"]} == {"d1": "unknown", "d2": "backup"}
    assert (live.returncode, live.document["reasons"]) == (3, {"d1": login.why})
    assert isinstance(live.document["servers"]["d2"], list)
    if login.problem:
        assert (refused.refused.code, [error.code for error in refused.errors]) == (Refusal.HOSTS, [login.problem])
    else:
        assert (refused.refused.code, refused.refused.reasons) == (Refusal.NOT_EXAMINED, {"d1": login.why})
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr) < BYTES
    assert (confs(place), place.holders(FLOATING)) == (before, ["d1"])


SLOW: list[tuple[int, int, dict[str, Why]]] = [(3, 0, {}), (30, 3, {"d1": Why.SLOW})]


@pytest.mark.parametrize(("seconds", "code", "reasons"), SLOW)
def test_a_login_that_is_slow(
    place: Place, floatip: Runs, tmp_path: Path, seconds: int, code: int, reasons: dict[str, Why]
) -> None:
    """It is waited for, and where that takes too long, it is not called off."""
    d1 = place.host("d1")
    d1.run(f"{KEPT}; echo 'sleep {seconds}' >>{BASHRC}")
    try:
        status = floatip("status", inventory(tmp_path), "--json", check=False)
    finally:
        d1.run(BACK)
    (row,) = status.document["addresses"]
    assert (status.returncode, status.document["reasons"]) == (code, reasons)
    assert row["code"] == (Code.MAYBE_NOBODY if reasons else Code.HELD)


@pytest.fixture
def in_the_way(place: Place) -> Iterator[None]:
    """Another user has made a directory where keepalived writes its state."""
    d1 = place.host("d1")
    d1.run("rm -f /tmp/keepalived.json; install -d -o admin /tmp/keepalived.json")
    yield
    d1.run("rmdir /tmp/keepalived.json")


@pytest.mark.usefixtures("in_the_way")
def test_a_directory_where_keepalived_writes_its_state(
    place: Place, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    file = inventory(tmp_path)
    status = floatip("status", file, "--json", check=False)
    assert (status.returncode, status.document["reasons"]) == (3, {"d1": Why.IN_THE_WAY})
    live = floatip("check", "--live", file, "--json", check=False)
    assert (live.returncode, [problem["code"] for problem in live.document["problems"]]) == (1, ["in-the-way"])
    ran = deploy(file)
    assert (ran.planned.kind, [remark.code for remark in ran.all(Remark)]) == (Kind.NOTHING, ["in-the-way"])
    assert place.holders(FLOATING) == ["d1"]


FILLED = "mount -t tmpfs -o size=16k tmpfs /tmp; head -c 99999 /dev/zero >/tmp/fill || :"
READ_ONLY = "mount --bind /etc/keepalived /etc/keepalived; mount -o remount,bind,ro /etc/keepalived"
# (what is done to d1's file system, and undone, where `status` tells it and as what, the code of the problem)
UNWRITABLE = [
    (FULL, ROOM, {"full": {"d1": ["/etc/keepalived"]}}, "no-room"),
    (FILLED, "umount /tmp", {"full": {"d1": ["/tmp"]}}, "no-room"),
    (READ_ONLY, "umount /etc/keepalived", {"readonly": {"d1": ["/etc/keepalived"]}}, "read-only"),
]


@pytest.fixture
def unwritable(place: Place, request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing can be written on a file system of d1's."""
    do, undo = request.param
    place.host("d1").run(do)
    yield
    place.host("d1").run(undo)


@pytest.mark.usefixtures("unwritable")
@pytest.mark.parametrize(
    ("unwritable", "expected", "code"),
    [((do, undo), *row) for do, undo, *row in UNWRITABLE],
    indirect=["unwritable"],
    ids=["full", "tmp-full", "read-only"],
)
def test_a_file_system_that_takes_nothing(
    place: Place, deploy: Runs, floatip: Runs, tmp_path: Path, expected: dict[str, Any], code: str
) -> None:
    before, file = confs(place), inventory(tmp_path, instance={"advert_int": 2})
    status = floatip("status", file, "--json")
    assert {key: status.document[key] for key in expected} == expected
    assert [row["code"] for row in status.document["addresses"]] == [Code.HELD]
    live = floatip("check", "--live", file, "--json", check=False)
    assert (live.returncode, [problem["code"] for problem in live.document["problems"]]) == (1, [code])
    refused = deploy(file, check=False)
    assert (refused.refused.code, [error.code for error in refused.errors]) == (Refusal.HOSTS, [code])
    assert refused.returncode != 0
    assert (confs(place), place.holders(FLOATING)) == (before, ["d1"])


ESCAPES = "\x1b]0;title\x07\x9b31m"
LOUD = r"""#!/bin/sh
printf '\033[31mno\033]0;title\007\n' >&2
exit 5
"""
DAEMON = "/usr/sbin/keepalived"


@pytest.fixture
def loud(place: Place, deploy: Runs) -> Iterator[None]:
    """There are escape sequences in a file of d2's, and in what its daemon says of any file."""
    d2 = place.host("d2")
    d2.write(
        "/etc/keepalived/keepalived.conf", d2.read("/etc/keepalived/keepalived.conf") + f"router {ESCAPES}\n", 0o640
    )
    d2.run(f"mv {DAEMON} {DAEMON}.real")
    d2.write(DAEMON, LOUD, 0o755)
    yield
    d2.run(f"mv {DAEMON}.real {DAEMON}")
    deploy("inventories/lab.py")


@pytest.mark.usefixtures("loud")
def test_no_escape_sequence_reaches_a_terminal(place: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    file = inventory(tmp_path)
    live = floatip("check", "--live", file, check=False)
    doctor = [floatip("doctor", file, *more, check=False) for more in ((), ("--json",))]
    refused = deploy(file, check=False)
    assert [answer.returncode for answer in (live, *doctor, refused)] == [1] * 4
    assert "]0;title" in live.stdout
    assert "refuses the configuration" in refused.stderr
    for answer in (live, *doctor, floatip("status", file, check=False), refused):
        ours = (answer.stdout + answer.stderr).replace(
            "\x1b[", ""
        )  # pyinfra's colours; none of a server's is left then
        assert not {"\x07", "\x9b", "\x1b"} & set(ours), ours
    assert "\x1b[31mno" not in refused.stderr
    assert place.holders(FLOATING) == ["d1"]
