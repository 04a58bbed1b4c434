"""The health check that keepalived runs, for real: processes, ports and pages of this machine."""

from __future__ import annotations

import http.server
import os
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from floatip.keepalived import render
from floatip.model import paths
from floatip.model.settings.kinds import command
from floatip.model.tracking import Script

HEALTHY, SICK, WRONG = 0, 1, 2
OURS = f"f{os.getpid()}"  # processes are looked for in the whole machine: another test run has its own
STATUS = {"/ok": 200, "/moved": 302, "/gone": 404, "/broken": 500}


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check") / "floatip-check"
    path.write_text(render.check_script([Script("any", "dns", "localhost")]))
    path.chmod(0o755)
    return path


class Page(http.server.BaseHTTPRequestHandler):
    """Answers with the status that its path stands for, and says which site was asked for."""

    def do_GET(self) -> None:
        self.send_response(STATUS.get(self.path.split("?")[0], 200 if self.path == "/" else 404))
        self.send_header("X-Text", "in the head")
        self.end_headers()
        self.wfile.write(f"<p>100% {self.headers['Host']}</p>\n\0all is well: ä\n".encode())

    def log_message(self, *_: object) -> None:
        pass


class Quiet(socketserver.ThreadingTCPServer):
    """Says nothing of what a client does."""

    def handle_error(self, *_: object) -> None:
        """Clients that do not like a certificate hang up."""


class Names(socketserver.BaseRequestHandler):
    """Knows a.long.label (A), refuses "no", and is silent about "mute"."""

    def handle(self) -> None:
        asked, client = cast("tuple[bytes, socket.socket]", self.request)
        name, kind = asked[12:-5], asked[-4:-2]
        if b"mute" not in name:
            code = 5 if b"no" in name else 0
            count = int(b"\x0aten-octets" in name and kind == b"\0\x01")
            head = asked[:2] + bytes((0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0))
            client.sendto(head + asked[12:], self.client_address)


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield cast("tuple[str, int]", server.server_address)[1]
        server.shutdown()


@pytest.fixture(scope="module")
def port(network: None) -> Iterator[int]:
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Page)) as number:
        yield number


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For web.test and 127.0.0.1, signed by itself."""
    path = tmp_path_factory.mktemp("tls")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    make += ["-keyout", str(path / "key.pem"), "-out", str(path / "ca.pem"), "-days", "2", "-subj", "/CN=web.test"]
    subprocess.run(
        [*make, "-addext", "subjectAltName=DNS:web.test,IP:127.0.0.1"], check=True, capture_output=True, timeout=30
    )
    return path


@pytest.fixture(scope="module")
def tls_port(network: None, certificate: Path) -> Iterator[int]:
    server = Quiet(("127.0.0.1", 0), Page, bind_and_activate=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "ca.pem", certificate / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.server_bind()
    server.server_activate()
    with serving(server) as number:
        yield number


@pytest.fixture(scope="module")
def names(network: None) -> Iterator[int]:
    with serving(socketserver.ThreadingUDPServer(("127.0.0.1", 0), Names)) as number:
        yield number


def ask(check: Path, script: Script) -> tuple[int, str]:
    """Run it as keepalived would: its exit code, and what it says."""
    words = [str(check) if word == paths.CHECK_SCRIPT else word for word in command(script)]
    done = subprocess.run(words, capture_output=True, timeout=20, check=False, text=True)
    return done.returncode, done.stderr.strip()


def run(check: Path, *words: str) -> int:
    return subprocess.run([check, *words], capture_output=True, timeout=20, check=False).returncode


PAGES = [("", HEALTHY), ("/", HEALTHY), ("/ok?a=1&b", HEALTHY), ("/moved", HEALTHY), ("/gone", SICK), ("/broken", SICK)]


@pytest.mark.parametrize(("page", "code"), PAGES)
def test_http(check: Path, port: int, page: str, code: int) -> None:
    assert run(check, "http", f"http://127.0.0.1:{port}{page}") == code


EXPECTED: list[tuple[str, dict[str, Any], str]] = [
    ("/gone", {"status": "404"}, ""),
    ("/gone", {"status": "200-299,401-404"}, ""),
    ("/ok", {"status": "301"}, "answers with status 200"),
    ("/moved", {"status": "200-299"}, "answers with status 302"),
    ("/ok", {"text": "all is well: ä"}, ""),
    ("/ok", {"text": "100% www.test</p>", "host": "www.test"}, ""),
    ("/ok", {"text": "in the head"}, "lacks the text"),
    ("/ok", {"text": "all  is well"}, "lacks the text"),
    ("/broken", {"text": "all is well"}, "answers with status 500"),
]


@pytest.mark.parametrize(("page", "options", "said"), EXPECTED)
def test_what_a_page_must_say(check: Path, port: int, page: str, options: dict[str, Any], said: str) -> None:
    code, words = ask(check, Script("web", "http", f"http://127.0.0.1:{port}{page}", **options))
    assert (code, words.endswith(said), bool(words)) == (SICK if said else HEALTHY, True, bool(said)), words


TRUST: list[tuple[str, dict[str, Any], str]] = [
    ("/ok", {"insecure": True}, ""),
    ("/ok", {"insecure": True, "text": "all is well"}, ""),
    ("/gone", {"insecure": True}, "answers with status 404"),
    ("/ok", {"ca": "ca.pem"}, ""),
    ("/ok", {"ca": "ca.pem", "host": "web.test", "text": "web.test"}, ""),
    ("/ok", {"ca": "ca.pem", "host": "other.test"}, "ismatch"),
    ("/ok", {}, "self"),
    ("/ok", {"ca": "none.pem"}, "cannot read"),
]


@pytest.mark.parametrize(("page", "options", "said"), TRUST)
def test_https(check: Path, tls_port: int, certificate: Path, page: str, options: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {key: str(certificate / value) if key == "ca" else value for key, value in options.items()}
    code, words = ask(check, Script("web", "https", f"https://127.0.0.1:{tls_port}{page}", **given))
    assert (code, said in words, bool(words)) == (SICK if said else HEALTHY, True, bool(said)), words


def test_https_where_nobody_speaks_it(check: Path, port: int) -> None:
    for number in (port, 1):
        code, words = ask(check, Script("web", "https", f"https://127.0.0.1:{number}/", insecure=True))
        assert (code, "no answer from 127.0.0.1" in words) == (SICK, True), words


RESOLVED = [
    ("ten-octets.test", "A", ""),
    ("ten-octets.test.", None, ""),
    ("ten-octets.test", "AAAA", "knows no such record"),
    ("other.test", "A", "knows no such record"),
    ("no.test", "A", "answers REFUSED"),
]


@pytest.mark.parametrize(("name", "record", "said"), RESOLVED)
def test_dns(check: Path, names: int, name: str, record: str | None, said: str) -> None:
    code, words = ask(check, Script("dns", "dns", name, server=f"127.0.0.1:{names}", record=record))
    assert (code, said in words, bool(words)) == (SICK if said else HEALTHY, True, bool(said)), words


def test_dns_where_nobody_answers(check: Path, names: int) -> None:
    code, words = ask(check, Script("dns", "dns", "x.test", server="127.0.0.1:1"))
    assert (code, words) == (SICK, "no answer from 127.0.0.1, port 1")
    waiting = [str(check), "dns", "mute.test", f"server=127.0.0.1:{names}"]
    with subprocess.Popen(waiting, start_new_session=True) as waits:
        with pytest.raises(subprocess.TimeoutExpired):
            waits.wait(0.5)
        os.killpg(waits.pid, signal.SIGKILL)  # keepalived ends it, with all that it has started


def test_file(check: Path, tmp_path: Path) -> None:
    file = tmp_path / "here"
    code, words = ask(check, Script("file", "file", str(file)))
    assert (code, "No such file" in words) == (SICK, True)
    file.touch()
    assert ask(check, Script("file", "file", str(file))) == (HEALTHY, "")


def test_a_cluster_without_later_kinds_keeps_its_file() -> None:
    first = [Script("a", "process", "nginx"), Script("b", "tcp", "[::1]:80"), Script("c", "http", "http://h/")]
    plain = render.check_script([*first, Script("d", "command", "/usr/bin/test -e /run/x")])
    assert plain == render.check_script()
    for script in (Script("a", "file", "/x"), Script("a", "http", "http://h/", text="x")):
        assert render.check_script([*first, script]) != plain


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


@pytest.mark.parametrize(
    "words", [[], ["process"], ["tcp", "h"], ["http"], ["x", "y"], ["process", "a", "b"], ["dns", "a", "b=1"]]
)
def test_wrong_use(check: Path, words: list[str]) -> None:
    assert run(check, *words) == WRONG
