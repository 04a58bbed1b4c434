"""English or Russian: as the browser prefers, until somebody presses the switch."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale, gettext

from floatip.words import Said

NAMES = {"en": "English", "ru": "Русский"}
CATALOGUES = Path(__file__).parent / "translations"


def speak(app: Flask) -> None:
    """Give the application its languages; templates get `_`, the filter `tell` and the name of the language."""
    Babel(app, locale_selector=chosen)
    app.jinja_env.filters["tell"] = tell
    app.jinja_env.globals.update(languages=offered, language=current)


def offered() -> dict[str, str]:
    """Code → name of the languages that the wizard speaks: English, and those with a catalogue."""
    return {code: name for code, name in NAMES.items() if code == "en" or (CATALOGUES / code).is_dir()}


def chosen() -> str:
    """The language of this request."""
    kept = session.get("language") if has_request_context() else None
    return kept if kept in offered() else request.accept_languages.best_match(offered()) or "en"


def current() -> str:
    """The language that is spoken now, as HTML names it."""
    return str(get_locale())


def tell(text: object) -> str:
    """A text of the core, or what stands in one, in the language of the reader."""
    if not isinstance(text, Said):
        return str(text)
    template: str = gettext(text.template)
    return template.format(**{name: tell(value) for name, value in text.values.items()})
