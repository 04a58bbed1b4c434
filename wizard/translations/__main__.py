"""Read the sources, add what is new to each catalogue, take out what is gone, compile."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
METHODS = [("floatip/**.py", "python"), ("wizard/**.py", "python"), ("wizard/templates/**.html", "jinja2")]
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
KEYWORDS = {**DEFAULT_KEYWORDS, "say": None}


def said() -> Catalog:
    """Everything that the sources can say. No line numbers: they would change with every edit."""
    found = Catalog()
    for name, _, message, _, _ in extract_from_dir(ROOT, METHODS, keywords=KEYWORDS, directory_filter=_ours):
        if isinstance(message, str) and message:
            found.add(message, locations=[(str(name), 0)])
    return found


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


def main() -> None:
    """Every language."""
    template = said()
    for file in sorted(HERE.glob("*/LC_MESSAGES/messages.po")):
        catalog = translated(file)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        with file.open("wb") as target:
            write_po(target, catalog, width=0, omit_header=True, include_lineno=False)
        file.with_suffix(".mo").write_bytes(compiled(catalog))
        missing = [message.id for message in catalog if message.id and not message.string]
        print(f"{file.parent.parent.name}: {len(catalog)} sentences, {len(missing)} without a translation")
        for message in missing[:20]:
            print(f"  {message}")


def _ours(path: str) -> bool:
    return Path(path) == ROOT or Path(path).relative_to(ROOT).parts[0] in ("floatip", "wizard")


if __name__ == "__main__":
    main()
