"""The help of a command, in the language that is spoken."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

import click

from floatip.language import telling
from floatip.model.messages import say

C = TypeVar("C", bound=click.Command)


def spoken(command: C) -> C:
    """The same command, with its help and that of its options in the language of this process."""
    language = telling.current()
    found = copy(command)
    found.help = _translated(command.help, language)
    found.params = [_parameter(parameter, language) for parameter in command.params]
    found._help_option = None  # was made in the language of before
    found.options_metavar = telling.tell(say("[OPTIONS]"), language)
    return found


def _parameter(parameter: click.Parameter, language: str) -> click.Parameter:
    if not isinstance(parameter, click.Option):
        return parameter
    found = copy(parameter)
    found.help = _translated(parameter.help, language)
    return found


def _translated(text: str | None, language: str) -> str | None:
    if text is None:
        return None
    return "\n\n".join(telling.translated(paragraph, language) for paragraph in telling.paragraphs(text))
