"""What the check page proposes for services behind the floating address."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.web.hostile import Person

LINKS = 'links=[{"ifname":"eth1","operstate":"UP","addr_info":[{"local":"10.9.1.%d","prefixlen":24}]}]'
OTHERS = ("nonlocal=4 0", "fw.begin=1", "fw.end=1")


def said(last: int, *lines: str) -> dict[str, list[str]]:
    """What a server answered."""
    return {"lines": ["floatip-state=1", "uid=0", "systemd=1", "os=debian 12", LINKS % last, *OTHERS, *lines]}


def test_a_service_that_names_the_address(app: Flask, tmp_path: Path) -> None:
    person = Person(app, tmp_path)
    haproxy = "binds=/etc/haproxy/haproxy.cfg:    bind 10.9.1.6:80"
    draft = person.draft(d1=said(16, haproxy), d2=said(61))
    page = person.client.get(f"/cluster/{draft.key}/check").text
    (row,) = [line for line in page.splitlines() if 'data-code="binds-address"' in line]
    assert f"/cluster/{draft.key}/extras" in row, "it leads to the question"
    assert "/etc/haproxy/haproxy.cfg binds 10.9.1.6" in row
    draft.data["nonlocal_bind"] = True
    person.drafts.save(draft, draft.version)
    page = person.client.get(f"/cluster/{draft.key}/check").text
    assert (
        "binds-address" not in page
        and "<li>Let services bind the floating address on every server <small>d1, d2" in page
    )
