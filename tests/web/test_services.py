"""What the check page proposes for services behind the floating address."""

from __future__ import annotations

import base64
from dataclasses import replace
from ipaddress import ip_interface
from pathlib import Path

from flask import Flask

from floatip.change import members
from floatip.hosts.codes import Code
from floatip.keepalived import render
from floatip.model.cluster import Floating
from tests.unit import samples
from tests.web.hostile import Person
from wizard import context

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


def test_another_cluster_s_configuration_is_a_question(app: Flask, tmp_path: Path) -> None:
    """The check page says whose it is, and the deploy asks."""
    person = Person(app, tmp_path)
    (instance,) = samples.lab().instances
    floating = (Floating(ip_interface("10.9.1.7/24")),)
    other = replace(samples.lab(), name="web", instances=(replace(instance, virtual_ipaddress=floating),))
    texts = {"conf": render.keepalived_conf(other, "d1"), "members": members.record(other)}
    files = [f"file={key} 640:root:root {base64.b64encode(text.encode()).decode()}" for key, text in texts.items()]
    draft = person.draft(d1=said(16, *files), d2=said(61))
    page = person.client.get(f"/cluster/{draft.key}/check").text
    (row,) = [line for line in page.splitlines() if f'data-code="{Code.OTHER_CLUSTER}"' in line]
    assert "another cluster, web" in row and "floatip remove" in row
    assert 'data-level="warning"' in page, "nothing that keeps from saving"
    cluster = draft.parsed().cluster
    assert cluster
    context.of(app).inventories.save(cluster)
    page = person.client.get(f"/cluster/{draft.key}/saved").text
    assert "Replace the configuration of the cluster web on d1" in page and 'name="replace" value="yes"' in page
