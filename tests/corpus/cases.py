"""The files of a directory: pairs, as its file PAIRS says, and single ones with a made-up partner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = re.compile(r"\{\{.*?\}\}|\{\$\w+\}|\$\{\w+\}")
"""What marks a template that somebody fills in."""
PAIRS = "PAIRS"


@dataclass(frozen=True, slots=True)
class Case:
    """The files of two servers. `partner`: whether the second one is made up."""

    name: str
    texts: tuple[str, str]
    partner: bool

    @property
    def template(self) -> bool:
        """Whether one of them is to be filled in first."""
        return any(TEMPLATE.search(text) for text in self.texts)


def cases(place: Path) -> Iterator[Case]:
    """All of a directory, pairs first."""
    listed = (place / PAIRS).read_text("utf-8").splitlines() if (place / PAIRS).exists() else []
    pairs = [line.split() for line in listed if line.strip()]
    for first, second in pairs:
        yield Case(first, (_text(place / first), _text(place / second)), partner=False)
    paired = {place / name for pair in pairs for name in pair}
    for file in sorted(place.rglob("*")):
        if file.is_file() and file not in paired and file.name != PAIRS:
            text = _text(file)
            yield Case(str(file.relative_to(place)), (text, partner(text)), partner=True)


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")


def partner(text: str) -> str:
    """The file of a second server: it stands by at a lower priority, and sends from where the first one's adverts
    go."""
    text = re.sub(r"^(\s*state\s+)MASTER\b", r"\1BACKUP", text, flags=re.MULTILINE)
    text = re.sub(r"^(\s*priority\s+)(\d+)", lambda found: found[1] + _lower(found[2]), text, flags=re.MULTILINE)
    source = re.search(r"^\s*unicast_src_ip\s+([\d.:a-fA-F/]+)", text, re.MULTILINE)
    peer = re.search(r"unicast_peer\s*\{\s*([\d.:a-fA-F/]+)", text)
    if source and peer:
        places = sorted([(source.span(1), peer[1]), (peer.span(1), source[1])])
        (first, mine), (second, theirs) = places
        text = text[: first[0]] + mine + text[first[1] : second[0]] + theirs + text[second[1] :]
    return text


def _lower(priority: str) -> str:
    return str(max(1, int(priority) - 10))
