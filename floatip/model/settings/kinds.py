"""The kinds of health checks: what each looks at, and how keepalived is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from floatip.model import expected, targets
from floatip.model.messages import Said, say
from floatip.model.paths import CHECK_SCRIPT
from floatip.model.settings import programs
from floatip.model.settings.kind_options import KIND_OPTIONS
from floatip.model.settings.values import Flag
from floatip.model.tracking import CheckKind, Script

Words = tuple[str, ...]
OPTIONS = {row.key: row for row in KIND_OPTIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of health check. `words`: target → the words of floatip's script that stand for it, and `target` the
    same the other way round, None for other words; `options`: the keys of KIND_OPTIONS that it knows; `host`: the host
    that it connects to, '' for none; `packages`: those of Debian that it needs beside bash and coreutils."""

    label: Said
    doc: str
    read: Callable[[object], str]
    words: Callable[[str], Words] = lambda target: (target,)
    target: Callable[[Words], str | None] = lambda words: words[0] if len(words) == 1 else None
    options: tuple[str, ...] = ()
    host: Callable[[Script], str] = lambda script: ""
    packages: Callable[[Script], Words] = lambda script: ()

    @property
    def scripted(self) -> bool:
        """Whether it is floatip's own script that looks."""
        return self is not KINDS["command"]


def _packages_of_https(script: Script) -> Words:
    return ("openssl",) if script.ca or script.insecure else ("openssl", "ca-certificates")


def _tcp(words: Words) -> str | None:
    return targets.joined(*words) if len(words) == 2 else None


PAGE = ("status", "text", "host")
KINDS: Final[Mapping[CheckKind, Kind]] = {
    "process": Kind(label=say("a process runs"), doc="a name", read=targets.process),
    "unit": Kind(
        label=say("a systemd unit is active"),
        doc='`"nginx.service"`',
        read=targets.unit,
        packages=lambda script: ("dbus",),
    ),
    "tcp": Kind(
        label=say("a TCP port is open"),
        doc='`"127.0.0.1:80"`',
        read=targets.tcp,
        words=targets.split_host_port,
        target=_tcp,
        host=lambda script: targets.split_host_port(script.target)[0],
    ),
    "http": Kind(
        label=say("a web page answers"),
        doc='`"http://127.0.0.1/health"`',
        read=targets.http,
        options=PAGE,
        host=lambda script: targets.url_host_port(script.target)[0],
    ),
    "https": Kind(
        label=say("a web page answers over https"),
        doc='`"https://127.0.0.1/health"`. `openssl` is installed for it',
        read=targets.https,
        options=(*PAGE, "ca", "insecure"),
        host=lambda script: targets.url_host_port(script.target)[0],
        packages=_packages_of_https,
    ),
    "dns": Kind(
        label=say("a DNS server resolves a name"),
        doc='`"www.example.org"`',
        read=targets.domain,
        options=("server", "record"),
        host=lambda script: expected.dns_host(script.server or ""),
    ),
    "file": Kind(label=say("a file exists"), doc="an absolute path", read=expected.file),
    "command": Kind(
        label=say("a command succeeds"),
        doc="an absolute path with arguments; a name without `/` is a file beside the inventory, which floatip ships "
        "like those of `notify`",
        read=programs.read,
    ),
}
"""In the order in which words are asked whose they are: a command line is of the last one only."""


def command(script: Script) -> Words:
    """What keepalived runs."""
    if script.program:
        return tuple(programs.command(script.program).split(" "))
    return (CHECK_SCRIPT, script.kind, *KINDS[script.kind].words(script.target), *_said(script))


def _said(script: Script) -> Iterator[str]:
    for key in KINDS[script.kind].options:
        if OPTIONS[key].given(script):
            flag = isinstance(OPTIONS[key].value, Flag)
            yield key if flag else f"{key}={expected.word(str(OPTIONS[key].of(script)))}"


def adopted(words: Words) -> dict[str, object]:
    """The raw settings of the check that runs these words."""
    found = next(((name, kind) for name, kind in KINDS.items() if words[:2] == (CHECK_SCRIPT, name)), None)
    if found and found[1].scripted:
        name, kind = found
        options = {word: option for word in words[2:] if (option := _option(word)) and option[0] in kind.options}
        target = kind.target(tuple(word for word in words[2:] if word not in options))
        if target is not None:
            return {name: target, **dict(options.values())}
    return {"command": " ".join(words)}


def _option(word: str) -> tuple[str, object] | None:
    """What a word says, if it is an option."""
    key, equals, text = word.partition("=")
    if key in OPTIONS and isinstance(OPTIONS[key].value, Flag) is not bool(equals):
        value = expected.unworded(text) if equals else True
        return None if value is None else (key, value)
    return None
