"""The page of settings: what is not saved, what a deploy would change on the servers as they are, raw lines."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from floatip.hosts import probe
from floatip.model.cluster import Cluster
from lab import wait_until
from tests.recorded.doctor_answers import cluster
from tests.unit.test_deployed import Servers
from tests.web import pages
from tests.web.conftest import Person
from tests.web.test_deployed import draft, readdressed
from wizard import context
from wizard.hosts import background

OLD, NEW = "10.9.1.6", "10.9.1.30"


@pytest.fixture
def servers(person: Person, monkeypatch: pytest.MonkeyPatch) -> Servers:
    """They run the cluster as it was recorded, and d2 is off."""
    found = Servers()
    found.run(cluster(), "d1")
    monkeypatch.setattr(probe, "ask", found.ask)
    monkeypatch.setattr(background, "SOON", 0.0)
    return found


def files(person: Person, key: str) -> dict[str, str]:
    """Server → whether a deploy would change its file, once that is known."""
    wait_until(
        "the page is there",
        lambda: person.open(f"/cluster/{key}/check") and 'id="live" data-state="done"' in person.page.text,
    )
    return dict(re.findall(r'data-server="(\w+)" data-file="(\w+)"', person.page.text))


def changed(described: Cluster) -> Cluster:
    """With lines of one's own."""
    (instance,) = described.instances
    return replace(
        described, instances=(replace(instance, extra_lines=("# eins", "# zwei")),), global_lines=("# drei",)
    )


def test_the_page_does_not_wait_and_says_what_it_waits_for(
    app: Flask, person: Person, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()

    def ask(request: list[list[Any]], patience: float = 0) -> dict[str, Any]:
        assert answer.wait(20)
        return servers.ask(request)

    monkeypatch.setattr(probe, "ask", ask)
    made = draft(app, cluster(), saved=True)
    person.open(f"/cluster/{made.key}/check")
    assert 'id="live" data-state="waits"' in person.page.text and "every 500ms" in person.page.text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in person.page.text
    assert re.findall(r'data-server="(\w+)" data-answered="(\w+)"', person.page.text) == [("d1", "no"), ("d2", "no")]
    answer.set()
    files(person, made.key)
    assert "hx-get" not in person.page.text.partition('id="live"')[2]
    assert "http-equiv" not in person.page.text


def test_what_a_deploy_would_change_is_seen_on_the_servers(app: Flask, person: Person, servers: Servers) -> None:
    made = draft(app, cluster(), saved=True)
    assert files(person, made.key) == {"d1": "same"}
    assert re.findall('data-unanswered="(.*?)"', person.page.text) == ["d2"]


def test_what_a_deploy_would_change_is_foretold_of_what_is_typed(app: Flask, person: Person, servers: Servers) -> None:
    draft(app, cluster(), saved=True)
    servers.run(cluster())
    other = draft(app, readdressed(cluster()))
    assert files(person, other.key) == {"d1": "differs", "d2": "differs"}
    assert f"-        {OLD}/24" in pages.lines(person.page.text, "gone")
    assert f"+        {NEW}/24" in pages.lines(person.page.text, "added")
    assert "What will happen" in person.page.text


def test_nobody_is_asked_twice_within_some_seconds(app: Flask, person: Person, servers: Servers) -> None:
    made = draft(app, cluster(), saved=True)
    for _ in range(3):
        files(person, made.key)
    assert servers.asked == [["d1", "d2"]]
    unsaved = context.of(app).drafts.new(hosts=made.hosts, data=made.data)
    person.open(f"/cluster/{unsaved.key}/check")
    assert servers.asked == [["d1", "d2"]]  # a draft was looked at when it was answered


def test_what_is_not_saved_is_told_apart_from_what_is_not_deployed(
    app: Flask, person: Person, servers: Servers
) -> None:
    saved = draft(app, cluster(), saved=True)
    files(person, saved.key)
    assert 'id="unsaved"' not in person.page.text
    assert f'href="/cluster/{saved.key}/saved">Deploy<' in person.page.text
    made = draft(app, readdressed(cluster()))
    files(person, made.key)
    shown = person.page.text.partition('id="unsaved"')[2].partition("</details>")[0]
    assert f"{OLD}/24" in shown and f"{NEW}/24" in shown
    assert f'href="/cluster/{made.key}/save">Save the inventory<' in person.page.text


def test_lines_of_ones_own_are_seen_and_changed(app: Flask, person: Person, servers: Servers) -> None:
    made = draft(app, changed(cluster()), saved=True)
    files(person, made.key)
    own = [line for line in pages.lines(person.page.text) if line in ("# drei", "# eins", "# zwei")]
    assert own == ["# drei", "# eins", "# zwei"]
    for name in ("global_lines", "extra_lines"):
        assert f'href="/cluster/{made.key}/extras?from=check#{name}"' in person.page.text
    person.open(f"/cluster/{made.key}/extras?from=check")
    assert ' id="global_lines"' in person.page.text and ' id="extra_lines"' in person.page.text
