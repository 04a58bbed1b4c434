"""What makes a run quick leaves what it does as it was."""

from __future__ import annotations

import inspect
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyinfra.api import arguments, connectors, util

from floatip.hosts import found_once, undelayed, workers
from lab.paths import ROOT

pytestmark = pytest.mark.programs

SPARED = ("invoke", "unittest", "asyncio")
AFTERWARDS = """
import paramiko, typeguard
from unittest.mock import Mock
assert Mock().anything
assert paramiko.SSHConfig.from_text("Host d1\\n User x").lookup("d1")["user"] == "x"
typeguard.check_type([1], list[int])
try:
    typeguard.check_type(["1"], list[int])
except typeguard.TypeCheckError:
    pass
else:
    raise AssertionError
"""


def python(*words: str, cwd: Path = ROOT, **environment: str) -> str:
    """What Python prints, in a process of its own."""
    argv = [sys.executable, *words]
    done = subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", [workers.MONITOR, workers.PROBE, "floatip.runs.program", "floatip.runs.lock.keeper"])
def test_a_process_of_ours_imports_half_of_python_no_more(module: str) -> None:
    loaded = python("-c", f"import {module}, sys; print(*sys.modules)").split()
    assert not {*SPARED} & {*loaded}
    assert "paramiko" in loaded and "gevent" in loaded


def test_what_was_spared_is_there_for_whoever_wants_it() -> None:
    python("-c", f"import floatip.hosts.patched\n{AFTERWARDS}")


def test_what_packages_offer_is_the_same() -> None:
    said = "print(sorted(one.name for one in metadata.entry_points(group='pyinfra.connectors')))"
    plain = python("-c", f"from importlib import metadata; {said}")
    assert python("-c", f"import floatip.hosts.patched; from importlib import metadata; {said}") == plain
    assert "'ssh'" in plain


def test_pyinfra_is_the_same_but_for_how_it_is_started() -> None:
    assert python("-m", "floatip.runs.program", "--version") == python("-m", "pyinfra", "--version")


def test_where_something_was_called_is_told_without_its_lines_too() -> None:
    for frame, other in list(zip(inspect.stack(), found_once.WITHOUT_LINES["stack"](), strict=True))[1:]:
        info = found_once.WITHOUT_LINES["getframeinfo"](frame.frame)
        assert {(found.filename, found.lineno) for found in (other, info)} == {(frame.filename, frame.lineno)}
        assert (other.code_context, info.code_context) == (None, None)


def test_pyinfra_uses_what_was_found_once() -> None:
    assert vars(util)["getframeinfo"] is found_once.WITHOUT_LINES["getframeinfo"]
    assert arguments.all_global_arguments() is arguments.all_global_arguments()
    assert connectors.get_all_connectors() is connectors.get_all_connectors()
    assert connectors.get_execution_connector("ssh") is connectors.get_all_connectors()["ssh"]


def test_small_packets_are_sent_at_once() -> None:
    with socket.socket() as connection:
        assert not connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        undelayed.undelay(SimpleNamespace(sock=connection))
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    undelayed.undelay(SimpleNamespace(sock=object()))  # by way of a jump host
    undelayed.undelay(None)


@pytest.mark.parametrize(("kept", "environment"), [(True, {}), (False, {"PYTHONDONTWRITEBYTECODE": "1"})])
def test_what_a_deploy_compiles_is_kept(tmp_path: Path, kept: bool, environment: dict[str, str]) -> None:
    """pyinfra forbids that, and every run would compile the deploy anew."""
    shutil.copytree(ROOT / "floatip", tmp_path / "floatip", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys; sys.dont_write_bytecode = True; import floatip.deploy.lifecycle.refusal"
    python("-c", code, cwd=tmp_path, **environment)
    assert bool(list(tmp_path.glob("floatip/deploy/lifecycle/__pycache__/*.pyc"))) is kept
