"""`python -m tests.bench.recorded_ssh PLACE COUNT`: so many SSH servers on loopback, each of which answers a look with
what a real server of the lab has said, a healthy pair of d1 and d2 again and again.

Server N listens on 127.1.N.1 (N counts from 1). Its host key is in PLACE/known_hosts, and anybody's key is let in.
PLACE/asked gets a line for each command: seconds (monotonic), server, and what was asked. A server whose number stands
in PLACE/stopped says that its keepalived does not run.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import paramiko
from paramiko.common import MSG_CHANNEL_REQUEST

from floatip.hosts import daemon_script
from tests.recorded.doctor_answers import HEALTHY, PLACE, Recording

PORT = 2200
NAMES = ("d1", "d2")


def address(number: int) -> str:
    """Of a server."""
    return f"127.1.{number}.1"


class Recorded:
    """What the servers say, and what they were asked."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.answers = Recording.load(PLACE / f"bookworm-{HEALTHY}.json").servers
        self._asked = (place / "asked").open("a", buffering=1)
        self._lock = threading.Lock()

    def answer(self, number: int, command: str) -> str:
        """One command, answered by what it looks for."""
        look = daemon_script.MARK in command
        deep = "floatip_waits_for" in command
        with self._lock:
            kind = "look" if deep else "glance" if look else "state"
            self._asked.write(f"{time.monotonic():.3f} {number} {kind}\n")
        recorded = self.answers[NAMES[(number + 1) % 2]]
        lines = list(recorded["daemon"] if look else recorded["lines"])
        if look and not deep:
            lines = [line for line in lines if line.partition("=")[0] not in daemon_script.DEEP]
        return "\n".join(self._stopped(lines) if look and self._is_stopped(number) else lines) + "\n"

    def _is_stopped(self, number: int) -> bool:
        file = self.place / "stopped"
        return file.exists() and str(number) in file.read_text().split()

    @staticmethod
    def _stopped(lines: Sequence[str]) -> list[str]:
        kept = [line for line in lines if line.partition("=")[0] not in daemon_script.DEEP]
        changed = {"unit=ActiveState=active": "unit=ActiveState=inactive"}
        return [changed.get(line, "unit=MainPID=0" if line.startswith("unit=MainPID=") else line) for line in kept]


class Session(paramiko.ServerInterface):
    """One connection to a server."""

    def __init__(self, recorded: Recorded, number: int) -> None:
        self.recorded, self.number = recorded, number
        self.asked: list[tuple[paramiko.Channel, str]] = []

    def get_allowed_auths(self, username: str) -> str:
        """By key."""
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Anybody's."""
        return paramiko.AUTH_SUCCESSFUL  # type: ignore[attr-defined, no-any-return]

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """A session."""
        return paramiko.OPEN_SUCCEEDED  # type: ignore[attr-defined, no-any-return]

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        """Answer once the client has been told that it may ask."""
        self.asked.append((channel, command.decode()))
        return True

    def answer(self) -> None:
        """All that was asked meanwhile."""
        while self.asked:
            threading.Thread(target=self._run, args=self.asked.pop(), daemon=True).start()

    def _run(self, channel: paramiko.Channel, command: str) -> None:
        if 'eval "$(cat)"' in command:
            command += channel.makefile("rb").read().decode()
        try:
            channel.sendall(self.recorded.answer(self.number, command).encode())
            channel.send_exit_status(0)
        except OSError:
            pass  # the client has gone
        finally:
            channel.close()


def _requested(channel: paramiko.Channel, message: paramiko.Message) -> None:
    """As paramiko does it; what comes of the request is begun after the reply to it, which else may come too late."""
    channel._handle_request(message)  # type: ignore[attr-defined]
    session = channel.get_transport().server_object
    if isinstance(session, Session):
        session.answer()


class Served(paramiko.Transport):
    """One connection."""

    _channel_handler_table: ClassVar = {
        **paramiko.Transport._channel_handler_table,  # type: ignore[attr-defined]
        MSG_CHANNEL_REQUEST: _requested,
    }


def serve(place: Path, count: int) -> None:
    """Until it is ended."""
    key = paramiko.ECDSAKey.generate()
    recorded = Recorded(place)
    listening = {number: socket.create_server((address(number), PORT), backlog=8) for number in range(1, count + 1)}
    known = [f"[{address(number)}]:{PORT} {key.get_name()} {key.get_base64()}\n" for number in listening]
    (place / "known_hosts").write_text("".join(known))
    for number, sock in listening.items():
        threading.Thread(target=_accept, args=(sock, key, recorded, number), daemon=True).start()
    print("listening", flush=True)
    sys.stdin.read()  # whoever started it ends it so


def _accept(sock: socket.socket, key: paramiko.PKey, recorded: Recorded, number: int) -> None:
    while True:
        connection, _ = sock.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport = Served(connection)
        transport.add_server_key(key)
        try:
            transport.start_server(event=threading.Event(), server=Session(recorded, number))
        except (paramiko.SSHException, OSError):
            transport.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
