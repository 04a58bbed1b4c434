"""The health check that keepalived runs, for real: processes, ports and pages of this machine."""

from __future__ import annotations

import http.server
import os
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from floatip.keepalived import render

HEALTHY, SICK, WRONG = 0, 1, 2
OURS = f"f{os.getpid()}"  # processes are looked for in the whole machine: another test run has its own
STATUS = {"/ok": 200, "/moved": 302, "/gone": 404, "/broken": 500}


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check") / "floatip-check"
    path.write_text(render.check_script())
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def port(network: None) -> Iterator[int]:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(STATUS.get(self.path.split("?")[0], 200 if self.path == "/" else 404))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def run(check: Path, *words: str) -> int:
    return subprocess.run([check, *words], capture_output=True, timeout=20, check=False).returncode


PAGES = [("", HEALTHY), ("/", HEALTHY), ("/ok?a=1&b", HEALTHY), ("/moved", HEALTHY), ("/gone", SICK), ("/broken", SICK)]


@pytest.mark.parametrize(("page", "code"), PAGES)
def test_http(check: Path, port: int, page: str, code: int) -> None:
    assert run(check, "http", f"http://127.0.0.1:{port}{page}") == code


def test_tcp(check: Path, port: int) -> None:
    assert run(check, "tcp", "127.0.0.1", str(port)) == HEALTHY
    assert run(check, "tcp", "127.0.0.1", "1") == SICK
    assert run(check, "tcp", "no-such-host.invalid", "1") == SICK


@pytest.mark.parametrize("name", [f"{OURS}-t1", f"{OURS}-a-name-longer-than-15"], ids=["t1", "a-name-longer-than-15"])
def test_process(check: Path, tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    assert run(check, "process", name) == SICK
    with subprocess.Popen([program, "60"]) as process:
        assert run(check, "process", name) == HEALTHY
        assert run(check, "process", name[:-1]) == SICK
        process.kill()
    assert run(check, "process", name) == SICK


def test_a_zombie_is_no_process(check: Path, tmp_path: Path) -> None:
    program = tmp_path / f"{OURS}-zombie"
    shutil.copy(shutil.which("true") or "/bin/true", program)
    with subprocess.Popen([program]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays for somebody to wait for
        assert run(check, "process", program.name) == SICK


@pytest.mark.parametrize("words", [[], ["process"], ["tcp", "h"], ["http"], ["x", "y"], ["process", "a", "b"]])
def test_wrong_use(check: Path, words: list[str]) -> None:
    assert run(check, *words) == WRONG
