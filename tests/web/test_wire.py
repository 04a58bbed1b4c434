"""A running wizard, byte by byte: who it listens to, which Host it answers, and where its start link does not stand."""

from __future__ import annotations

import re
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Running
from tests.running import wizard as started

PAGE = b"One address that stays up when a server fails"


@pytest.fixture(scope="module")
def wizard(network: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all, as `floatip wizard` starts it."""
    with started(tmp_path_factory.mktemp("wire")) as running:
        yield running


@pytest.fixture(scope="module")
def link_seen(wizard: Running) -> list[str]:
    """Who could read the start link before it was used."""
    return _places(wizard)


@pytest.fixture(scope="module")
def cookie(wizard: Running, link_seen: list[str]) -> str:
    """The link is opened eight times at once; the one cookie that is handed out."""
    answers: list[bytes] = []
    barrier = threading.Barrier(8)

    def use() -> None:
        barrier.wait()
        answers.append(ask(wizard, f"GET /start/{wizard.token} HTTP/1.1", f"Host: 127.0.0.1:{wizard.port}"))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [found[1].decode() for answer in answers if (found := re.search(rb"\r\nSet-Cookie: ([^;]+);", answer))]
    assert sorted(answer[9:12] for answer in answers) == [b"200", *[b"403"] * 7]
    assert len(given) == 1
    return given[0]


def ask(wizard: Running, *head: str) -> bytes:
    """Send a request as it is; the whole answer."""
    with socket.create_connection(("127.0.0.1", wizard.port), timeout=60) as connection:
        connection.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1"))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_of_two_at_once_exactly_one_wins(wizard: Running, cookie: str) -> None:
    host = f"Host: 127.0.0.1:{wizard.port}"
    assert PAGE in ask(wizard, "GET / HTTP/1.1", host, f"Cookie: {cookie}")
    assert PAGE not in ask(wizard, "GET / HTTP/1.1", host)
    assert b"has been used" in ask(wizard, f"GET /start/{wizard.token} HTTP/1.1", host)


def test_localhost_is_good_and_so_is_a_forwarded_port(wizard: Running, cookie: str) -> None:
    for host in (f"localhost:{wizard.port}", "127.0.0.1", "127.0.0.1:1"):  # ssh -L: the browser's port is another
        assert PAGE in ask(wizard, "GET / HTTP/1.1", f"Host: {host}", f"Cookie: {cookie}"), host


# Lines of a request; HERE stands for 127.0.0.1 and the port.
STRANGE = [
    ("GET / HTTP/1.1", "Host: evil.example"),
    ("GET / HTTP/1.1", "Host: evil.example:PORT"),
    ("GET / HTTP/1.1", "Host: localhost.:PORT"),
    ("GET / HTTP/1.1", "Host: user@HERE"),
    ("GET / HTTP/1.1", "Host: HERE@evil.example"),
    ("GET / HTTP/1.1", "Host: HERE/evil.example"),
    ("GET / HTTP/1.1", "Host: HERE\\@evil.example"),
    ("GET / HTTP/1.1", "Host: HERE?evil.example"),
    ("GET / HTTP/1.1", "Host: HERE,evil.example"),
    ("GET / HTTP/1.1", "Host: 127.0.0.1.evil.example"),
    ("GET / HTTP/1.1", "Host: 127.1:PORT"),
    ("GET / HTTP/1.1", "Host: 2130706433:PORT"),
    ("GET / HTTP/1.1", "Host: [::1]:PORT"),
    ("GET / HTTP/1.1", "Host: [::ffff:127.0.0.1]:PORT"),
    ("GET / HTTP/1.1", "Host: 0.0.0.0:PORT"),
    ("GET / HTTP/1.1", "Host:"),
    ("GET / HTTP/1.1",),
    ("GET / HTTP/1.0",),
    ("GET / HTTP/1.1", "Host: HERE", "Host: evil.example"),
    ("GET / HTTP/1.1", "Host: evil.example", "Host: HERE"),
    ("GET / HTTP/1.1", "Host: HERE", "Host: HERE"),
    ("GET / HTTP/1.1", "Host : HERE"),
    ("GET / HTTP/1.1", " Host: HERE"),
    ("GET / HTTP/1.1", "Host_: HERE"),
    ("GET / HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: HERE"),
    ("GET / HTTP/1.1", "Host: evil.example", "Forwarded: host=HERE"),
    ("GET http://evil.example/ HTTP/1.1", "Host: HERE"),
    ("GET http://HERE/ HTTP/1.1", "Host: evil.example"),
    ("GET http://user@HERE/ HTTP/1.1", "Host: HERE"),
    ("GET http://127.0.0.1.evil.example/ HTTP/1.1", "Host: HERE"),
    ("GET https://HERE/ HTTP/1.1", "Host: HERE"),
    ("GET //evil.example/ HTTP/1.1", "Host: HERE"),
    ("GET evil.example HTTP/1.1", "Host: HERE"),
    ("CONNECT evil.example:443 HTTP/1.1", "Host: HERE"),
    ("OPTIONS * HTTP/1.1", "Host: HERE"),
    ("TRACE / HTTP/1.1", "Host: HERE"),
    ("POST /new HTTP/1.1", "Host: evil.example", "Sec-Fetch-Site: same-origin", "Content-Length: 0"),
]


@pytest.mark.parametrize("head", STRANGE, ids=" ".join)
def test_any_other_address_is_refused(wizard: Running, cookie: str, head: tuple[str, ...]) -> None:
    lines = [line.replace("HERE", f"127.0.0.1:{wizard.port}").replace("PORT", str(wizard.port)) for line in head]
    answer = ask(wizard, *lines, f"Cookie: {cookie}")
    assert answer[9:12] in (b"400", b"403", b"404"), answer[:200]
    assert PAGE not in answer
    assert b"\r\nLocation:" not in answer
    assert not list((wizard.directory / "state").rglob("*.json"))


def test_it_listens_on_loopback_only(wizard: Running) -> None:
    rows = [line.split() for file in ("tcp", "tcp6") for line in _table(wizard, file)]
    sockets = {str(file.readlink()) for file in Path(f"/proc/{wizard.pid}/fd").iterdir()}
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    assert listening == [f"0100007F:{wizard.port:04X}"]


def test_the_start_link_is_in_no_process_list_and_no_file(wizard: Running, link_seen: list[str], cookie: str) -> None:
    assert link_seen == []
    assert _places(wizard) == []
    assert _places(wizard, secrets.token_hex()) == [], "a word that stands nowhere"
    assert _places(wizard, "--no-browser"), "the search does not find what is in a process list"
    assert _places(wizard, "Stop with Ctrl-C"), "the search does not find what is in a file"


def _table(wizard: Running, name: str) -> list[str]:
    return Path(f"/proc/{wizard.pid}/net/{name}").read_text().splitlines()


def _places(wizard: Running, text: str = "") -> list[str]:
    """Where the start link's token (or `text`) can be read: the words of any process, or a file of the wizard's."""
    files = [*Path("/proc").glob("[0-9]*/cmdline"), *(path for path in wizard.directory.rglob("*") if path.is_file())]
    return [str(file) for file in files if (text or wizard.token).encode() in _content(file)]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # the process has ended
        return b""
