"""What the servers would get with what is typed at this moment: for a panel beside the question, stored nowhere."""

from __future__ import annotations

import copy
import difflib
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from floatip.keepalived import render
from floatip.keepalived.conf import masked
from floatip.model.cluster import Cluster
from wizard.drafts import Draft
from wizard.pages.base import Page


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file. `changed`: it stands otherwise in what is stored."""

    text: str
    changed: bool


def preview(draft: Draft, page: Page, instance: str, typed: MultiDict[str, str]) -> dict[str, list[Line]]:
    """Server → the lines of its keepalived.conf; empty as long as the answers make no cluster."""
    stored, present = _confs(draft), copy.deepcopy(draft)
    page.apply(page.make(present, instance, typed), present, instance)
    return {name: _marked(stored.get(name), text) for name, text in _confs(present).items()}


def usable(draft: Draft) -> Cluster | None:
    """The cluster, under a name for the time being where it has none yet."""
    shown = copy.copy(draft)
    shown.name = draft.name or "cluster"
    return shown.parsed().cluster


def _confs(draft: Draft) -> dict[str, str]:
    cluster = usable(draft)
    return {node.name: masked(render.keepalived_conf(cluster, node.name)) for node in cluster.nodes} if cluster else {}


def _marked(before: str | None, after: str) -> list[Line]:
    if before is None:
        return [Line(text, False) for text in after.splitlines()]
    rows = difflib.ndiff(before.splitlines(), after.splitlines())
    return [Line(row[2:], row[0] == "+") for row in rows if row[0] in " +"]
