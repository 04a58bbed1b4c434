"""The command of a health check: what it looks at, as one of floatip's kinds of checks where one does the same."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from floatip.model.fields import Wrong
from floatip.model.settings import KINDS

Check = tuple[str, str]
"""Kind and target."""
VALUED = frozenset({"-w", "-G", "-m", "--max-time", "--connect-timeout", "-o", "--output", "-u", "-U", "--retry"})
"""Options of curl, wget and nc that take a value and do not matter here."""
SAME = frozenset({"killall", "pidof", "nc", "ncat", "netcat"})
"""Programs that only ever ask what floatip's own check asks."""
SILENT = re.compile(r"-[sSfLqIvz]+|--(silent|fail|show-error|location|spider|quiet|head|max-time=\d+|timeout=\d+)")
PROGRAM = re.compile(r"[a-z][a-z0-9_.+-]*")
SBIN = frozenset({"ip", "iptables", "ip6tables", "nft", "ipvsadm", "service", "conntrack", "arping", "named-checkconf"})


def usable(check: Check) -> bool:
    """Whether an inventory can say it."""
    try:
        KINDS[check[0]].read(check[1])  # type: ignore[index]
    except (Wrong, KeyError):
        return False
    return True


def better(command: str) -> Check | None:
    """The kind of check that looks at the same; None where none does."""
    arguments = _words(command)
    name = arguments[0].rsplit("/", 1)[-1] if arguments else ""
    if arguments and arguments[0].startswith("/etc/init.d/") and arguments[1:] == ["status"]:
        return _usable("process", name)
    found = READERS[name](arguments[1:]) if name in READERS else None
    return found if found and usable(found) else None


def certain(command: str) -> bool:
    """Whether that kind is sure to tell the same, so that there is nothing to ask."""
    arguments = _words(command)
    name = arguments[0].rsplit("/", 1)[-1] if arguments else ""
    check = better(command)
    return check is not None and (name in SAME or check[0] == "unit" or (name == "pgrep" and arguments[1] == "-x"))


def plain(command: str) -> Check | None:
    """The command as floatip runs one: by its whole path, without the quotes that nobody takes away."""
    bare = " ".join(re.sub(r"\\?[\"']", "", command).split())
    if bare and PROGRAM.fullmatch(bare.split(" ")[0]):
        name = bare.split(" ")[0]
        bare = f"/usr/{'sbin' if name in SBIN else 'bin'}/{bare}"
    return _usable("command", bare) if bare.startswith("/") and not re.search(r"[|&;<>`$]", command) else None


def typed(answer: str) -> Check | None:
    """`process nginx`, as somebody answered; None for something else."""
    kind, _, target = answer.strip().partition(" ")
    return _usable(kind, target.strip())


def _usable(kind: str, target: str) -> Check | None:
    return (kind, target) if usable((kind, target)) else None


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _names(arguments: Sequence[str]) -> list[str]:
    return [word for word in arguments if not word.startswith("-")]


def _killall(arguments: Sequence[str]) -> Check | None:
    asks = "-0" in arguments or " 0" in " ".join(arguments)
    names = [word for word in _names(arguments) if word != "0"]
    return ("process", names[0]) if asks and len(names) == 1 else None


def _pidof(arguments: Sequence[str]) -> Check | None:
    names = _names(arguments)
    return ("process", names[0].rsplit("/", 1)[-1]) if len(names) == 1 else None


def _pgrep(arguments: Sequence[str]) -> Check | None:
    names = _names(arguments)
    first = names[0].split()[0] if len(names) == 1 and names[0].split() else ""
    return ("process", first.lstrip("^").rstrip("$").rsplit("/", 1)[-1]) if first else None


def _systemctl(arguments: Sequence[str]) -> Check | None:
    names = _names(arguments)
    unit = names[1].removesuffix(".service") if len(names) == 2 and names[0] in ("is-active", "status") else ""
    return _unit(unit) if unit else None


def _unit(name: str) -> Check:
    return ("unit", f"{name}.service") if "unit" in KINDS else ("process", name)


def _service(arguments: Sequence[str]) -> Check | None:
    return _unit(arguments[0]) if len(arguments) == 2 and arguments[1] == "status" else None


def _without_options(arguments: Sequence[str]) -> list[str]:
    rest, found = list(arguments), list[str]()
    while rest:
        word = rest.pop(0)
        if word in VALUED and rest:
            rest.pop(0)
        elif not SILENT.fullmatch(word):
            found.append(word)
    return found


def _nc(arguments: Sequence[str]) -> Check | None:
    found = _without_options(arguments)
    if len(found) != 2 or found[0].startswith("-"):
        return None
    host, port = found
    return "tcp", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _curl(arguments: Sequence[str]) -> Check | None:
    found = _without_options(arguments)
    if len(found) != 1 or found[0].startswith("-"):
        return None
    url = found[0] if "://" in found[0] else f"http://{found[0]}"
    return url.split("://")[0], url


READERS: dict[str, Callable[[Sequence[str]], Check | None]] = {
    "killall": _killall,
    "pidof": _pidof,
    "pgrep": _pgrep,
    "systemctl": _systemctl,
    "service": _service,
    "nc": _nc,
    "ncat": _nc,
    "netcat": _nc,
    "curl": _curl,
    "wget": _curl,
}


def settings(script: dict[str, Any]) -> Check | None:
    """Kind and target of a raw health check."""
    return next(((kind, str(script[kind])) for kind in KINDS if kind in script), None)
