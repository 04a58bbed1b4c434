"""What was deleted, a draft or a cluster, can be had back from the start page for a week."""

from __future__ import annotations

import os
import re
import time

from flask import Flask

from floatip.model.cluster import Cluster
from tests.web.conftest import Person
from tests.web.test_home import clusters  # noqa: F401 - a fixture
from tests.web.test_way import answer_all
from wizard import context
from wizard.drafts import KEPT


def deleted(person: Person) -> list[str]:
    """What the page offers to restore, by key."""
    return re.findall(r'data-deleted="([^"]+)"', person.open("/").text)


def test_a_draft_can_be_had_back_for_a_week(person: Person, app: Flask) -> None:
    answer_all(person)
    drafts = context.of(app).drafts
    (draft,) = drafts.all()
    assert deleted(person) == []
    drafts.delete(draft.key)
    assert deleted(person) == [draft.key]
    person.send(f"/restore/{draft.key}")
    assert deleted(person) == [] and drafts.get(draft.key).hosts == draft.hosts
    drafts.delete(draft.key)
    old = time.time() - KEPT - 60
    os.utime(drafts.directory / f"{draft.key}.deleted", (old, old))
    (drafts.directory / f"{'a' * 12}.deleted").write_text("{")
    assert deleted(person) == []


def test_a_cluster_comes_back_with_its_drafts(
    clusters: dict[str, Cluster],  # noqa: F811
    person: Person,
    app: Flask,
) -> None:
    here = context.of(app)
    text = here.inventories.text("well")
    draft = here.drafts.new(name="well", hosts=[["d1", {}]])
    key = here.deleted.delete("well", here.runs)
    assert deleted(person) == [key]
    other = here.inventories.path("well")
    other.write_text(text)
    assert deleted(person) == [key]
    assert f'action="/undelete/{key}"' not in person.page.text  # another one has its name
    other.unlink()
    person.open("/")
    person.send(f"/undelete/{key}")
    assert here.inventories.text("well") == text and here.drafts.get(draft.key).hosts == draft.hosts
    assert deleted(person) == []
