"""English or Russian: as the browser prefers, until somebody presses the switch.

What the core or the wizard says (`floatip.words.say`) is told in the reader's language wherever a template shows it.
What comes back from a log as plain text is recalled: the catalogue's sentences are the only ones it can have been.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup

from floatip.words import Said, all_of, say

NAMES = {"en": "English", "ru": "Русский"}
CATALOGUES = Path(__file__).parent / "translations"
END = re.compile(r"(?<=[.:?]) ")  # of a sentence
FEWEST = 6  # letters of its own by which a sentence is known again


def speak(app: Flask) -> None:
    """Give the application its languages; templates get `_`, the filter `tell` and the name of the language."""
    Babel(app, locale_selector=chosen)
    app.jinja_env.finalize = lambda value: tell(value) if isinstance(value, Said) else value
    app.jinja_env.filters.update(tell=tell, recall=recall, marked=marked)
    app.jinja_env.globals.update(languages=offered, language=current, all_of=lambda names: tell(all_of(names)))
    app.jinja_env.globals["code"] = Markup("<code>{}</code>").format


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
    if not isinstance(text, Said) or not text.template:
        return str(text)  # gettext's answer to "" would be the catalogue's header
    template: str = gettext(text.template)
    return template.format(**{name: tell(value) for name, value in text.values.items()})


def marked(text: object) -> Markup:
    """The same, with what stands between `backticks` marked as code."""
    parts = tell(text).split("`")
    if len(parts) % 2 == 0:  # not in pairs
        return Markup.escape("`".join(parts))
    code = Markup('<code lang="en">{}</code>').format
    return Markup("").join(code(part) if number % 2 else part for number, part in enumerate(parts))


def recall(text: str) -> str:
    """A text that was written down in English, in the language of the reader; as it is where nobody knows it."""
    if isinstance(text, Said):
        return tell(text)
    return tell(_recalled(text, current())) if current() != "en" else text


def _recalled(text: str, language: str) -> str:
    path = re.match(r"[\w.]+: ", text)
    if path:
        return path[0] + tell(_recalled(text[path.end() :], language))
    found = _whole(text, language)
    if found is not None:
        return found
    for cut in END.finditer(text):  # a message and its hint stand in one line
        known = _whole(text[: cut.start()], language)
        if known is not None:
            return f"{tell(known)} {tell(_recalled(text[cut.end() :], language))}"
    return text


def _whole(text: str, language: str) -> Said | None:
    for pattern, template in _sentences(language):
        found = pattern.fullmatch(text)
        values = {name: _whole(value, language) or value for name, value in found.groupdict().items()} if found else {}
        if found and all(isinstance(value, Said) or not END.search(value) for value in values.values()):
            return say(template, **values)
    return None


@cache
def _sentences(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Everything that can be said, as a pattern and its template; those with the most words of their own first."""
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        templates = [one.id for one in read_po(file) if isinstance(one.id, str) and "%(" not in one.id]
    own = {template: len(re.sub(r"\{\w+\}", "", template)) for template in templates}
    some = sorted((template for template in templates if own[template] >= FEWEST), key=lambda one: -own[one])
    return tuple((_pattern(template), template) for template in some)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    seen: set[str] = set()
    made = ""
    for number, part in enumerate(parts):
        text = part.replace("{{", "{").replace("}}", "}")
        made += re.escape(text) if number % 2 == 0 else f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
        seen |= {part} if number % 2 else set()
    return re.compile(made)
