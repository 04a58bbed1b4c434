"""Reading what is named on the command line, and refusing it."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from floatip.hosts import ssh_errors
from floatip.hosts.ssh_errors import visible
from floatip.keepalived.conf import masking
from floatip.language import telling
from floatip.model import diffs, inventory, reasons
from floatip.model.cluster import Cluster
from floatip.model.inventory import directory
from floatip.model.messages import Said, say
from floatip.model.problems import LABELS, Level, Problem, errors

UNREAD = 141
"""The exit code where nobody reads the output any more: what a shell has for a program that SIGPIPE has ended."""
COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "cyan"}
FILE = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")

HEAD = re.compile(rf"(---|\+\+\+) (\S+) ({diffs.NOW}|{diffs.THEN})")
SIDES = {diffs.NOW: say("on the server"), diffs.THEN: say("by the inventory")}
"""What stands above a difference → which of the two it is."""
HEADS = {
    f"--- {diffs.DEPLOYED}": say("--- what runs now"),
    f"+++ {diffs.UNDEPLOYED}": say("+++ what is not deployed yet"),
}
"""The same of a whole inventory."""


def shown(text: object) -> str:
    """A message in the language of this process, or other text; without what steers a terminal."""
    return visible(telling.tell(text))


def compared(line: str) -> str:
    """A line of a difference: what floatip itself has written there is in the language of this process."""
    line = telling.tell(HEADS.get(line, line))
    if head := HEAD.fullmatch(line):
        line = f"{head[1]} {head[2]} ({telling.tell(SIDES[head[3]])})"
    for mask in (masking.OLD, masking.NEW):
        line = line.replace(mask, telling.tell(mask))
    return visible(line)


def usable(file: Path, as_json: bool) -> list[Cluster]:
    """The clusters of a file; ends with code 2 and all problems where there is an error."""
    parsed = inventory.attempt(file)
    problems = errors(problem for result in parsed for problem in result.problems)
    if problems:
        if as_json:
            print_json({"ok": False, "problems": [problem.as_dict() for problem in problems]})
        else:
            print_problems(problems)
        raise SystemExit(2)
    return [result.cluster for result in parsed if result.cluster]


def single_file(given: Sequence[Path]) -> bool:
    """Whether a single file is named; a directory may have several."""
    return len(given) == 1 and not given[0].is_dir()


def expanded(given: Sequence[Path], as_json: bool) -> list[Path]:
    """The inventories that are named, those of a directory too; ends with code 2 where a directory has none."""
    for path in given:
        if path.is_dir() and not directory.files(path):
            refuse(say("{path} has no inventories (*.py).", path=path), error="no-inventories" if as_json else "")
    return directory.expanded(given)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several: not well, then a wrong file, then what cannot be known."""
    found = set(codes)
    return next((code for code in (1, 2, 3) if code in found), 0)


def only(file: Path, as_json: bool) -> Cluster:
    """The one cluster of a file; ends with code 2 where there are several."""
    clusters = usable(file, as_json)
    if len(clusters) > 1:
        error = "several-clusters" if as_json else ""
        refuse(say("{file} describes several clusters: keep one per file for this.", file=file), error=error)
    return clusters[0]


def mark(sign: str, colour: str, message: Said, *, err: bool = False) -> None:
    """A line with a coloured sign before it."""
    click.echo(f"{click.style(sign, fg=colour)} {shown(message)}", err=err)


def refuse(message: Said, code: int = 2, *, error: str = "", node: str = "") -> NoReturn:
    """Say why, and end. `error`: the code that a program gets, where one asked: {"ok": false, "error": {"code": …}}."""
    click.echo(click.style(f"{shown(LABELS[Level.ERROR])}: ", fg="red", bold=True) + shown(message), err=True)
    if error:
        print_json({"ok": False, "error": {"code": error, "node": node, "message": message}})
    raise SystemExit(code)


def confirm(question: Said) -> None:
    """Ask whether to go on; ends with code 1 where the answer is no, with 2 where nobody is there to answer."""
    try:
        click.confirm(shown(question), abort=True)
    except click.Abort as abort:
        if not isinstance(abort.__context__, EOFError):
            raise
    else:
        return
    click.echo()
    refuse(say("Nothing was done: there is no terminal to ask in. Use --yes to continue without a question."))


def unwritten(error: OSError) -> int:
    """Say what cannot be written on this computer; the exit code for it."""
    with suppress(OSError, ValueError):
        sys.stdout.close()  # what is left of it is lost, too
    if error.errno == errno.EPIPE:
        return UNREAD
    reason = reasons.of(error)
    named = error.filename is not None
    try:
        if named:
            refuse(
                say(
                    "{path} cannot be used: {reason}. Free it, or set XDG_STATE_HOME to another directory.",
                    path=error.filename,
                    reason=reason,
                )
            )
        refuse(say("The output cannot be written: {reason}. The command may have done its work.", reason=reason))
    except SystemExit:
        pass
    except OSError:
        with suppress(OSError, ValueError):
            sys.stderr.close()  # else Python tries once more at the end, and has a code of its own for that
    return 2 if named else 3


def print_problems(problems: Iterable[Problem]) -> None:
    """Each on standard error, with the way to fix it."""
    for problem in problems:
        level = click.style(shown(LABELS[problem.level]), fg=COLOURS[problem.level], bold=True)
        path = f" {click.style(visible(problem.path), bold=True)}" if problem.path else ""
        click.echo(f"{level}{path}: {shown(problem.message)}", err=True)
        if problem.hint:
            click.echo(f"      {shown(problem.hint)}", err=True)


def print_json(document: Any) -> None:
    """The one document on standard output."""
    click.echo(ssh_errors.document(document, indent=2))
