"""Passwords of VRRP (`authentication`): where they come from, and what stands for them in the text of a configuration.

An inventory says only where one is: `env:NAME` or `file:PATH`. In a text there is a seal instead, a hash under a key
that lives as long as this process: equal passwords have equal seals, so that what is there and what is wanted can be
compared, and a seal that gets anywhere says nothing. `opened` is for the way to a server alone.
docs/decisions/foreign.md says why.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from floatip.model.cluster import UNKNOWN_PASSWORD, Cluster, Instance
from floatip.model.fields import Wrong, matching
from floatip.model.messages import say
from floatip.model.problems import Level, Problem

KEY = "authentication"
LONGEST = 8  # bytes: keepalived cuts the rest off
GOOD = re.compile(r"[A-Za-z0-9%&()*+,./:;<=>?@^_|-]+")  # nothing that the parser of any release cuts, joins or replaces
SOURCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]{0,99}|file:[/~][^\n]{0,300}")
MOST = 4096  # bytes that are read of a file
SEAL = re.compile(r"sealed-[0-9a-f]{32}")
WORD = re.compile(r"(\bauth_pass\b[\"']?[^\S\n]+)(\"[^\"\n]*\"?|(?:\$\{\w+\}|[^\s{}])+)")
REFERENCE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", re.ASCII)
DEFINED = re.compile(r"\$([A-Za-z_]\w*)=[^\S\n]*([^\n]*)", re.ASCII)
_key = secrets.token_bytes(32)
_known: dict[str, str] = {}


def source(raw: object) -> str:
    """Where a password is: a variable of the environment, or a file."""
    hint = say(
        "Write env:NAME or file:PATH, with an absolute path. Do not write the password itself into an inventory."
    )
    if isinstance(raw, str) and not SOURCE.fullmatch(raw):  # it may be the password
        raise Wrong("bad-source", say("names neither an environment variable nor a file."), hint)
    return matching(raw, SOURCE, "bad-source", hint)


def password(raw: str) -> str:
    """A password as the daemon takes it. What is wrong is said without it."""
    if not raw:
        raise Wrong("empty", say("points to an empty password."), say("Write the password there, on the first line."))
    if not GOOD.fullmatch(raw):
        hint = say(
            "keepalived drops them when it reads the file. Use letters, digits and {signs}.",
            signs="% & ( ) * + , - . / : ; < = > ? @ ^ _ |",
        )
        raise Wrong("bad-password", say("points to a password with characters that keepalived cannot read."), hint)
    if len(raw) > LONGEST:
        hint = say("keepalived would cut it silently. Use the first {most}, as the other device does.", most=LONGEST)
        raise Wrong("long-password", say("points to a password of more than {most} characters.", most=LONGEST), hint)
    return raw


def resolved(
    cluster: Cluster, missing: Level, environment: Mapping[str, str] | None = None
) -> tuple[Cluster, tuple[Problem, ...]]:
    """The cluster with the seals of its passwords. `missing`: how bad it is that one cannot be had here."""
    problems: list[Problem] = []
    values = os.environ if environment is None else environment
    instances = tuple(
        _resolved(instance, missing, values, problems) if instance.authentication else instance
        for instance in cluster.instances
    )
    return replace(cluster, instances=instances), tuple(problems)


def _resolved(instance: Instance, missing: Level, values: Mapping[str, str], problems: list[Problem]) -> Instance:
    path = f"vrrp_instances.{instance.name}.{KEY}"
    kind, _, where = instance.authentication.partition(":")
    try:
        raw = values.get(where) if kind == "env" else _first_line(Path(where).expanduser())
    except (OSError, ValueError, RuntimeError):
        raw = None
    if raw is None:
        unset = say("The environment variable {name} is not set here.", name=where)
        message = unset if kind == "env" else say("The password file {name} cannot be read here.", name=where)
        hint = say("Without the password of {instance} nothing can be deployed.", instance=instance.name)
        problems.append(Problem(path, "no-password", message, hint, missing))
        return instance
    if kind == "file" and (exposed := _exposed(path, Path(where).expanduser())):
        problems.append(exposed)
    try:
        return replace(instance, password=seal(password(raw)))
    except Wrong as wrong:
        subject = say("{key} of {name}", key=KEY, name=instance.name)
        problems.append(
            Problem(path, wrong.code, say("{subject} {text}", subject=subject, text=wrong.text), wrong.hint)
        )
        return instance


def _exposed(path: str, file: Path) -> Problem | None:
    """Whether others on this computer can read it."""
    with suppress(OSError):
        if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            message = say("Others on this computer can read the password file {name}.", name=file)
            return Problem(path, "password-exposed", message, say("Run `chmod 600 {name}`.", name=file), Level.WARNING)
    return None


def _first_line(file: Path) -> str:
    with file.open("rb") as opened_file:
        return opened_file.read(MOST).decode("utf-8").partition("\n")[0].removesuffix("\r")


def seal(value: str) -> str:
    """What stands for a password in this process."""
    made = hmac.new(_key, value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
    name = f"sealed-{made[:32]}"
    _known[name] = value
    return name


def sealed(text: str, names: frozenset[str] | None = None) -> str:
    """A server's configuration, with a seal for each password. `names`: as `named` has them, of all its files."""

    def instead(found: re.Match[str]) -> str:
        return found[1] + (found[2] if _stands_for_one(found[2]) else seal(found[2]))

    return WORD.sub(instead, in_definitions(text, instead, named(text) if names is None else names))


def _stands_for_one(word: str) -> bool:
    return word in _known or word == UNKNOWN_PASSWORD or bool(REFERENCE.fullmatch(word))


def named(*texts: str) -> frozenset[str]:
    """The definitions (`$NAME=…`) that have a password or a part of it: one of these texts says `auth_pass $NAME`, or
    names it in such a definition."""
    values = [(found[1], found[2]) for text in texts for found in DEFINED.finditer(text)]
    names: set[str] = set()
    found = {word[2] for text in texts for word in WORD.finditer(text)}
    while fresh := {name[1] or name[2] for word in found for name in REFERENCE.finditer(word)} - names:
        names |= fresh
        found = {value for name, value in values if name in fresh}
    return frozenset(names)


def in_definitions(text: str, instead: Callable[[re.Match[str]], str], names: frozenset[str]) -> str:
    """The text with something else for the values of these definitions: `instead` is given what stands before a value,
    and the value."""
    if not names:
        return text
    return re.sub(rf"(\$(?:{'|'.join(sorted(names))})=[^\S\n]*)(\"[^\"\n]*\"?|[^\s{{}}]+)", instead, text)


def opened(text: str) -> str:
    """A configuration as it goes to a server: byte for byte what was sealed."""
    return SEAL.sub(lambda found: _known.get(found[0], found[0]), text)


def hidden(text: str) -> str:
    """What a server said, without any password that this process knows."""
    for value in sorted({value.strip('"') for value in _known.values()} - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", UNKNOWN_PASSWORD, text)
    return text
