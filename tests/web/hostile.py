"""Texts that would be markup if they were not escaped, and the looking glass that would see it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from floatip.model import inventory
from lab.paths import ROOT
from tests.web.conftest import OURS
from tests.web.pages import Parsed
from wizard import context
from wizard.drafts import Draft
from wizard.hosts import discovery

TEMPLATES = "".join(file.read_text() for file in (ROOT / "wizard" / "templates").rglob("*.html"))
# The elements of our templates, and those that WTForms, `wizard.show.highlight` and `wizard.show.pictures` make.
KNOWN = {*re.findall(r"<([a-z][a-z0-9-]*)", TEMPLATES), *("input", "select", "option", "textarea", "ul", "li")}
KNOWN |= {"svg", "title", "desc", "path", "rect", "text", "div", "span", "mark"}
ELEMENTS = KNOWN - {"style", "iframe", "object", "embed", "base"}
PIECES = [
    *("<zq>", "</zq>", "<zq onload=alert(1)>", '"><zq zq="', "'><zq zq='", '" zq="1', "' zq='1", " zq=1 ", "`zq=`"),
    *("</textarea><zq>", "</title><zq>", "</pre><zq>", "</svg><zq>", "</option></select><zq>", "<!--", "-->"),
    *("<![CDATA[", "]]>", "<?zq?>", "<svg/onload=zq>", "<script>zq</script>", "&lt;zq&gt;", "&#60;zq&#62;"),
    *("&quot; zq=", "%3Czq%3E", "{{7*7}}", "{% zq %}", "{zq}", "{0.__class__}", "%(zq)s", "%s", "javascript:zq"),
    *("\x1b[31m", "\x9b31m", "\u202e", "\x00", "\r\n", "\u2028", "é", "\uff11", "'", '"', "<", ">", "&", "\\", "$(zq)"),
    *("a;zq", "-zq", "../zq", "@zq", " ", "//zq.example", "10.9.1.16", "eth1"),
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1, max_size=4).map("".join)


def looked_at(html: str) -> Parsed:
    """The page; its elements, attributes and links are ours."""
    parsed = Parsed(html)
    tags = {name for name in parsed.names if " " not in name}
    assert tags <= ELEMENTS, tags - ELEMENTS
    assert not [name for name in parsed.names if "zq" in name or re.search(r" (on[a-z]+|style|srcdoc)$", name)]
    assert html.count("<script") == len(re.findall(r'<script src="/static/[\w.-]+"[^>]*></script>', html))
    assert not parsed.comments
    assert not [link for link in parsed.links if not re.match(r"(http://localhost)?/(?![/\\])|#|\?|$", link)]
    return parsed


class Person:
    """Somebody in a wizard whose servers answer what the test wants."""

    def __init__(self, app: Flask, directory: Path) -> None:
        self.client, self.drafts, self.runs = app.test_client(), context.of(app).drafts, directory / "state" / "runs"
        self.answers: dict[str, Any] = {}
        self.client.get(f"/start/{context.of(app).start_link.token}")
        found = inventory.raw((ROOT / "inventories" / "lab.py").read_text(), "lab.py")
        assert isinstance(found, tuple)
        self.good = json.dumps(found)

    def draft(self, **found: Any) -> Draft:
        """The article's cluster, answered; `found`: what the servers said of themselves."""
        hosts, data = json.loads(self.good)
        for old in self.drafts.all():
            self.drafts.delete(old.key)
        draft: Draft = self.drafts.new(name="lab", hosts=hosts, data=data)
        self.answers = found
        draft.found = {**found, "": discovery.connections(draft)}
        return self.drafts.save(draft, draft.version) if found else draft

    def open(self, path: str, **query: str) -> Parsed:
        """A page; never an error of ours."""
        answer = self.client.get(path, query_string=query or None, follow_redirects=True)
        assert answer.status_code < 500, path
        return looked_at(answer.text)

    def send(self, path: str, data: MultiDict[str, str]) -> Parsed:
        """A form; what comes back, and where it leads."""
        answer = self.client.post(path, data=data, headers=OURS)
        assert answer.status_code < 500, path
        return self.open(answer.location) if answer.status_code == 303 else looked_at(answer.text)
