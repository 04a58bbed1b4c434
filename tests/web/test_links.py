"""No link of any page leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Flask

from tests.web.conftest import Person
from wizard import context
from wizard.drafts import Draft

LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
PAGES = ("servers", "check", "save", "status", "doctor", "drill")


def test_no_link_leads_nowhere(app: Flask, person: Person, planted_drafts: Mapping[str, Draft]) -> None:
    """From link to link, as far as they go, from each kind of page."""
    looked = planted_drafts["looked"]
    draft = context.of(app).drafts.new(name="lab", hosts=looked.hosts, data=looked.data, found=looked.found)
    seen: set[str] = set()
    ahead = {"/", *(f"/cluster/{draft.key}/{slug}" for slug in PAGES)}
    while ahead:
        path = ahead.pop()
        seen.add(path)
        assert person.open(path).status_code in (200, 405), path  # 405: what was saved, asked for again
        if person.page.mimetype == "text/html":
            ahead |= set(LINK.findall(person.page.text)) - seen
        assert len(seen) < 200
    assert len(seen) > 15
