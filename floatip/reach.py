"""What a server answered, or why it cannot be reached: what pyinfra and SSH say, in people's words, and what to do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from floatip.words import Said, say

T = TypeVar("T")

# (what the error says, in people's words, what to do)
ERRORS: tuple[tuple[str, Said, Said], ...] = (
    (
        "unable to connect|refused|unreachable|no route|timed out|banner|reset by peer|eof",
        say("Nothing answers there"),
        say("Is it on, and is this its SSH port?"),
    ),
    (
        "not known|resol|getaddrinfo",
        say("This name leads nowhere"),
        say("Look at the spelling, or give the IP address."),
    ),
    (
        "does not match|mismatch|changed",
        say("Its host key is another than it was"),
        say("Find out why before you go on; then this forgets the old one: {forget}", forget=""),
    ),
    (
        "not found in known_hosts|no host key|unknown host|host key",
        say("Its host key is not known yet"),
        say("Log in with ssh once and confirm it."),
    ),
    (
        "sudo",
        say("The user may log in but not use sudo"),
        say("Allow sudo without a password for this user, or use root."),
    ),
    (
        "authentic|no valid key|permission denied|password",
        say("It does not accept your key"),
        say("Is the key in your agent, or in ~/.ssh? Is the user right?"),
    ),
)


def told(answer: Any, data: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> T | str:
    """What a server answered, as `read` makes a value of it; or why there is none, in words. `data`: its connection."""
    try:
        if "error" in answer:
            return in_words(plain(str(answer["error"])), data)
        return read(answer)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return say("its answer cannot be understood: {error}", error=plain(str(error)))


def lines(answer: Mapping[str, Any], key: str = "lines") -> list[str]:
    """The lines of an answer, whatever they claim to be."""
    return [str(line) for line in answer[key]]


def by_lines(parse: Callable[[list[str]], T]) -> Callable[[Mapping[str, Any]], T]:
    """`parse` for the lines of an answer."""
    return lambda answer: parse(lines(answer))


def in_words(error: str, data: Mapping[str, Any]) -> str:
    """What pyinfra and SSH say, and what to do about it."""
    for pattern, what, todo in ERRORS:
        if re.search(pattern, error, re.IGNORECASE):
            return say("{words} ({error})", words=_advice(what, todo, data), error=error)
    return error


def _advice(what: Said, todo: Said, data: Mapping[str, Any]) -> Said:
    advice = say(todo.template, forget=forget(data)) if "{forget}" in todo.template else todo
    return say("{what}. {advice}", what=what, advice=advice)


def forget(data: Mapping[str, Any]) -> str:
    """The line for a shell that takes a server's key out of known_hosts."""
    host, port = str(data.get("ssh_hostname", "")), data.get("ssh_port", 22)
    file = data.get("ssh_known_hosts_file")
    words = ["ssh-keygen", *(["-f", str(file)] if file else []), "-R", host if port == 22 else f"[{host}]:{port}"]
    return shlex.join(words)


def plain(text: str) -> str:
    """Without what a terminal or a reader could trip over."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:300]
