"""Each recipe is a good inventory as it stands, beside the others; the page shows all of them, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from floatip.cli import main
from floatip.model import inventory
from lab.paths import ROOT

RECIPES = sorted((ROOT / "inventories" / "recipes").glob("*.py"))
ELSEWHERE = {"article.py": "article.md", "course.py": "course.md"}
"""Recipe → the page of its own that shows it."""
DOCS = (ROOT / "docs", ROOT / "docs" / "ru")


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_a_recipe_has_no_problem(file: Path) -> None:
    done = CliRunner().invoke(main, ["check", str(file)])
    assert done.exit_code == 0 and "warning" not in done.output, done.output


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_a_recipe_is_written_as_the_wizard_writes_it(file: Path) -> None:
    (read,) = inventory.read(file)
    assert read.cluster
    assert _value(inventory.dumps(read.cluster)) == _value(file.read_text("utf-8"))


def _value(text: str) -> str:
    """All but what stands above it: a recipe says there what it is for."""
    return text.partition("\n\n")[2]


@pytest.mark.parametrize("docs", DOCS, ids=lambda docs: docs.name)
@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_its_page_shows_the_file_itself(docs: Path, file: Path) -> None:
    page = docs / ELSEWHERE.get(file.name, "recipes.md")
    (shown,) = re.findall(rf"literalinclude}} (\S+/{file.name})\n", page.read_text("utf-8"))
    assert (docs / shown).resolve() == file
