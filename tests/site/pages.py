"""The sources of the site, language by language: what stands in docs/, and what is made of the code."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.paths import ROOT
from tests.site import generated

DOCS = ROOT / "docs"
LANGUAGES = ("en", "ru")
ROOMS = {"en": ".", "ru": "ru"}
"""Language → where its pages are, in docs/ and on the site."""
MADE: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "en": {"commands.md": generated.commands, "doctor.md": generated.findings},
    "ru": {
        "commands.md": lambda: generated.commands("ru"),
        "doctor.md": lambda: generated.findings("ru"),
        "inventory.md": generated.settings_in_russian,
    },
}
DECISIONS = """# Decisions

Choices that somebody may question, each with its reason and what was measured.

```{toctree}
:glob:
:maxdepth: 1

*
```
"""


def write(target: Path) -> None:
    """All sources, in a directory for each language."""
    shutil.rmtree(target, ignore_errors=True)
    for language in LANGUAGES:
        place = target / language
        place.mkdir(parents=True)
        for page in (DOCS / ROOMS[language]).glob("*.md"):
            (place / page.name).write_text(_within(page.read_text("utf-8")), "utf-8")
        for name, made in MADE[language].items():
            (place / name).write_text(made(), "utf-8")
        shutil.copytree(DOCS / "pictures", place / "pictures")
        shutil.copytree(ROOT / "inventories" / "recipes", place / "inventories" / "recipes")
    _english_alone(target / "en")


def _english_alone(place: Path) -> None:
    """The decisions, and what has changed."""
    shutil.copytree(DOCS / "decisions", place / "decisions")
    (place / "decisions" / "index.md").write_text(DECISIONS, "utf-8")
    (place / "changelog.md").write_text(_within((ROOT / "CHANGELOG.md").read_text("utf-8")), "utf-8")


def _within(text: str) -> str:
    """With its links as they are on the site, where a page and what it shows have other places than in the repository.
    What there is in English alone is a link from one language to the other, which Sphinx does not know."""
    text = re.sub(r"\]\((?:\.\./)+CHANGELOG\.md\)", "](changelog.md)", text)
    text = re.sub(r"\]\(docs/", "](", text)
    text = re.sub(r"\]\(\.\./(pictures/)", r"](\1", text)
    text = re.sub(r"\[([^]]+)\]\(\.\./([a-z/-]+)\.md\)", r'<a href="../\2.html">\1</a>', text)
    return re.sub(r"(literalinclude\} )(?:\.\./)+(inventories/)", r"\1\2", text)
