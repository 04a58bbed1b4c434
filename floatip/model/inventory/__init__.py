"""The inventory file: a pyinfra inventory of literals only, read without being run, written whole.

    lab = ([("d1", {…}), ("d2", {…})], {"vrrp_instances": {…}})

A file may bind several public names, one cluster each; floatip itself writes one.
"""

from __future__ import annotations

import ast
import keyword
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from floatip.model import atomic, passwords, reasons
from floatip.model.cluster import Cluster
from floatip.model.fields import Wrong, cluster_name
from floatip.model.inventory import beside, beside_files, keys
from floatip.model.inventory.data import group_data, hosts_data
from floatip.model.inventory.literal import pretty
from floatip.model.inventory.reading import Unreadable, contents, docstring, literal, statements, unreadable
from floatip.model.messages import say
from floatip.model.parse import Parsed, parse
from floatip.model.paths import started_in
from floatip.model.problems import Level, Problem, errors
from floatip.model.rules import several

HEADER = '"""Written by floatip: servers and their floating addresses. Literals only; edit it by hand if you like."""'


def bound_name(name: str) -> str:
    """The Python name that a cluster of this name is bound to."""
    identifier = name.replace("-", "_")
    usable = identifier.isidentifier() and not keyword.iskeyword(identifier)
    return identifier if usable else f"cluster_{identifier}"


def loads(text: str, filename: str = "inventory.py", directory: Path | None = None) -> tuple[Parsed, ...]:
    """Every cluster in the text of an inventory; never runs it. `directory`: where its `group_data` may be.

    A cluster is called like the file where that is what the bound name stands for (`my-lab.py`
    binds `my_lab`), else like the bound name.
    """
    shown = os.path.basename(filename)
    stem = shown.removesuffix(".py")
    try:
        bindings = _bindings(text, shown)
        names = [name for name, _ in bindings]
        groups = beside.read(directory, dict.fromkeys((*names, stem, "all"))) if directory else {}
    except Unreadable as error:
        return (Parsed(None, (error.problem,)),)
    found = [
        _parsed(stem if bound_name(stem) == name else name, _added(value, groups.get(name, {})), shown)
        for name, value in bindings
    ]
    rest = beside.misplaced({name: data for name, data in groups.items() if name not in names})
    return tuple(_with(parsed, rest) for parsed in _told_apart(found))


def _added(value: object, data: dict[str, Any]) -> object:
    """A cluster with what `group_data` says of it, which pyinfra prefers."""
    return (value[0], {**value[1], **data}) if data and _is_pair(value) else value


def _told_apart(found: Sequence[Parsed]) -> list[Parsed]:
    problems = several.check([parsed.cluster for parsed in found if parsed.cluster])
    return [_with(parsed, problems.get(parsed.name, ())) for parsed in found]


def _with(parsed: Parsed, problems: Sequence[Problem]) -> Parsed:
    every = (*parsed.problems, *problems)
    return replace(parsed, cluster=None if errors(problems) else parsed.cluster, problems=every)


def raw(text: str, filename: str) -> tuple[list[list[Any]], dict[str, Any]] | Problem:
    """The values of the one cluster in the text, unjudged: its servers and its data, or why they cannot be had."""
    shown = os.path.basename(filename)
    try:
        bindings = _bindings(text, shown)
    except Unreadable as error:
        return error.problem
    if len(bindings) > 1:
        names = ", ".join(name for name, _ in bindings)
        return Problem(
            shown,
            "several",
            say("{shown} describes {count} clusters: {names}.", shown=shown, count=len(bindings), names=names),
            say("Keep one per file."),
        )
    ((name, value),) = bindings
    if _is_pair(value) and isinstance(value[0], list | tuple) and all(_is_pair(host) for host in value[0]):
        return [list(host) for host in value[0]], value[1]
    return _no_cluster(name, shown)


def read(path: str | os.PathLike[str], missing: Level = Level.WARNING) -> tuple[Parsed, ...]:
    """Every cluster in an inventory file. OSError where it cannot be opened. `missing`: how bad it is that a script
    beside it is not there; who only looks at servers can do without."""
    place = Path(path)
    try:
        found = loads(contents(place, place.name), place.name, place.parent)
    except Unreadable as error:
        return (Parsed(None, (error.problem,)),)
    return tuple(_found(cluster, place, missing) for cluster in found)


def _found(parsed: Parsed, file: Path, missing: Level) -> Parsed:
    """With what has to be known of the file's place."""
    if parsed.cluster is None:
        return parsed
    cluster, unknown = passwords.resolved(keys.whole(parsed.cluster, started_in(file)), Level.WARNING)
    cluster, absent = beside_files.texts(cluster, file.parent, missing)
    return _with(replace(parsed, cluster=cluster), (*keys.check(parsed.cluster, file), *unknown, *absent))


def attempt(path: str | os.PathLike[str], missing: Level = Level.WARNING) -> tuple[Parsed, ...]:
    """The same; where the file cannot be opened, one problem that says why."""
    try:
        return read(path, missing)
    except OSError as error:
        reason = reasons.of(error)
        message = say("{file} cannot be read: {reason}.", file=path, reason=reason)
        return (Parsed(None, (Problem(str(path), "unreadable", message, say("Name an inventory file.")),)),)


def obstacles(path: str | os.PathLike[str]) -> tuple[Problem, ...]:
    """Why the file cannot be deployed: all its errors. Nothing where it can be."""
    return errors(problem for parsed in attempt(path) for problem in parsed.problems)


def dumps(cluster: Cluster) -> str:
    """The canonical text: same cluster, same bytes. Proved to be literals that read back as this cluster."""
    value = (hosts_data(cluster), group_data(cluster))
    text = f"{HEADER}\n\n{bound_name(cluster.name)} = {pretty(value)}\n"
    parsed = loads(text, f"{cluster.name}.py")
    if len(parsed) != 1 or parsed[0].cluster != cluster:
        reasons = "; ".join(str(problem) for result in parsed for problem in result.problems)
        raise ValueError(f"cluster {cluster.name!r} does not survive being written: {reasons}")
    return text


def save(cluster: Cluster, directory: str | os.PathLike[str]) -> Path:
    """Write `<name>.py` into `directory` in one step: the file is whole, or still the old one.

    ValueError for a name that is no file name of ours, and for a target that is a link.
    """
    try:
        target = Path(directory) / f"{cluster_name(cluster.name)}.py"
    except Wrong as wrong:
        raise ValueError(f"The name of the cluster {wrong.text}") from wrong
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise ValueError(f"{target} is not a plain file; floatip does not write through links.")
    atomic.write(target, dumps(cluster), atomic.PUBLIC)
    return target


def _parsed(name: str, value: object, shown: str) -> Parsed:
    if _is_pair(value):
        hosts, data = value
        return parse(name, hosts, data)
    return Parsed(None, (_no_cluster(name, shown),), name)


def _is_pair(value: object) -> TypeGuard[tuple[Any, dict[str, object]]]:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], dict)  # lists say nothing to pyinfra


def _no_cluster(name: str, shown: str) -> Problem:
    hint = say("Write {name} = ([(server, {{…}}), …], {{…}}).", name=name)
    return Problem(
        name,
        "not-a-cluster",
        say("{name} in {shown} is no pair of servers and cluster data.", name=name, shown=shown),
        hint,
    )


def _bindings(text: str, shown: str) -> list[tuple[str, object]]:
    found: dict[str, object] = {}
    for number, statement in enumerate(statements(text, shown)):
        if number == 0 and docstring(statement):
            continue
        name, value = _binding(statement, shown)
        if name in found:
            raise unreadable(
                shown,
                statement,
                "duplicate-name",
                say("defines {name} a second time", name=name),
                say("Keep one of them."),
            )
        found[name] = literal(value, shown)
    if not found:
        hint = say("Write NAME = ([(server, {{…}}), …], {{…}}).")
        raise Unreadable(Problem(shown, "no-cluster", say("{shown} describes no cluster.", shown=shown), hint))
    return list(found.items())


def _binding(statement: ast.stmt, shown: str) -> tuple[str, ast.expr]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name) and not target.id.startswith("_"):
            return target.id, statement.value
    hint = say("An inventory holds only NAME = ([…], {{…}}); floatip does not run it.")
    raise unreadable(shown, statement, "not-literal", say("holds something other than a cluster"), hint)
