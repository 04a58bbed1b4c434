"""English or Russian: as the browser prefers, until somebody presses the switch.

What the core or the wizard says (`floatip.model.messages.say`) is told in the reader's language wherever a template
shows it. What comes from a run's events has kept its template; nothing is looked up the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale, refresh
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from floatip.language import telling
from floatip.language.telling import offered
from floatip.model.messages import Said, all_of, any_of
from wizard.show import progress


def speak(app: Flask) -> None:
    """Give the application its languages; templates get `_`, the filter `tell` and the name of the language."""
    directory = str(telling.CATALOGUES)
    Babel(app, locale_selector=chosen, default_translation_directories=directory)
    app.jinja_env.globals["gettext"] = _telling(app.jinja_env.globals["gettext"])
    app.jinja_env.finalize = lambda value: tell(value) if isinstance(value, Said) else value
    app.jinja_env.filters.update(tell=tell, marked=marked, seconds=seconds)
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
        filled = {name: _filled_in(name, value) for name, value in values.items()}
        shown: str = said(context, text, **filled)
        return shown

    return gettext


def _filled_in(name: str, value: object) -> object:
    if isinstance(value, Said):
        return tell(value)
    return telling.number(name, value, current()) if isinstance(value, str) else value


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
    return progress.plain(telling.tell(text, current()))


def seconds(number: float) -> str:
    """To hundredths, as the reader writes them: 3.91 or 3,91."""
    return telling.number("seconds", f"{number:.2f}", current())


def marked(text: object) -> Markup:
    """The same, with what stands between `backticks` marked as code."""
    parts = tell(text).split("`")
    if len(parts) % 2 == 0:  # not in pairs
        return Markup.escape("`".join(parts))
    code = Markup('<code lang="en">{}</code>').format
    return Markup("").join(code(part) if number % 2 else part for number, part in enumerate(parts))
