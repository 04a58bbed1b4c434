"""`vrrp_track_process` becomes floatip's check of a process, or is left out, said either way."""

from __future__ import annotations

import pytest

from floatip.keepalived.adopt import Code, adopt

FILE = "vrrp_track_process web {\n%s\n}\nvrrp_instance VI_1 {\n track_process {\n  %s\n }\n}\n"
ONCE = {"interval": 1, "timeout": 1, "fall": 1, "rise": 1}
SAME = [
    ('process "apache2"', "web", {"process": "apache2"}),
    ("process /usr/sbin/haproxy\nfull_command\nquorum 1\ndelay 3", "web", {"process": "haproxy", "fall": 3, "rise": 3}),
    ("process nginx\nweight -10 # less\nterminate_delay 2", "web", {"process": "nginx", "weight": -10, "fall": 2}),
    ("process nginx", "web weight -20", {"process": "nginx", "weight": -20}),
]


@pytest.mark.parametrize(("body", "tracked", "check"), SAME)
def test_it_becomes_a_check(body: str, tracked: str, check: dict[str, object]) -> None:
    answer = adopt({"d1": FILE % (body, tracked)}, {})
    assert answer.data["vrrp_scripts"] == {"web": {**ONCE, **check}}
    assert answer.data["vrrp_instances"]["VI_1"]["track_script"] == ["web"]
    assert [finding.code for finding in answer.findings] == [Code.CHECK]
    assert "extra_lines" not in answer.data


OTHER = ["process nginx -g", "process nginx\nquorum 2", "process nginx\nweight 2 reverse", "weight 2", "process a/b;c"]


@pytest.mark.parametrize("body", OTHER)
def test_what_no_check_can_say_is_left_out(body: str) -> None:
    answer = adopt({"d1": FILE % (body, "web")}, {})
    assert "vrrp_scripts" not in answer.data
    assert Code.LEFT in {finding.code for finding in answer.findings}
    assert answer.data["vrrp_instances"]["VI_1"].get("track_script", []) == []
