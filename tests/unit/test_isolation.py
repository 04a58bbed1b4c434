"""The tests are nobody else's business: what listens on the machine is not reached, and nobody's home is touched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from floatip.runs import deployed
from lab.paths import ROOT
from tests import isolation
from tests.recorded.doctor_answers import cluster

PORT = "FLOATIP_TESTS_PORT"
"""In the environment: something listens there, outside of the test run that `test_probe` belongs to."""
BEGIN = """
import ctypes, encodings.idna, errno, os, socket, subprocess, sys
from lab import namespace
from lab.shell import LabError
from tests import isolation
from tests.recorded.doctor_answers import cluster
def reach(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port))
port = int(sys.argv[1])
assert reach(port) == 0, "nobody listens outside: this test would see nothing"
"""
BE_NOBODY = """
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: like a process that never was root
"""
APART = """
user = os.getuid(), os.getgid()
assert not isolation.apart()
assert (os.getuid(), os.getgid()) == user
print(errno.errorcode[reach(port)])
with socket.create_server(("127.0.0.1", 0)) as own:
    print(reach(own.getsockname()[1]))
"""
IN_VAIN = """
def refuse(**_):
    raise LabError("not here")
namespace.isolate = refuse
del os.environ[isolation.NAMESPACE]  # a process that no test run has started
print(isolation.apart())
socket.socketpair()
for family in (socket.AF_INET, socket.AF_INET6):
    try:
        socket.socket(family)
    except PermissionError:
        print("refused")
child = [sys.executable, "-c", "import socket; socket.socket()"]
print("PermissionError" in subprocess.run(child, capture_output=True, text=True).stderr)
"""


@pytest.fixture
def outside(network: None) -> Iterator[int]:
    """A port of this network with a listener; for the child processes it is the machine's."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener.getsockname()[1]


def printed(argv: list[str], **environment: str) -> list[str]:
    """The lines that a Python process prints."""
    env = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, *argv], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("being", ["", BE_NOBODY], ids=["whoever runs the tests", "nobody"])
def test_what_listens_outside_is_not_reached(outside: int, being: str) -> None:
    assert printed(["-c", BEGIN + being + APART, str(outside)]) == ["ECONNREFUSED", "0"]


def test_where_that_is_not_allowed_no_socket_can_be_made(outside: int) -> None:
    assert printed(["-c", BEGIN + IN_VAIN, str(outside)]) == ["not here", "refused", "refused", "True"]


@pytest.mark.programs
def test_each_worker_is_apart_too(outside: int) -> None:
    options = ["-q", "-n1", "--lab=none", "-p", "no:cacheprovider", "-k", test_probe.__name__]
    said = printed(["-m", "pytest", *options, __file__], **{PORT: str(outside)})
    assert said[-1].startswith("1 passed"), said


def test_probe(network: None, worker_id: str) -> None:
    assert worker_id != "master" or PORT not in os.environ
    with socket.socket() as connection, pytest.raises(ConnectionRefusedError):
        connection.connect(("127.0.0.1", int(os.environ.get(PORT, "2216"))))  # the practice lab's d1


def test_this_process_is_apart(network: None) -> None:
    assert os.environ[isolation.NAMESPACE] == os.readlink("/proc/self/ns/net")


def test_it_is_at_home_nowhere() -> None:
    assert Path.home().name.startswith(isolation.HOME)
    assert Path(os.environ["XDG_STATE_HOME"]).parent == Path.home()
    assert not set(isolation.PERSONAL) & set(os.environ)


@pytest.mark.parametrize("turn", ["before", "after"])
def test_nothing_is_known_of_what_another_test_deployed(turn: str) -> None:
    assert deployed.every() == []
    deployed.keep(cluster())
    assert len(deployed.every()) == 1
