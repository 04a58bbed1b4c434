"""The questions of adopting: asked in a terminal, else noted with their answers in the inventory."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping

import click

from floatip.cli.shared import shown
from floatip.hosts.ssh_errors import visible
from floatip.keepalived import adopt as adopting
from floatip.keepalived.adopt import Adopted, Question
from floatip.keepalived.adopt.own import Addresses
from floatip.keepalived.conf import Source
from floatip.model.messages import say

WIDTH = 118
HEAD = "Decided during the import, since the files do not say it. Check each, and change what is wrong."


def possible() -> bool:
    """Whether somebody is there to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def asked(files: Mapping[str, Source], addresses: Mapping[str, Addresses]) -> tuple[Adopted, bool]:
    """Ask until nothing is left to ask: an answer may bring up another question."""
    given: dict[str, str] = {}
    while True:
        found = adopting.adopt(files, addresses, given)
        open_ones = [question for question in found.questions if not _answered(question, given)]
        if not open_ones:
            return found, True
        given |= _ask(open_ones[0])


def _answered(question: Question, given: Mapping[str, str]) -> bool:
    return all(question.blank(name) in given for name, _ in question.choices)


def _ask(question: Question) -> dict[str, str]:
    click.echo(f"{click.style(question.place, bold=True)} {shown(question.text)}", err=True)
    if question.others:
        others = ", ".join(dict.fromkeys((question.choices[0][1], *question.others)))
        possible = say("Possible: {answers}", answers=others)
        click.echo(f"     {shown(possible)}", err=True)
    return {
        question.blank(name): click.prompt(f"     {name}".rstrip(), default=value, err=True)
        for name, value in question.choices
    }


def print_questions(questions: Iterable[Question]) -> None:
    """What was decided, on standard error."""
    for question in questions:
        decided = click.style(shown(say("decided")), fg="magenta", bold=True)
        head = f"{decided} {click.style(question.place, bold=True)}"
        click.echo(f"{head}: {shown(question.choice)}\n     {shown(question.text)}", err=True)


def noted(text: str, questions: Iterable[Question]) -> str:
    """The text of an inventory with a comment on each question: what was chosen, why, and what else there is."""
    lines = [line for question in questions for line in _comment(question)]
    if not lines:
        return text
    head, _, rest = text.partition("\n\n")
    return "\n".join([head, "", f"# {HEAD}", *lines, "", rest])


def _comment(question: Question) -> list[str]:
    others = f" Or: {', '.join(question.others)}." if question.others else ""
    comment = visible(f"{question.place}: {question.choice}. {question.text}{others}")
    return textwrap.wrap(comment, WIDTH, initial_indent="#   ", subsequent_indent="#     ", break_long_words=False)
