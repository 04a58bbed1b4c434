"""Read the sources, add what is new to each catalogue, take out what is gone, compile."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from floatip.language import telling
from floatip.language.telling import CATALOGUES


def of_commands(
    file: IO[bytes], keywords: Mapping[str, Any], tags: Sequence[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, Any, Any, Any]]:
    """What a module of the command line says, with the help of its commands and options."""
    yield from extract_python(file, keywords, tags, options)  # type: ignore[arg-type]
    file.seek(0)
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.FunctionDef) and any(map(_makes_command, node.decorator_list)):
            yield from ((node.lineno, "say", text, []) for text in telling.paragraphs(ast.get_docstring(node) or ""))
        elif isinstance(node, ast.keyword) and node.arg == "help" and isinstance(node.value, ast.Constant):
            yield from ((node.value.lineno, "say", text, []) for text in telling.paragraphs(str(node.value.value)))


def _makes_command(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in ("command", "group")


ROOT = CATALOGUES.parent.parent
METHODS: list[tuple[str, Any]] = [
    ("floatip/cli/**.py", of_commands),
    ("floatip/**.py", "python"),
    ("wizard/**.py", "python"),
    ("wizard/templates/**.html", "jinja2"),
]
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
KEYWORDS = {**DEFAULT_KEYWORDS, "say": None}


def said() -> Catalog:
    """Everything that the sources can say. No line numbers: they would change with every edit."""
    found = Catalog()
    for name, _, message, _, _ in extract_from_dir(ROOT, METHODS, keywords=KEYWORDS, directory_filter=_ours):
        if message:
            found.add(message, locations=[(str(name), 0)])
    return found


def of_click() -> Catalog:
    """What click says by itself: its heads of a help page and its errors."""
    found = Catalog()
    directory = Path(inspect.getfile(click)).parent
    for _, _, message, _, _ in extract_from_dir(directory, [("**.py", "python")]):
        if message:
            found.add(message, locations=[("click", 0)])
    return found


DOMAINS = {"messages": said, telling.CLICK: of_click}
"""The name of a catalogue → what has to be in it."""


def files() -> Iterator[tuple[str, Path]]:
    """(domain, file) of all catalogues."""
    return ((domain, file) for domain in DOMAINS for file in sorted(CATALOGUES.glob(f"*/LC_MESSAGES/{domain}.po")))


def translated(file: Path) -> Catalog:
    """The catalogue of one language."""
    with file.open("rb") as source:
        return read_po(source, locale=file.parent.parent.name)


def compiled(catalog: Catalog) -> bytes:
    """As gettext reads it; the same sentences give the same bytes."""
    target = BytesIO()
    catalog.fuzzy = False
    catalog.creation_date = catalog.revision_date = EPOCH
    write_mo(target, catalog)
    return target.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """The messages without a translation, or without one of its forms."""
    return [_first(message.id) for message in catalog if message.id and not all(forms(message.string or ""))]


def main() -> None:
    """Every language."""
    for domain, file in files():
        catalog = translated(file)
        catalog.update(DOMAINS[domain](), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        with file.open("wb") as target:
            write_po(target, catalog, width=0, omit_header=True, include_lineno=False)
        file.with_suffix(".mo").write_bytes(compiled(catalog))
        missing = untranslated(catalog)
        print(f"{file.parent.parent.name} {domain}: {len(catalog)} messages, {len(missing)} without a translation")
        for message in missing[:20]:
            print(f"  {message}")


def forms(text: str | Iterable[str]) -> tuple[str, ...]:
    """A message or translation; both or all three, where its number matters."""
    return (text,) if isinstance(text, str) else tuple(text)


def _first(text: str | Iterable[str]) -> str:
    return forms(text)[0]


def _ours(path: str) -> bool:
    return Path(path) == ROOT or Path(path).relative_to(ROOT).parts[0] in ("floatip", "wizard")


if __name__ == "__main__":
    main()
