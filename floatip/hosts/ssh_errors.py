"""Why a server cannot be asked: what pyinfra and SSH say, in the words of people, and what to do."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

from floatip.model.messages import Said, say

T = TypeVar("T")


class Why(StrEnum):
    """Why nothing is known of a server."""

    NO_ANSWER = "no-answer"
    NO_SUCH_NAME = "no-such-name"
    OTHER_KEY = "other-key"
    UNKNOWN_KEY = "unknown-key"
    NO_KEY = "no-key"  # our private key cannot be read
    LOCKED_KEY = "locked-key"  # it has a passphrase
    NO_SUDO = "no-sudo"
    NOT_LET_IN = "not-let-in"
    SUDO_PASSWORD = "sudo-password"
    NOT_ROOT = "not-root"
    LOGIN_PRINTS = "login-prints"  # its login script prints text, which mixes with every answer
    NO_COMMANDS = "no-commands"  # its login shell runs none
    OTHER_SHELL = "other-shell"  # its login shell is not like sh
    SLOW = "slow"  # it let us in, and did not answer in time
    TOO_MUCH = "too-much"  # it prints without end
    LOST = "lost"  # the connection ended before the answer
    IN_THE_WAY = "in-the-way"  # keepalived cannot write its state
    SCRIPT_FAILED = "script-failed"
    NOT_CHECKED = "not-checked"  # the check itself failed, on this computer
    NONSENSE = "nonsense"  # its answer cannot be understood
    OTHER = "other"


class Reason(Said):
    """The same in words, with its code."""

    code: Why = Why.OTHER


def code(reason: str) -> Why:
    """The code of a reason."""
    return reason.code if isinstance(reason, Reason) else Why.OTHER


class Untold(ValueError):
    """A server does not tell what it was asked for. `values`: what the words of `code` name."""

    def __init__(self, code: Why, **values: str) -> None:
        self.code, self.values = code, values
        super().__init__(code)


# (what the error of pyinfra or SSH says, why there is no answer)
SILENCES: Final = (
    ("timed.out", say("The connection timed out")),
    ("banner|eof|no.existing.session", say("The port is open, but SSH does not answer there")),
    ("reset.by.peer", say("The connection was reset")),
    ("unreachable|no route", say("There is no route to the server")),
    ("unable to connect|refused", say("The SSH port does not accept connections")),
)
# (the same, what it means)
ERRORS: Final = (
    ("private key file .*is encrypted", Why.LOCKED_KEY),
    (r"private key file|\[errno [0-9]+\] [a-z ]+: '", Why.NO_KEY),
    *((pattern, Why.NO_ANSWER) for pattern, _ in SILENCES),
    ("not known|resol|getaddrinfo", Why.NO_SUCH_NAME),
    ("does not match|mismatch|changed", Why.OTHER_KEY),
    ("not found in known_hosts|no host key|unknown host|host key", Why.UNKNOWN_KEY),
    ("sudo", Why.NO_SUDO),
    ("authentic|no valid key|permission denied|password", Why.NOT_LET_IN),
)
KEY_FILE: Final = re.compile(r"(?:file: |file \(|')([^()']+)|key file ([^(].*?) is encrypted")
"""The name of our private key, in such an error."""
# In people's words, and what to do.
WORDS: Final[Mapping[Why, tuple[Said, Said]]] = {
    Why.NO_ANSWER: (say("No answer"), say("Check that the server is on, and that this is its SSH port.")),
    Why.NO_SUCH_NAME: (say("Host name not found"), say("Check the spelling, or use the IP address.")),
    Why.OTHER_KEY: (
        say("Its host key has changed"),
        say("Find out why before you continue. This forgets the old key: {forget}", forget=""),
    ),
    Why.UNKNOWN_KEY: (say("Its host key is not known yet"), say("Log in with ssh once and confirm it.")),
    Why.NO_KEY: (
        say("The SSH key {file} on this computer cannot be read", file=""),
        say("Check ssh_key of this server in the inventory."),
    ),
    Why.LOCKED_KEY: (
        say("The SSH key {file} on this computer has a passphrase", file=""),
        say("Add it to your agent with ssh-add, and remove ssh_key from the inventory."),
    ),
    Why.NO_SUDO: (
        say("The user may log in, but not use sudo"),
        say("Allow sudo without a password for this user, or log in as root."),
    ),
    Why.NOT_LET_IN: (
        say("It does not accept your key for the user {user}", user=""),
        say("Check that the key is in your agent or in ~/.ssh, and that the user is right."),
    ),
    Why.SUDO_PASSWORD: (
        say("sudo wants a password from the user {user}", user=""),
        say("Allow sudo without a password for this user, or log in as root."),
    ),
    Why.NOT_ROOT: (
        say("The user {user} is not root", user=""),
        say("Log in as root, or add '_sudo': True to this host for a user who may use sudo without a password."),
    ),
    Why.LOGIN_PRINTS: (
        say("The login script of the user {user} prints text: “{said}”", user="", said=""),
        say("Have it print in interactive sessions only: `ssh SERVER true` must print nothing."),
    ),
    Why.NO_COMMANDS: (
        say("The login shell of the user {user} runs no commands: “{said}”", user="", said=""),
        say("Give this user a shell such as /bin/bash, or log in as another user."),
    ),
    Why.OTHER_SHELL: (
        say("The login shell of the user {user} is {program}, which cannot run floatip's scripts", user="", program=""),
        say("Change it to /bin/bash or /bin/sh with chsh, or log in as another user."),
    ),
    Why.SLOW: (
        say("Login worked, but the server is slow: no answer within {seconds} s", seconds=""),
        say("Check its load, then retry."),
    ),
    Why.LOST: (say("The connection was lost"), say("Check that server and its network, then retry.")),
    Why.TOO_MUCH: (
        say("The server prints too much: the answer was cut off after {size} MB or {lines} lines", size="", lines=""),
        say("Check what `ssh SERVER true` prints, and how many firewall rules there are."),
    ),
    Why.IN_THE_WAY: (
        say("keepalived cannot write its state: {path}, which belongs to {owner}, is in the way", path="", owner=""),
        say("Remove {path} on that server.", path=""),
    ),
    Why.NONSENSE: (
        say("Its answer cannot be understood: {error}", error=""),
        say("Check that this is the right server."),
    ),
    Why.NOT_CHECKED: (
        say("The check itself failed on this computer: {said}", said=""),
        say("Correct the host's settings that it names, or retry."),
    ),
    Why.SCRIPT_FAILED: (say("Login worked, but the check failed: {said}", said=""), say("Fix that, then retry.")),
}


def in_words(error: str, data: Mapping[str, Any]) -> Reason:
    """What pyinfra and SSH say, in words, and what to do about it; as it is only where nobody knows what it means."""
    error = plain(error)
    code = _known(ERRORS, error)
    if code is None:
        unexpected = say("Unexpected error ({error}). Log in there with ssh to find out more.", error=error)
        return _coded(Why.OTHER, unexpected)
    file = KEY_FILE.search(error)
    values = {"file": file[1] or file[2]} if file else {}
    what = _known(SILENCES, error) if code is Why.NO_ANSWER else None
    return _coded(code, _advice(code, values, data, what))


def reason(untold: Untold, data: Mapping[str, Any]) -> Reason:
    """Why a server does not tell, and what to do about it; a KeyError where `untold` lacks a value."""
    values = {key: value if isinstance(value, Said) else plain(value) for key, value in untold.values.items()}
    return _coded(untold.code, _advice(untold.code, values, data))


def _known(table: Sequence[tuple[str, T]], error: str) -> T | None:
    """What the first pattern that fits stands for."""
    return next((meaning for pattern, meaning in table if re.search(pattern, error, re.IGNORECASE)), None)


def _advice(code: Why, values: Mapping[str, object], data: Mapping[str, Any], what: Said | None = None) -> Said:
    defaults = {"user": data.get("ssh_user") or say("of this login"), "file": say("for this login")}
    known = {**defaults, "forget": forget(data), **values}
    sentences = (what or WORDS[code][0], WORDS[code][1])
    what, todo = (say(sentence.template, **{key: known[key] for key in sentence.values}) for sentence in sentences)
    return say("{what}. {advice}", what=what, advice=todo)


def _coded(code: Why, message: Said) -> Reason:
    coded = Reason(message)
    coded.template, coded.values, coded.code = message.template, message.values, code
    return coded


def forget(data: Mapping[str, Any]) -> str:
    """The line for a shell that takes a server's key out of known_hosts."""
    host, port = str(data.get("ssh_hostname", "")), data.get("ssh_port", 22)
    file = data.get("ssh_known_hosts_file")
    command = ["ssh-keygen", *(["-f", str(file)] if file else []), "-R", host if port == 22 else f"[{host}]:{port}"]
    return shlex.join(command)


def plain(text: str) -> str:
    """Without what a terminal or a reader could trip over: for one line, and not a long one."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:300]


def visible(text: str) -> str:
    """Without what only a terminal understands: line ends and tabs stay. For everything that a server may have said."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else " " for sign in text)


def document(value: object, *, indent: int | None = None) -> str:
    """JSON in which nothing steers a terminal: `json` itself leaves the control characters above 0x7e."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)
