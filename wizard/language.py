"""English or Russian: as the browser prefers, until somebody presses the switch.

What the core or the wizard says (`floatip.model.messages.say`) is told in the reader's language wherever a template
shows it. What comes from a run's events has kept its template; nothing is looked up the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from babel.numbers import get_decimal_symbol
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale, gettext, refresh
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from floatip.model.messages import Said, all_of, any_of
from wizard.show import progress

NAMES = {"en": "English", "ru": "Русский"}
CATALOGUES = Path(__file__).parent / "translations"


def speak(app: Flask) -> None:
    """Give the application its languages; templates get `_`, the filter `tell` and the name of the language."""
    Babel(app, locale_selector=chosen)
    app.jinja_env.globals["gettext"] = _telling(app.jinja_env.globals["gettext"])
    app.jinja_env.finalize = lambda value: tell(value) if isinstance(value, Said) else value
    app.jinja_env.filters.update(tell=tell, marked=marked)
    app.jinja_env.globals.update(
        languages=offered,
        language=current,
        all_of=lambda names: tell(all_of(names)),
        any_of=lambda names: tell(any_of(names)),
    )
    app.jinja_env.globals["code"] = Markup("<code>{}</code>").format


def _telling(said: Any) -> Callable[..., str]:
    """The templates' gettext; what is filled in and was said itself is told in the same language."""

    @pass_context
    def gettext(context: Context, text: str, **values: object) -> str:
        told = {name: _told(name, value) for name, value in values.items()}
        shown: str = said(context, text, **told)
        return shown

    return gettext


def _told(name: str, value: object) -> object:
    return tell(value) if isinstance(value, Said) else _number(name, value) if isinstance(value, str) else value


def offered() -> dict[str, str]:
    """Code → name of the languages that the wizard speaks: English, and those with a catalogue."""
    return {code: name for code, name in NAMES.items() if code == "en" or (CATALOGUES / code).is_dir()}


def chosen() -> str:
    """The language of this request."""
    kept = session.get("language") if has_request_context() else None
    return kept if kept in offered() else request.accept_languages.best_match(offered()) or "en"


def switched() -> bool:
    """Whether a language was asked for with this form; it is spoken from now on."""
    if request.form.get("language") not in offered():
        return False
    session["language"] = request.form["language"]
    refresh()
    return True


def current() -> str:
    """The language that is spoken now, as HTML names it."""
    return str(get_locale())


def tell(text: object) -> str:
    """A text of the core, or what stands in one, in the language of the reader; without what steers a terminal."""
    if not isinstance(text, Said) or not text.template:
        return progress.plain(str(text))  # gettext's answer to "" would be the catalogue's header
    template: str = gettext(text.template)
    return template.format(**{name: _number(name, tell(value)) for name, value in text.values.items()})


def _number(name: str, text: str) -> str:
    """Seconds as the reader writes them: 3.9 or 3,9."""
    if name != "seconds" or not re.fullmatch(r"[0-9]+\.[0-9]+", text):
        return text
    return text.replace(".", get_decimal_symbol(get_locale()))


def marked(text: object) -> Markup:
    """The same, with what stands between `backticks` marked as code."""
    parts = tell(text).split("`")
    if len(parts) % 2 == 0:  # not in pairs
        return Markup.escape("`".join(parts))
    code = Markup('<code lang="en">{}</code>').format
    return Markup("").join(code(part) if number % 2 else part for number, part in enumerate(parts))
