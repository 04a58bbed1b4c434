"""What the site is made of: pages that are made of the code leave nothing out, and what a page must not do is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from floatip.model.settings.documents import OF
from floatip.operate.doctor.meanings import MEANINGS
from floatip.operate.doctor.model import Code
from lab.paths import ROOT
from tests.release import manual
from tests.site import finish, generated, links, pages

BOTH = pytest.mark.parametrize("language", pages.LANGUAGES)


@BOTH
def test_every_command_and_option_is_on_its_page(language: str) -> None:
    page = generated.commands(language)
    for name, command in manual.commands().items():
        assert f"## floatip {name}\n" in page
        for option in command.params:
            assert option.param_type_name != "option" or all(word in page for word in option.opts)
    assert ("Show this message and exit." in page) == (language == "en")


@BOTH
def test_every_finding_has_a_meaning(language: str) -> None:
    assert set(MEANINGS) == set(Code), "operate/doctor/meanings.py"
    page = generated.findings(language)
    for code in Code:
        assert f"| `{code}` | " in page
    assert (MEANINGS[Code.DISK_FULL] in page) == (language == "en")


def test_every_setting_is_on_the_russian_page() -> None:
    page = generated.settings_in_russian()
    for rows in OF.values():
        for row in rows:
            assert f"| `{row.key}` | " in page
    assert "(en)" not in page, "tests/site/russian.py"
    assert not {"запятую", "запятой", "«Дальше»"} & {*re.findall(r"[\w«»]+", page)}, "that is a field, not the file"


def test_every_page_has_its_place_in_russian_too() -> None:
    english = {page.name for page in (ROOT / "docs").glob("*.md")} | set(pages.MADE["en"])
    russian = {page.name for page in (ROOT / "docs" / "ru").glob("*.md")} | set(pages.MADE["ru"])
    assert english - russian == {"versions.md"}, "in English alone"
    assert russian <= english


def test_each_screenshot_is_shown_in_both_themes() -> None:
    found = {path.name for path in finish.PICTURES.glob("*.png")}
    light = {name for name in found if not name.endswith(".dark.png")}
    assert {name.replace(".png", ".dark.png") for name in light} == found - light
    text = "".join(page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md"))
    for name in light:
        assert f"pictures/{name})" in text, "no page shows it"
        html = finish.PICTURE.sub(finish.framed, f'<img alt="" src="_images/{name}" />')
        assert [f"_images/{name}", f"_images/{name.replace('.png', '.dark.png')}"] == re.findall(r'src="([^"]*)"', html)


WRONG = {
    '<script src="https://cdn.example/x.js"></script>': "from another host",
    '<img src="//cdn.example/x.png">': "from another host",
    '<link rel="stylesheet" href="http://fonts.example/css">': "from another host",
    '<p style="background: url(https://cdn.example/x.png)">': "from another host",
    '<img srcset="gone.png 2x">': "gone.png is not there",
    '<a href="gone.html">': "gone.html leads nowhere",
    '<a href="other.html#gone">': "other.html#gone leads nowhere",
    '<a href="#gone">': "#gone leads nowhere",
}
RIGHT = (
    '<a href="https://www.example.org/">',
    '<a href="other.html#here">',
    '<a href="#here">',
    '<img src="data:,">',
    '<a href="room/">',
)


@pytest.mark.parametrize("html", [*WRONG, *RIGHT])
def test_what_a_page_must_not_do_is_found(tmp_path: Path, html: str) -> None:
    (tmp_path / "room").mkdir()
    for name in ("other.html", "room/index.html"):
        (tmp_path / name).write_text('<p id="here">')
    (tmp_path / "index.html").write_text(f'<p id="here">{html}')
    found = list(links.problems(tmp_path))
    assert len(found) == (html in WRONG)
    assert all(WRONG[html] in problem for problem in found)


def test_a_style_sheet_that_loads_from_elsewhere_is_found(tmp_path: Path) -> None:
    for text in ('@import "https://fonts.example/css";', "body { background: url(//cdn.example/x.png) }"):
        (tmp_path / "site.css").write_text(text)
        (found,) = links.problems(tmp_path)
        assert "from another host" in found


def test_the_russian_page_of_commands_is_in_russian() -> None:
    page = generated.commands("ru")
    assert "Развернуть кластер на серверах." in page and "Deploy a cluster" not in page
    assert "Deploy a cluster to its servers." in generated.commands("en")


SOURCE = '<img alt="All is well" src="../_images/{}" />'


def test_a_screenshot_is_there_for_either_theme(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(finish, "PICTURES", tmp_path)
    (tmp_path / "x.dark.png").touch()
    html = finish.PICTURE.sub(finish.framed, SOURCE.format("x.png"))
    assert html.count("<a ") == html.count("<img ") == html.count('alt="All is well"') == 2
    assert '<a class="picture only-light" href="../_images/x.png"><img ' in html
    assert '<a class="picture only-dark" href="../_images/x.dark.png"><img ' in html


def test_a_drawing_knows_both_themes() -> None:
    assert finish.PICTURE.sub(finish.framed, SOURCE.format("failover.svg")) == (
        '<a class="picture" href="../_images/failover.svg"><img alt="All is well" src="../_images/failover.svg"></a>'
    )
