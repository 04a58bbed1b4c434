"""What another web page can do to a wizard that is open in the same browser: nothing. Chromium, with JavaScript."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.chromium import Wizard, failure, launched, profile

HOME = "One address that stays up when a server fails"
FORM = """<form method="post" action="{wizard}{path}"><input name="csrf_token" value="{token}"></form>
<script>document.forms[0].submit()</script>"""
FETCH = """<script>
const told = [];
const ask = (path, options) => fetch("{wizard}" + path, {{credentials: "include", ...options}})
  .then(answer => answer.text()).then(text => told.push("read " + text.length), () => told.push("refused"));
Promise.all([ask("/"), ask("/static/code.css"), ask("/new", {{method: "POST"}}),
  ask("/new", {{method: "POST", mode: "no-cors", body: new URLSearchParams({{csrf_token: "{token}"}})}})])
  .then(() => document.title = told.sort().join(", "));
</script>"""
FRAME = '<iframe src="{wizard}/" name="inside"></iframe>'
LOADED = """<script src="{wizard}/static/floatip.css"></script><img src="{wizard}/" alt="">
<link rel="stylesheet" href="{wizard}/static/code.css">"""


class Evil:
    """A page on another port of 127.0.0.1: the same site to the browser, cookies and all."""

    def __init__(self) -> None:
        evil = self
        self.html = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(f"<!doctype html><title>evil</title>{evil.html}".encode())

            def log_message(self, *_: object) -> None:
                """Not on the tests' terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def evil() -> Iterator[Evil]:
    """Somebody's page."""
    made = Evil()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def page(chromium: Browser, wizard: Wizard) -> Iterator[Page]:
    """A tab of a browser in which the wizard is open."""
    with profile(chromium) as context:
        tab = context.new_page()
        tab.goto(wizard.link)
        expect(tab.get_by_role("heading", level=1)).to_have_text(HOME)
        yield tab


def token(page: Page) -> str:
    """That of the wizard's own form, as if somebody had got hold of it."""
    return page.locator("input[name=csrf_token]").first.get_attribute("value") or ""


def drafts(wizard: Wizard) -> list[Path]:
    """What was written."""
    return list(wizard.inventories.parent.rglob("*.json"))


def test_a_form_that_sends_itself(wizard: Wizard, page: Page, evil: Evil) -> None:
    known = token(page)
    for path in ("/new", "/practise", "/language", "/run/"):
        evil.html = FORM.format(wizard=wizard.address, path=path, token=known)
        with page.expect_response(f"{wizard.address}{path}") as answer:
            page.goto(evil.address)
        assert "Cookie" in str(answer.value.request.all_headers()).title(), "the browser sends it: the test is a test"
        assert answer.value.status == 403
        expect(page.get_by_role("heading", level=1)).to_have_text("Open the wizard with its start link")
    assert drafts(wizard) == []
    page.goto(wizard.address)
    page.get_by_role("button", name="New floating address").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("servers")
    assert len(drafts(wizard)) == 1


def test_a_script_that_asks(wizard: Wizard, page: Page, evil: Evil) -> None:
    evil.html = FETCH.format(wizard=wizard.address, token=token(page))
    page.goto(evil.address)
    expect(page).to_have_title("refused, refused, refused, refused")
    assert drafts(wizard) == []


def test_a_frame_around_it(wizard: Wizard, page: Page, evil: Evil) -> None:
    evil.html = FRAME.format(wizard=wizard.address)
    with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
        page.goto(evil.address)
    inside = page.frame("inside")
    assert inside and HOME not in inside.content()


def test_pieces_of_it_in_another_page(wizard: Wizard, page: Page, evil: Evil) -> None:
    refused: dict[str, str | None] = {}
    page.on("requestfailed", lambda request: refused.update(dict.fromkeys(failure(request), request.failure)))
    evil.html = LOADED.format(wizard=wizard.address)
    pieces = {"/static/floatip.css", "/", "/static/code.css"}
    with page.expect_event("requestfailed", lambda _: refused.keys() >= pieces):
        page.goto(evil.address)
    assert set(refused) == pieces
    assert all("ERR_BLOCKED_BY_RESPONSE" in (why or "") for why in refused.values()), refused


def test_a_name_that_leads_to_loopback(wizard: Wizard, playwright: Playwright) -> None:
    """DNS rebinding: the browser takes evil.example for the site, and asks the wizard."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP localhost.evil.example 127.0.0.1"
    with launched(playwright, rules) as browser:
        page, port = browser.new_page(), urlsplit(wizard.address).port
        for name in ("evil.example", "localhost.evil.example"):
            for path in (urlsplit(wizard.link).path, "/", "/new", "/static/code.css", "/static/floatip.css", "/run/x"):
                answer = page.goto(f"http://{name}:{port}{path}")
                assert answer and answer.status == 400, (name, path)
                assert "This is not the address of the wizard." in answer.text()
                assert page.context.cookies() == []
        page.goto(wizard.link)  # which nobody has used up
        expect(page.get_by_role("heading", level=1)).to_have_text(HOME)
