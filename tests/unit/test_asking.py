"""Why a server does not tell: what its login makes of a script, what is read of it, and in which words that is said."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pyinfra.connectors.util import CommandOutput, OutputLine
from rich.console import Console

from floatip.cli import show
from floatip.deploy.session import host_states
from floatip.hosts import bounded, connection, daemon, host_answer, host_script, probe, ssh_errors, worker_answers
from floatip.hosts.bounded import CUT_OFF, Output, text_of
from floatip.hosts.monitor import Snapshot
from floatip.hosts.ssh_errors import Reason, Untold, Why
from floatip.language import telling
from floatip.model import inventory
from floatip.model.messages import say
from floatip.operate import status
from floatip.operate.status import Code
from lab.names import FLOATING
from lab.paths import ROOT
from tests.unit.test_words import latin

ANSWERS = [
    (connection.Answer(False, "", "sudo: a password is required"), Why.SUDO_PASSWORD),
    (connection.Answer(False, "", "sh: 1: sudo: not found"), Why.NO_SUDO),
    (connection.Answer(True, "hello\nfloatip-state=1\nuid=0\nlinks=[]", ""), Why.LOGIN_PRINTS),
    (connection.Answer(True, "hello: floatip-state=1\nuid=0\nlinks=[]", ""), Why.LOGIN_PRINTS),
    (connection.Answer(False, "hello\nfloatip-state=1\nuid=0", "ip: not found"), Why.LOGIN_PRINTS),
    (connection.Answer(False, "floatip-state=1\nuid=0", "ip: not found"), Why.SCRIPT_FAILED),
    (connection.Answer(True, "floatip-state=1\nuid=0\nlinks={", ""), Why.NONSENSE),
    (connection.Answer(False, "", "EOFError: ", gone=True), Why.LOST),
]
# what one plain line brings forth, and what that says of the login
LOGINS = [
    (["This account is currently not available."], Why.NO_COMMANDS),
    ([], Why.NO_COMMANDS),
    (["floatip-shell=/bin/tcsh"], Why.OTHER_SHELL),
    (["Welcome", "floatip-shell=/usr/bin/csh"], Why.OTHER_SHELL),
    (["floatip-shell=/bin/bash"], Why.SCRIPT_FAILED),
]


class Login:
    """A host whose login answers to one line."""

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.data, self.name, self.connector = lines, {"ssh_user": "root"}, "d3", self

    def run_shell_command(self, *_: object, **__: object) -> tuple[bool, CommandOutput]:
        """What it prints."""
        return bool(self.lines), CommandOutput([OutputLine("stdout", line) for line in self.lines])


@pytest.mark.parametrize(("answer", "code"), ANSWERS)
def test_an_answer(monkeypatch: pytest.MonkeyPatch, answer: connection.Answer, code: Why) -> None:
    monkeypatch.setattr(connection, "run", lambda *words, **more: answer)
    host: Any = Login([])
    with pytest.raises(Untold) as untold:
        host_states.examined(host, host)
    assert untold.value.code is code


@pytest.mark.parametrize(("lines", "code"), LOGINS)
@pytest.mark.parametrize("said", ["", "floatip-state=1\n"])
def test_a_login_that_is_to_blame(monkeypatch: pytest.MonkeyPatch, lines: list[str], code: Why, said: str) -> None:
    answer = connection.Answer(False, said, "Unmatched.")
    code = Why.SCRIPT_FAILED if said and code is Why.NO_COMMANDS else code  # it has run one
    monkeypatch.setattr(connection, "run", lambda *words, **more: answer)
    host: Any = Login(lines)
    with pytest.raises(Untold) as failed:
        host_states.examined(host, host)
    assert failed.value.code is code


def reason_of(answer: worker_answers.Answer | dict[str, Any]) -> Reason:
    """Why nothing is known."""
    found = worker_answers.result(answer, {"ssh_user": "admin"}, worker_answers.by_lines(daemon.parse))
    assert isinstance(found, Reason)
    return found


def test_every_reason_in_words() -> None:
    for code in ssh_errors.WORDS:
        values = dict.fromkeys(("said", "program", "seconds", "path", "owner", "error", "size", "lines"), "\x1b[31mred")
        said = reason_of(worker_answers.answer(Untold(code, **values)))
        assert said.code is code
        assert said.isprintable()
        assert not said.endswith(": ")


# what pyinfra, paramiko and the system say, and what that is
SAID = [
    ("No such private key file: .lab/id_ed25519", Why.NO_KEY),
    ("Invalid private key file: /root/.ssh/junk", Why.NO_KEY),
    ("Could not connect ([Errno 13] Permission denied: '/root/.ssh/id')", Why.NO_KEY),
    ("Private key file (/root/.ssh/id) is encrypted, set ssh_key_password to use this key", Why.LOCKED_KEY),
    ("Private key file /root/.ssh/id is encrypted", Why.LOCKED_KEY),
    ("Authentication error (username=root, key=id) (Authentication failed.)", Why.NOT_LET_IN),
    ("SSH error (No existing session)", Why.NO_ANSWER),
    ("Could not connect ([Errno None] Unable to connect to port 2216 on 127.0.0.1)", Why.NO_ANSWER),
    ("timed out: no connection within 5 seconds", Why.NO_ANSWER),
    ("Could not resolve hostname ([Errno -2] Name or service not known)", Why.NO_SUCH_NAME),
    ("SSH host key error (Host key for x does not match.)", Why.OTHER_KEY),
    ("SSH error (No host key for x found in known_hosts)", Why.UNKNOWN_KEY),
    ("something new", Why.OTHER),
]


@pytest.mark.parametrize(("error", "code"), SAID)
def test_why_a_server_cannot_be_connected_to(error: str, code: Why) -> None:
    """Each has advice, in Russian too; what was said is repeated only where nobody knows what it means."""
    found = ssh_errors.in_words(error, {"ssh_hostname": "d1"})
    assert found.code is code
    assert (error in found) is (code is Why.OTHER)
    assert ". " in found
    assert ("/root/.ssh/" in found) is ("/root/.ssh/" in error), "a key is called by its file"
    assert code is Why.OTHER or latin(telling.tell(found, "ru")) <= {"ssh-add", "ssh-keygen"}


@pytest.mark.parametrize(
    "odd", [{"why": "no-such-reason", "values": {}}, {"why": "slow"}, {"why": "slow", "values": 1}]
)
def test_no_reason_at_all(odd: dict[str, Any]) -> None:
    assert reason_of(odd).code is Why.NONSENSE


LINES = ["floatip-daemon=1", "links=[]", "up=100"]
NOT_ASKED = [("uid=1000", Why.NOT_ROOT), ("blocked=bob /tmp/keepalived.json", Why.IN_THE_WAY)]


@pytest.mark.parametrize(("line", "code"), NOT_ASKED)
def test_a_daemon_that_could_not_be_asked(line: str, code: Why) -> None:
    assert reason_of({"lines": [*LINES, line]}).code is code
    assert daemon.parse([*LINES, "uid=0"]).instances == {}


JSON = base64.b64encode(b'[{"data": {').decode()
MUTE = [(["asked=1"], "mute"), (["asked=1", "json="], "mute"), (["asked=1", f"json={JSON}"], "mute"), ([], "init")]


@pytest.mark.parametrize(("lines", "state"), MUTE)
def test_a_daemon_that_did_not_tell_its_state(lines: list[str], state: str) -> None:
    """It is not said to be starting, and its server not to be another one; the kernel knows who has the address."""
    (lab,) = inventory.read(ROOT / "inventories" / "lab.py")
    seen = daemon.parse([*LINES, "unit=ActiveState=active", *lines])
    held = replace(seen, held=frozenset({FLOATING}))
    assert lab.cluster
    (row,) = status.read(lab.cluster, {"d1": held, "d2": seen})
    assert (row.code, [node.state for node in row.nodes]) == (Code.HELD, ["master", state])


def test_a_file_that_only_root_may_read_is_not_missing() -> None:
    lines = [f"{host_script.MARK}=1", "uid=1000", "links=[]"]
    assert host_answer.parse(lines).uid == 1000
    with pytest.raises(Untold) as untold:
        host_answer.by_root(lines)
    assert untold.value.code is Why.NOT_ROOT


ROOM = [
    ("room=100 4096 200 200 /etc/keepalived", ()),
    ("room=0 4096 200 200 /etc/keepalived", ("/etc/keepalived",)),
    ("room=3 1024 200 200 /etc/keepalived", ("/etc/keepalived",)),
    ("room=100 4096 200 0 /etc/keepalived", ("/etc/keepalived",)),
    ("room=100 4096 0 0 /etc/keepalived", ()),  # a file system that counts no inodes
    ("room=x 4096 0 0 /etc/keepalived", ()),
    ("room=1 1 1 1", ()),
    ("room=0 1 - - /run", ()),
    ("room=0 1 9 9 /\nroom=0 1 9 9 /\nroom=9999 1 9 9 /tmp\nroom=0 1 9 9 /var/log", ("/", "/var/log")),
]


@pytest.mark.parametrize(("line", "full"), ROOM)
def test_room(line: str, full: tuple[str, ...]) -> None:
    assert host_answer.parse([f"{host_script.MARK}=1", "uid=0", "links=[]", *line.split("\n")]).full == full
    assert daemon.parse([*LINES, *line.split("\n")]).full == full


class Pipe:
    """A channel that has these pieces yet."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.closed = pieces, False

    def close(self) -> None:
        """As paramiko's."""
        self.closed = True

    def receive(self, _: int) -> bytes:
        """The next one."""
        return self.pieces.pop(0) if self.pieces and not self.closed else b""


def read(pieces: list[bytes]) -> tuple[list[str], bool]:
    """What is read of them, and whether the channel was closed before its end."""
    pipe: Any = Pipe(pieces)
    return list(Output(pipe, pipe.receive, bounded.Allowance())), pipe.closed


def test_an_output_is_read_as_it_came() -> None:
    assert read([b"a\xc3", b"\xa4\nb\r\n\nc"]) == (["a\u00e4", "b", "", "c"], False)
    assert read([b"\xff\n"]) == (["\ufffd"], False)


ENDLESS: list[Callable[[], list[bytes]]] = [
    lambda: [b"y\n" * 1000] * 100,
    lambda: [b"x" * 32_000] * 1000,
    lambda: [b"\n"] * 30_000,
]


@pytest.mark.parametrize("pieces", ENDLESS)
def test_an_output_without_end_is_cut_off(pieces: Callable[[], list[bytes]]) -> None:
    lines, closed = read(pieces())
    assert (lines[-1], closed) == (CUT_OFF, True)
    assert len(lines) <= bounded.LINES + 1
    assert sum(map(len, lines)) <= bounded.BYTES + len(CUT_OFF)


ESCAPES = ["\x1b]0;title\x07", "\x1b[31mred", "\x9b31m", "back\bspace", "a\rb", "\u202eright to left", "bell\x07"]


@pytest.mark.parametrize("line", ESCAPES)
def test_nothing_but_text_is_left_of_a_line(line: str) -> None:
    assert text_of(line).isprintable()
    assert len(text_of(line)) == len(line)
    assert text_of("a\tb\r") == "a\tb"


@pytest.mark.parametrize("text", ESCAPES)
def test_what_is_printed_steers_no_terminal(text: str) -> None:
    assert json.loads(ssh_errors.document({"said": text})) == {"said": text}
    assert not {"\x1b", "\x9b", "\x07"} & set(ssh_errors.document({"said": text}))
    assert ssh_errors.visible(f"{text}\n\t.").count("\n\t") == 1
    assert not {"\x1b", "\x9b", "\x07", "\r", "\b"} & set(ssh_errors.visible(text))
    console = Console(record=True, file=io.StringIO(), width=200)
    seen = Snapshot(0.0, {"d1": daemon.parse([*LINES, f"room=0 1 1 1 /{'x' * 9}"])}, {"d2": text})
    row = status.Row(
        "VI_1",
        text,
        "bad",
        say("{text}", text=text),
        (status.NodeRow("d1", "backup", checks={text: True}),),
        Code.TWICE,
    )
    console.print(show.picture([row], seen))
    assert not {"\x1b", "\x9b", "\x07"} & set(console.export_text())


def test_patience_is_computed_from_what_is_asked() -> None:
    listen = {"doctor": True, "listen": ["eth1"], "ask": []}
    ask: list[Any] = [["d1", {}]]
    seconds = probe.patience([["d1", {}, listen]])
    assert probe.patience(ask) < seconds < probe.patience([["d1", {}, listen], ["d2", {}]])
    many = {**listen, "ask": [["eth1", f"10.9.1.{number}"] for number in range(100)]}
    assert probe.patience([["d1", {}, many]]) == seconds
