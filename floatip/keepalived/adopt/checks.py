"""The health checks of all servers: those of which floatip knows a better kind, and those that it cannot run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from floatip.keepalived.adopt import commands
from floatip.keepalived.adopt.blocks import File
from floatip.keepalived.adopt.findings import Code, Notes, shown
from floatip.keepalived.adopt.questions import Asked, Asking
from floatip.keepalived.adopt.tracking import named
from floatip.keepalived.conf import Statement
from floatip.model.messages import Said, say
from floatip.model.settings import KINDS

NONE = "none"
"""The answer that leaves a check out."""


def choose(
    scripts: dict[str, dict[str, Any]], read: Mapping[str, File], notes: Mapping[str, Notes], asking: Asking
) -> set[str]:
    """Ask about commands; the checks that run something else from now on. One that is left out has no kind."""
    changed = set()
    for name, script in scripts.items():
        check = commands.settings(script)
        if check is None or check[0] != "command":
            continue
        better = commands.better(check[1])
        if better and commands.certain(check[1]):
            _tell(name, better, read, notes)
            chosen: commands.Check | tuple[()] | None = better
        else:
            chosen = _ask(name, check[1], read, asking)
        if chosen is not None:
            changed.add(name)
            for kind in KINDS:
                script.pop(kind, None)
            script.update([chosen] if chosen else [])
    return changed


def _tell(name: str, check: commands.Check, read: Mapping[str, File], notes: Mapping[str, Notes]) -> None:
    why = say("floatip's own check tests the same: {kind} {target}.", kind=check[0], target=check[1])
    for node, file in read.items():
        for statement in file.checks[name].body or [] if name in file.checks else ():
            if statement.keyword == "script":
                notes[node].changed(statement.line, statement.text, Code.CHECK, why)


def _ask(name: str, command: str, read: Mapping[str, File], asking: Asking) -> commands.Check | tuple[()] | None:
    """Another kind and target; nothing at all for none; None for the command as it is."""
    whole = command.startswith("/") and commands.usable(("command", command))
    better = commands.better(command)
    kept = ("command", command) if whole else commands.plain(command)
    if whole and not better:
        return None
    nodes = tuple(node for node, file in read.items() if name in file.checks)
    line = _line(read[nodes[0]].checks[name]) if nodes else 0
    options = [" ".join(command) for command in (better, kept) if command] + [NONE]
    text = _why(name, command, better, kept)
    answer = asking.choose(Asked.CHECK, f"check {name}", (nodes, line), text, *options)
    return commands.typed(answer) or (() if answer == NONE else better or kept or ())


def _why(name: str, command: str, better: commands.Check | None, kept: commands.Check | None) -> Said:
    shows = {"name": name, "command": shown(command)}
    if better:
        return say("Health check {name} runs `{command}`. floatip has a kind of check for that.", **shows)
    if kept:
        return say("Health check {name} runs `{command}`. floatip needs the absolute path, without quotes.", **shows)
    return say("Health check {name} runs `{command}`. Put this into a script, and use that script.", **shows)


def _line(block: Statement) -> int:
    return next((child.line for child in block.body or [] if child.keyword == "script"), block.line)


def lost(scripts: dict[str, dict[str, Any]], read: Mapping[str, File], notes: Mapping[str, Notes]) -> set[str]:
    """Checks that look at nothing are left out, and whoever tracks them does not any more: said together."""
    gone = {name for name, script in scripts.items() if commands.settings(script) is None}
    for name in gone:
        del scripts[name]
        for node, file in read.items():
            if name in file.checks:
                why = say("This check cannot be run; it is left out, and so is its name in track_script.")
                notes[node].left(file.checks[name], why)
    return gone


def untrack(instances: Mapping[str, dict[str, Any]], name: str) -> None:
    """Have no instance track a check any more."""
    for block in instances.values():
        tracked = [entry for entry in block.pop("track_script", []) if named(entry) != name]
        block.update({"track_script": tracked} if tracked else {})
