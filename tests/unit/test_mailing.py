"""Mail from keepalived: where to, by which server, and what is said where none would be sent."""

from __future__ import annotations

import pytest

from floatip.keepalived.adopt import adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model.inventory import dumps, loads
from floatip.model.problems import Level
from tests.unit.samples import found, parsed, problems_at, put

ALERT = put("VI_1.smtp_alert", True)
TO = put("data.notification_email", ["admin@example.org", "root"])
BY = put("data.smtp_server", "192.0.2.25")
BLOCK = """\
    notification_email {
        admin@example.org
        root
    }
    smtp_server 192.0.2.25
"""


def test_it_is_written_rendered_and_adopted() -> None:
    cluster = parsed(ALERT, TO, BY).cluster
    assert cluster
    assert loads(dumps(cluster), "lab.py")[0].cluster == cluster
    text = keepalived_conf(cluster, "d1")
    assert BLOCK in text
    assert "    smtp_alert\n" in text
    again = adopt({name: keepalived_conf(cluster, name) for name in ("d1", "d2")}, {})
    assert again.data["notification_email"] == ["admin@example.org", "root"]
    assert again.data["smtp_server"] == "192.0.2.25"
    assert again.data["vrrp_instances"]["VI_1"]["smtp_alert"] is True
    assert "smtp" not in keepalived_conf(parsed().cluster or cluster, "d1")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("192.0.2.25", "192.0.2.25"),
        ("mail.example.org", "mail.example.org"),
        ("mail.example.org:2525", "mail.example.org 2525"),
        ("[2001:db8::25]:2525", "2001:db8::25 2525"),
        ("2001:db8::25", "2001:db8::25"),
    ],
)
def test_the_server_and_its_port(raw: str, words: str) -> None:
    cluster = parsed(put("data.smtp_server", raw)).cluster
    assert cluster
    text = keepalived_conf(cluster, "d1")
    assert f"    smtp_server {words}\n" in text
    assert adopt({"d1": text}, {}).data["smtp_server"] == raw


@pytest.mark.parametrize("raw", ["", "a b", "mail:0", "mail:65536", "$(id)", "a;b", "[::1]", 25, "mail:x"])
def test_what_is_no_server(raw: object) -> None:
    assert {path for path, _ in found(put("data.smtp_server", raw))} == {"smtp_server"}


@pytest.mark.parametrize("raw", ["", "a b@c", "<a@b>", "a@", "@b", "a@b\n}", "$x@y", "a!b@c", 5])
def test_what_is_no_address(raw: object) -> None:
    assert {path for path, _ in found(put("data.notification_email", [raw]))} == {"notification_email.0"}
    assert {path for path, _ in found(put("data.notification_email_from", raw))} == {"notification_email_from"}


@pytest.mark.parametrize(
    ("changes", "where", "expected"),
    [
        ((ALERT,), "vrrp_instances.VI_1.smtp_alert", [("no-mail", Level.WARNING)]),
        ((ALERT, TO), "vrrp_instances.VI_1.smtp_alert", [("no-mail", Level.WARNING)]),
        ((ALERT, BY), "vrrp_instances.VI_1.smtp_alert", [("no-mail", Level.WARNING)]),
        ((ALERT, TO, BY), "vrrp_instances.VI_1.smtp_alert", []),
        ((TO, BY), "notification_email", [("no-mail", Level.INFO)]),
        ((ALERT, TO, BY), "notification_email", []),
    ],
)
def test_what_is_said_where_none_would_be_sent(
    changes: tuple[object, ...], where: str, expected: list[tuple[str, Level]]
) -> None:
    assert [(problem.code, problem.level) for problem in problems_at(where, *changes)] == expected  # type: ignore[arg-type]


def test_mail_from_all_instances_is_mail_from_each() -> None:
    text = "vrrp_instance VI_1 {\nsmtp_alert off\n}\nvrrp_instance VI_2 {\nvirtual_router_id 7\n}\n"
    data = adopt({"d1": "global_defs {\nsmtp_alert\nsmtp_server 192.0.2.25 2525\n}\n" + text}, {}).data
    assert {name: block.get("smtp_alert", False) for name, block in data["vrrp_instances"].items()} == {
        "VI_1": False,
        "VI_2": True,
    }
    assert data["smtp_server"] == "192.0.2.25:2525"
