"""Who may import whom, as the folders say: a room knows only those above it in the map of its package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAPS = {
    init.parent.relative_to(ROOT): re.findall(r"^    (\w+) ", text, re.MULTILINE)
    for init in sorted((ROOT / "floatip").rglob("__init__.py"))
    if "Rooms, from the ground up" in (text := ast.get_docstring(ast.parse(init.read_text())) or "")
}
"""The packages that say in which order their rooms stand, with that order."""
ROOMS = [(package, room) for package, order in MAPS.items() for room in order]
PURE = ("model", "keepalived", "server_side", "firewall", "change")
"""Rooms of values: no framework, no process, no connection."""
FRAMEWORKS = {"flask", "wtforms", "pyinfra", "click", "gevent", "paramiko"}
IMPURE = FRAMEWORKS | {"subprocess", "socket"}


def modules(package: str) -> list[Path]:
    """The files of a package."""
    return sorted((ROOT / package).rglob("*.py"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The full names of all modules that a file imports, at whatever depth."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms(package: str, path: Path) -> set[str]:
    """The rooms of a package that a file imports from."""
    return {found[1] for name in imports(path) if (found := re.match(rf"{re.escape(package)}\.(\w+)", name))}


@pytest.mark.parametrize("package", MAPS, ids=str)
def test_the_map_has_every_room(package: Path) -> None:
    assert set(MAPS[package]) == {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    assert {path.stem for path in (ROOT / package).glob("*.py")} <= {"__init__", "__main__"}


@pytest.mark.parametrize(("package", "room"), ROOMS, ids=str)
def test_a_room_imports_only_from_those_above_it(package: Path, room: str) -> None:
    above = set(MAPS[package][: MAPS[package].index(room) + 1])
    for path in modules(f"{package}/{room}"):
        assert rooms(".".join(package.parts), path) <= above, path.relative_to(ROOT)


def test_the_ten_rooms_and_those_of_the_deploy_say_their_order() -> None:
    assert {Path("floatip"), Path("floatip/deploy")} <= set(MAPS)


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_knows_no_framework_and_no_process(room: str) -> None:
    for path in modules(f"floatip/{room}"):
        tops = {name.split(".")[0] for name in imports(path)}
        assert tops <= set(sys.stdlib_module_names) - IMPURE | {"floatip", "jinja2"}, path.relative_to(ROOT)


def test_nothing_of_floatip_knows_the_lab_or_but_for_its_command_the_wizard() -> None:
    for path in modules("floatip"):
        tops = {name.split(".")[0] for name in imports(path)}
        assert "lab" not in tops and ("wizard" not in tops or path.parent.name == "cli"), path.relative_to(ROOT)


def test_the_wizard_never_imports_pyinfra() -> None:
    for path in modules("wizard"):
        assert "pyinfra" not in {name.split(".")[0] for name in imports(path)}, path
        assert "deploy" not in rooms("floatip", path), path


def test_importing_a_pure_room_loads_no_framework() -> None:
    files = [path.relative_to(ROOT).with_suffix("") for room in PURE for path in modules(f"floatip/{room}")]
    names = ", ".join(".".join(file.parts).removesuffix(".__init__") for file in files)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {names}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert not FRAMEWORKS & set(loaded.split())
