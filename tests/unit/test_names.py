"""A name says what it names: some that would fit anything are not used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.paths import ROOT

ROOMS = ("floatip", "wizard", "lab", "tests")
VAGUE = frozenset({"one", "told", "heard", "_told", "told_of", "strangers"})


def named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The variables, parameters, functions and attributes that a module makes, with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name


@pytest.mark.parametrize("room", ROOMS)
def test_no_name_fits_anything(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    found = [f"{_place(path)}:{line} {name}" for path in files for line, name in _vague(path)]
    assert found == []


def test_a_vague_name_is_found() -> None:
    text = "def told(heard):\n    return [one for one in heard]\n"
    assert sorted(name for _, name in named(ast.parse(text)) if name in VAGUE) == ["heard", "one", "told"]


def _vague(path: Path) -> Iterator[tuple[int, str]]:
    return ((line, name) for line, name in named(ast.parse(path.read_text("utf-8"))) if name in VAGUE)


def _place(path: Path) -> Path:
    return path.relative_to(ROOT)
