"""What the servers would get with what is typed at this moment: for a panel beside the question, stored nowhere."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from werkzeug.datastructures import MultiDict

from floatip.keepalived import render
from floatip.keepalived.conf import masked, tokens
from floatip.model.cluster import Cluster
from floatip.model.messages import Said
from wizard.drafts import Draft
from wizard.language import tell
from wizard.pages.base import Page
from wizard.pages.stand_ins import UNNAMED, StandIns


@dataclass(frozen=True, slots=True)
class File:
    """keepalived.conf of a server. `changed`: its lines that stand otherwise in what is stored; `whole`: it has
    no blank, a word in single angle quotation marks that names what is not known yet, but for the name of the cluster,
    which is asked last and stands in a comment."""

    text: str
    changed: frozenset[int]
    whole: bool


def typed_in(draft: Draft, page: Page, instance: str, typed: MultiDict[str, str]) -> Draft:
    """The draft as it would be with this form."""
    present = copy.deepcopy(draft)
    page.apply(page.make(present, instance, typed), present, instance)
    return present


def preview(stored: Draft, present: Draft) -> dict[str, File]:
    """Server → its file; none where no stand-in helps."""
    after, whole = _confs(present)
    before = after if stored is present else _confs(stored)[0]
    known = [before.get(name, text) for name, text in zip_longest(after, before.values()) if name is not None]
    return {
        name: File(text, _changed(old, text), whole) for (name, text), old in zip(after.items(), known, strict=True)
    }


def usable(draft: Draft) -> Cluster | None:
    """The cluster, under a name for the time being where it has none yet."""
    shown = copy.copy(draft)
    shown.name = draft.name or "cluster"
    return shown.parsed().cluster


def _confs(draft: Draft) -> tuple[dict[str, str], bool]:
    """Server → its file, with blanks; and whether there are none."""
    made = StandIns(draft)
    blanks = {word: blank(name) for word, name in made.blanks.items()}
    nodes = [node.name for node in made.cluster.nodes] if made.cluster else []
    confs = {
        blanks.get(name, name): _shown(masked(render.keepalived_conf(made.cluster, name)), blanks)
        for name in nodes
        if made.cluster
    }
    return confs, not blanks.keys() - {UNNAMED}


def blank(name: Said) -> str:
    """A single word of keepalived.conf that says what is missing."""
    return f"\u2039{tell(name)}\u203a".replace(" ", "\N{NO-BREAK SPACE}")


def _shown(text: str, blanks: Mapping[str, str]) -> str:
    """With blanks instead of stand-ins; some of these are one only behind their keyword."""
    parts, last, keyword = list[str](), 0, ""
    for kind, begin, end in tokens(text):
        word = text[begin:end]
        if kind == "comment":
            word = re.sub(r"[^ ,]+", lambda part: blanks.get(part[0], part[0]), word)
        elif kind == "word":
            keyword, word = keyword or word, blanks.get(f"{keyword} {word}", blanks.get(word, word))
        else:
            keyword = ""
        parts += [text[last:begin], word]
        last = end
    return "".join([*parts, text[last:]])


def _changed(before: str | None, after: str) -> frozenset[int]:
    if before is None:
        return frozenset()
    rows = [row for row in difflib.ndiff(before.splitlines(), after.splitlines()) if row[0] in " +"]
    return frozenset(number for number, row in enumerate(rows) if row[0] == "+")
