"""A sentence of the core in another language, and which language this process speaks."""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Final

from floatip.model.messages import Said

NAMES: Final = {"en": "English", "ru": "Русский"}
CATALOGUES = Path(__file__).parent
VARIABLE: Final = "FLOATIP_LANGUAGE"
"""The environment variable that goes before those of the system: what `--language` sets, for child processes too."""
CLICK: Final = "click"
"""The catalogue of what click says by itself."""
DECIMAL_SIGNS: Final = {"ru": ","}
SECONDS: Final = ("seconds", "delay", "nobody", "apart")
"""Names of values that are seconds as people read them, not as an inventory has them."""
UNTRANSLATED: Final = ("", "C", "POSIX")
"""Locales in which gettext translates nothing, whatever LANGUAGE says."""


def offered() -> dict[str, str]:
    """Code → name of the languages that floatip speaks: English, and those with a catalogue."""
    return {code: name for code, name in NAMES.items() if code == "en" or (CATALOGUES / code).is_dir()}


def current() -> str:
    """The language of this process: the own variable, else what gettext of the C library would choose."""
    own = os.environ.get(VARIABLE, "")
    if own in offered():
        return own
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in names if name), "")
    if locale.split(".")[0] in UNTRANSLATED:
        return "en"
    wanted = [*os.environ.get("LANGUAGE", "").split(":"), locale]
    codes = (re.split("[_.@]", name)[0].lower() for name in wanted)
    return next((code for code in codes if code in offered()), "en")


@contextmanager
def speaking(language: str = "") -> Iterator[None]:
    """Speak this language while the block runs, else the one of this process; click and child processes too."""
    before = {name: os.environ.get(name) for name in (VARIABLE, "LANGUAGE")}
    domain = gettext.textdomain()
    gettext.bindtextdomain(CLICK, str(CATALOGUES))
    gettext.textdomain(CLICK)
    use(language or current())
    try:
        yield
    finally:
        gettext.textdomain(domain)
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def use(language: str) -> None:
    """Speak this language from now on. `LANGUAGE` is where Python's gettext looks, and so click."""
    os.environ[VARIABLE] = os.environ["LANGUAGE"] = language


def tell(text: object, language: str = "") -> str:
    """A sentence, with what is filled in, in this language, else in the one of this process; other text as it is."""
    if not isinstance(text, Said) or not text.template:  # gettext's answer to "" would be the catalogue's header
        return str(text)
    code = language or current()
    template = translated(text.template, code)
    return template.format(**{name: number(name, tell(value, code), code) for name, value in text.values.items()})


def spoken(text: Said) -> Said:
    """The same sentence, of which the text itself is in the language of this process."""
    found = Said(tell(text))
    found.template, found.values, found.code = text.template, text.values, text.code
    return found


def translated(message: str, language: str) -> str:
    """A message of the catalogue; the message itself where there is no translation."""
    return _catalogue(CATALOGUES, language).gettext(message)


def paragraphs(text: str) -> list[str]:
    """The help of a command as it is translated: a message a paragraph, each on one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", cleandoc(text)) if part.strip()]


@cache
def _catalogue(directory: Path, language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", directory, [language], fallback=True)


def number(name: str, text: str, language: str) -> str:
    """What is filled in as `name`; seconds as the reader writes them: 3.9 or 3,9."""
    if name in SECONDS and re.fullmatch(r"[0-9]+\.[0-9]+", text):
        return text.replace(".", DECIMAL_SIGNS.get(language, "."))
    return text
