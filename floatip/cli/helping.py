"""The help of a command, in the language that is spoken."""

from __future__ import annotations

import re
from copy import copy
from typing import TypeVar

import click

from floatip.language import telling
from floatip.model.messages import say

C = TypeVar("C", bound=click.Command)
METAVARS = (
    *(say("FILE"), say("SERVER"), say("INSTANCE"), say("NAME"), say("USER"), say("ADDRESS"), say("PREFIX")),
    *(say("PORT"), say("NUMBER"), say("SECONDS"), say("DIRECTORY"), say("NEW")),
)
"""What stands for a value in a help page; a metavar is made of these."""


def spoken(command: C) -> C:
    """The same command, with its help and that of its options in the language of this process."""
    language = telling.current()
    found = copy(command)
    found.help = _translated(command.help, language)
    found.params = [_parameter(parameter, language) for parameter in command.params]
    found._help_option = None  # was made in the language of before
    found.options_metavar = telling.tell(say("[OPTIONS]"), language)
    if isinstance(found, click.Group):
        found.subcommand_metavar = telling.tell(say("COMMAND [ARGS]..."), language)
    return found


def _parameter(parameter: click.Parameter, language: str) -> click.Parameter:
    found = copy(parameter)
    if found.metavar:
        found.metavar = re.sub("[A-Z]+", lambda word: telling.translated(word[0], language), found.metavar)
    if isinstance(found, click.Option):
        found.help = _translated(found.help, language)
    return found


def _translated(text: str | None, language: str) -> str | None:
    if text is None:
        return None
    return "\n\n".join(telling.translated(paragraph, language) for paragraph in telling.paragraphs(text))
