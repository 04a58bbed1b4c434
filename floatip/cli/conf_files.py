"""keepalived.conf files on this computer, for adopting: each with what it includes, as far as that lies beside it.

An `include` never reads a file of this computer's that has nothing to do with the server: only below the folder of the
file that is adopted, which stands for /etc/keepalived.
"""

from __future__ import annotations

import glob
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from posixpath import dirname

from floatip.cli.shared import refuse
from floatip.hosts.includes import MOST, ROOM
from floatip.keepalived.conf import Gone, Included, Source, expand
from floatip.model import reasons
from floatip.model.messages import say
from floatip.model.paths import KEEPALIVED_CONF

LARGEST = 1024 * 1024  # bytes of a keepalived.conf
DIRECTORY = dirname(KEEPALIVED_CONF)


def read(arguments: Sequence[str], others: Collection[str]) -> dict[str, Source]:
    """Server → its file, of arguments SERVER=FILE. `others`: servers that are there already."""
    found: dict[str, Source] = {}
    for node, source in map(_source, arguments):
        if node in found or node in others:
            refuse(say("{node} is named twice. Give each server one file.", node=node))
        found[node] = source
    return found


def _source(argument: str) -> tuple[str, Source]:
    node, sign, path = argument.partition("=")
    if not sign or not node:
        refuse(say("{argument} is neither USER@SERVER nor SERVER=FILE.", argument=repr(argument)))
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except ValueError:
        refuse(say("{argument} is not SERVER=FILE.", argument=repr(argument)))
    except OSError as error:
        refuse(say("{path} cannot be read: {reason}.", path=path, reason=reasons.of(error)))
    if len(content) > LARGEST:
        refuse(say("{path} is larger than {size} KiB.", path=path, size=LARGEST // 1024))
    return node, _with_included(Source(content.decode("utf-8", "replace"), node), Path(path).resolve().parent)


def _with_included(source: Source, folder: Path) -> Source:
    """With what it includes, what that includes, and so on, until nothing more is found."""
    while True:
        expanded = expand(source)
        known = {(file.directory, file.pattern) for file in source.included}
        wanted = {
            (dirname(place.path or source.path), text.split(None, 1)[1])
            for place, text, why in expanded.gone
            if why is Gone.NOT_READ
        }
        left = ROOM - sum(len(file.text) for file in source.included)
        new = list(_found(sorted(wanted - known), folder, left))[: MOST - len(source.included)]
        if not new:
            return source
        source = replace(source, included=(*source.included, *new))


def _found(wanted: Sequence[tuple[str, str]], folder: Path, left: int) -> Iterator[Included]:
    """The files that these patterns name, as far as there is room for them."""
    for directory, pattern in wanted:
        place = f"{directory}/{pattern}" if not pattern.startswith("/") else pattern
        if not place.startswith(f"{DIRECTORY}/"):
            continue
        below = place.removeprefix(f"{DIRECTORY}/")
        for name in sorted(glob.glob(below, root_dir=folder)):
            content = _content(folder, name, left)
            if content is not None:
                left -= len(content)
                yield Included(directory, pattern, f"{DIRECTORY}/{name}", content.decode("utf-8", "replace"))


def _content(folder: Path, name: str, left: int) -> bytes | None:
    """What a file below the folder says; None where it is too large, lies elsewhere or cannot be read."""
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return None
        with path.open("rb") as file:
            content = file.read(left + 1)
    except (OSError, ValueError):
        return None
    return content if len(content) <= left else None
