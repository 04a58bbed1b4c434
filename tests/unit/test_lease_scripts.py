"""The scripts of a lease, run by dash in a directory of their own: who gets it, who keeps it, who is refused."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from floatip.model import paths
from floatip.server_side.lease import scripts
from floatip.server_side.lease.model import SECONDS, What
from floatip.server_side.lease.scripts import Answer, Found
from lab import wait_until

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
SSH = {"SSH_CONNECTION": "192.0.2.7 50000 192.0.2.16 22"}


class Server:
    """A directory that stands for a server's root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file, self.lock = (root / path[1:] for path in (paths.LEASE, paths.LEASE_LOCK))

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], **environment}
        return subprocess.run(["dash", "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False)

    def said(self, script: str, **environment: str) -> Answer:
        done = self.run(script, **environment)
        said = scripts.answer(done.stdout.splitlines())
        assert said, done
        return said

    def take(self, run: str, *, instead: str = "", **environment: str) -> Answer:
        script = scripts.take(run, What.DEPLOY, "-", "ann@desk", instead=instead, root=str(self.root))
        return self.said(script, **environment)

    def renew(self, run: str) -> Answer:
        return self.said(scripts.renew(run, root=str(self.root)))

    def give_back(self, run: str, *, traces: bool = True) -> Answer:
        return self.said(scripts.give_back(run, traces=traces, root=str(self.root)))

    def step(self, run: str, script: str) -> subprocess.CompletedProcess[str]:
        return self.run(scripts.step(run, script, root=str(self.root)))

    def expires(self) -> None:
        """Its time is over."""
        self.file.write_text(re.sub(r"(?<=^1 .{32}) [0-9]+", " 1", self.file.read_text()))


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_who_takes_it_first_has_it(server: Server) -> None:
    assert server.take(ONE, **SSH).found is Found.TAKEN
    said = server.take(TWO)
    assert said.found is Found.HELD and said.lease
    assert (said.lease.run, said.lease.what, said.lease.origin, said.lease.who) == (
        ONE,
        What.DEPLOY,
        "192.0.2.7",
        "ann@desk",
    )
    assert SECONDS - 5 < said.lease.left <= SECONDS and said.lease.age < 5 and said.step == 0
    assert server.take(ONE).found is Found.TAKEN, "it is its own already"
    assert server.file.stat().st_mode & 0o777 == server.lock.stat().st_mode & 0o777 == 0o600
    assert server.file.parent.stat().st_mode & 0o777 == 0o700


def test_an_expired_lease_is_anybodys(server: Server) -> None:
    server.take(ONE)
    server.expires()
    assert server.renew(ONE).found is Found.TAKEN, "nobody has taken it since"
    assert server.take(TWO).found is Found.HELD
    server.expires()
    assert server.take(TWO).found is Found.TAKEN
    assert server.renew(ONE).found is Found.LOST
    assert server.give_back(ONE).found is Found.LOST
    assert server.renew(TWO).found is Found.TAKEN


def test_what_was_given_back_is_free(server: Server) -> None:
    assert server.give_back(ONE).found is Found.LOST
    server.take(ONE)
    assert server.give_back(ONE).found is Found.GIVEN
    said = server.renew(ONE)
    assert (said.found, said.lease) == (Found.LOST, None)
    assert server.take(TWO).found is Found.TAKEN
    assert server.give_back(TWO, traces=False).found is Found.GIVEN
    assert not server.file.parent.exists()


def test_a_dead_run_s_lease_is_taken_at_once_but_no_other_s(server: Server) -> None:
    server.take(ONE)
    assert server.take(TWO, instead=THREE).found is Found.HELD
    assert server.take(TWO, instead=ONE).found is Found.TAKEN


@pytest.mark.parametrize("text", ["", "\n", "nonsense\n", "1 x y z\n", "2 aa bb $(touch /tmp/x) `id`\n", "1\n" * 90])
def test_what_is_no_lease_is_in_nobody_s_way(server: Server, text: str) -> None:
    server.take(ONE)
    server.file.write_text(text)
    assert server.step(ONE, "echo done").returncode == scripts.REFUSED
    assert server.take(TWO).found is Found.TAKEN


def test_a_step_of_the_holder_is_done_and_tells_its_code(server: Server) -> None:
    server.take(ONE)
    server.expires()
    done = server.step(ONE, "set -e; echo out; echo err >&2; (exit 3); echo never")
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
    said = server.take(TWO)
    assert said.found is Found.HELD and said.lease and 0 < said.lease.left <= SECONDS, "a step renews the lease"


def _nobody(server: Server) -> None:
    server.give_back(ONE)


def _other(server: Server) -> None:
    server.expires()
    server.take(TWO)


def _rebooted(server: Server) -> None:
    server.file.unlink()
    server.lock.unlink()


@pytest.mark.parametrize(("lose", "by"), [(_nobody, None), (_other, TWO), (_rebooted, None)])
def test_a_step_without_the_lease_is_refused(server: Server, lose: Callable[[Server], None], by: str | None) -> None:
    server.take(ONE)
    lose(server)
    done = server.step(ONE, f"touch {server.root}/changed")
    assert done.returncode == scripts.REFUSED and done.stdout == ""
    said = scripts.answer(done.stderr.splitlines())
    assert said and said.found is Found.LOST
    assert (said.lease.run if said.lease else None) == by
    assert not (server.root / "changed").exists()


@pytest.mark.programs
def test_nobody_gets_the_lock_from_a_step(server: Server) -> None:
    server.take(ONE)
    script = scripts.step(ONE, f"touch {server.root}/begun; while [ -e {server.root}/begun ]; do sleep 0.05; done")
    with subprocess.Popen(
        ["dash", "-c", script.replace(paths.LEASE.rpartition("/")[0], str(server.file.parent))]
    ) as at:
        wait_until("the step has begun", (server.root / "begun").exists)
        server.expires()  # however long it takes
        with ThreadPoolExecutor() as side_by_side:  # each waits for the lock, in vain
            taken, renewed, given = (
                side_by_side.submit(asked, run)
                for asked, run in ((server.take, TWO), (server.renew, ONE), (server.give_back, ONE))
            )
        said = taken.result()
        assert (said.found, said.step) == (Found.STEP, at.pid) and said.lease
        assert renewed.result().found is given.result().found is Found.STEP
        (server.root / "begun").unlink()
        assert at.wait(timeout=20) == 0
    assert server.renew(ONE).found is Found.TAKEN


def test_what_a_step_leaves_running_has_no_lock(server: Server) -> None:
    server.take(ONE)
    done = server.step(ONE, "sleep 60 >/dev/null 2>&1 & echo $!")
    try:
        begun = time.monotonic()
        assert server.give_back(ONE).found is Found.GIVEN
        assert server.take(TWO).found is Found.TAKEN
        assert time.monotonic() - begun < scripts.PATIENCE
    finally:
        os.kill(int(done.stdout), signal.SIGKILL)


@pytest.mark.parametrize(
    "line", ["", "floatip-lease=", "floatip-lease=taken x 0 ", "floatip-lease=stolen 1 0 ", "Last login: today"]
)
def test_an_answer_that_is_none(line: str) -> None:
    assert scripts.answer([line]) is None


def test_an_answer_behind_a_banner() -> None:
    assert scripts.answer(["Welcome!", "floatip-lease=given 12 0 "]) == Answer(Found.GIVEN, None, 0)
