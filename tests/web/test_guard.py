"""Who may ask the wizard: every route, every way in that is not ours."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import OURS, Person
from wizard import context
from wizard.guard import HEADERS
from wizard.start_link import LIFETIME, StartLink

HOSTS = [
    "evil.example",
    "localhost.",
    "127.0.0.1.evil.example",
    "user@127.0.0.1",
    "127.0.0.2",
    "0.0.0.0",
    "[::1]",
    "",
    "127.0.0.1, evil.example",
    "2130706433",
]
FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost:9999"},
    {"Origin": "null"},
    {"Origin": "http://evil.example", **OURS},
]


def routes(app: Flask, method: str) -> list[str]:
    """Every address that answers this method, with something for its variables."""
    values = {"key": "aaaaaaaaaaaa", "slug": "servers", "token": "x", "name": "lab", "filename": "floatip.css"}
    values["what"] = "move"
    with app.test_request_context():
        return [
            app.url_map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if method in (rule.methods or ())
        ]


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_name_is_refused_everywhere(app: Flask, person: Person, host: str) -> None:
    for path in routes(app, "GET"):
        with person.client.get(path, headers={"Host": host}) as answer:
            assert answer.status_code in (400, 403), path
    for path in routes(app, "POST"):
        assert person.client.post(path, headers={"Host": host, **OURS}).status_code in (400, 403), path


def test_nothing_but_the_style_is_shown_without_the_start_link(app: Flask, client: FlaskClient) -> None:
    for path in routes(app, "GET"):
        expected = 200 if path.endswith(".css") else 403
        with client.get(path) as answer:
            assert answer.status_code == expected, path
    for path in routes(app, "POST"):
        assert client.post(path, headers=OURS).status_code == 403, path


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_post_that_is_not_from_our_pages_is_refused(app: Flask, person: Person, headers: dict[str, str]) -> None:
    token = person.hidden("csrf_token")
    for path in routes(app, "POST"):
        assert person.client.post(path, data={"csrf_token": token}, headers=headers).status_code == 403, path


def test_a_post_without_the_token_of_its_form_is_refused(app: Flask, person: Person) -> None:
    for path in routes(app, "POST"):
        assert person.client.post(path, headers=OURS).status_code == 400, path
        assert person.client.post(path, data={"csrf_token": "x"}, headers=OURS).status_code == 400, path


def test_the_link_works_once(app: Flask) -> None:
    token = context.of(app).start_link.token
    first, second = app.test_client(), app.test_client()
    assert first.get("/start/wrong").status_code == 403
    opened = first.get(f"/start/{token}")
    assert opened.status_code == 200
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert token not in opened.text + cookie
    refused = second.get(f"/start/{token}")
    assert refused.status_code == 403
    assert "has been used" in refused.text and "floatip wizard" in refused.text
    assert (first.get("/").status_code, second.get("/").status_code) == (200, 403)


def test_tabs_that_are_opened_at_once_have_one_token(app: Flask, client: FlaskClient) -> None:
    """Whatever the browser asks for with the cookie of the start link: no answer brings another one."""
    client.get(f"/start/{context.of(app).start_link.token}")
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    for path in ("/", "/alive", "/new"):
        client.get(path, headers=OURS)
        assert client.get_cookie(app.config["SESSION_COOKIE_NAME"]) == cookie, path


def test_of_two_at_once_exactly_one_wins() -> None:
    link, wins = StartLink(), []
    barrier = threading.Barrier(8)

    def use() -> None:
        barrier.wait()
        wins.append(link.use(link.token))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 7 + [True]


def test_the_link_is_good_for_ten_minutes_and_long_enough() -> None:
    now = 1000.0
    link = StartLink(clock=lambda: now)
    assert len(link.token) >= 43  # 256 bits
    now += LIFETIME + 1
    assert not link.use(link.token)


def test_every_answer_has_the_headers_and_nothing_inline(app: Flask, person: Person) -> None:
    person.send("/new")
    draft = person.at.rsplit("/", 1)[0]
    paths = [*routes(app, "GET"), *(f"{draft}/{slug}" for slug in ("servers", "vrid", "check", "save")), "/nowhere"]
    for path in paths:
        with person.client.get(path) as answer:
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
            text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        assert not re.search(
            r"<script(?! src=\"/static/(?:htmx-2.0.11.min|floatip|code).js\" defer></script>)"
            r"|<style|\sstyle=|\son[a-z]+=|javascript:",
            text,
        ), path
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]


def test_what_was_typed_is_text(person: Person) -> None:
    nasty = "\"><script>alert(1)</script>{{7919*7907}}'"
    person.send("/new")
    names = {
        f"servers-{row}-{key}": nasty for row in (0, 1) for key in ("name", "ssh_hostname", "ssh_user", "ssh_port")
    }
    answer = person.send(**names)
    assert answer.status_code == 422
    for text in (answer.text, person.open(person.at.replace("servers", "check")).text, person.open("/").text):
        assert text.count("<script") == text.count('<script src="/static/') == 3
        assert str(7919 * 7907) not in text


def test_what_was_vendored_is_what_it_says(app: Flask) -> None:
    static = Path(str(app.static_folder))
    rows = [line.split() for line in (static / "CHECKSUMS").read_text().splitlines()]
    sums = {name: digest for digest, name in rows}
    assert sorted(sums) == sorted(path.name for path in static.iterdir() if ".min." in path.name)
    for name, expected in sums.items():
        assert hashlib.sha256((static / name).read_bytes()).hexdigest() == expected, name
