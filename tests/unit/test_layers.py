"""Who may import whom: the core knows no framework, the wizard no pyinfra."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = [
    *("words", "problems", "cluster", "fields", "targets", "settings", "rules", "parse"),
    *("inventory", "render", "timing", "firewall"),
    *("paths", "shell", "conf", "plan", "preflight", "host_state", "intent", "heard", "foresight", "adopt"),
    *("reach", "vitals", "status", "actions", "doctor", "moves", "members", "drift", "drill", "speeds", "events"),
    *("neighbours", "atomic"),
    "pending",
    "lease.model",
]
ALLOWED_OUTSIDE = {"jinja2"}
FORBIDDEN = {"flask", "wtforms", "pyinfra", "subprocess", "socket", "click", "lab", "wizard"}


def modules(name: str) -> list[Path]:
    """The files of a module or package of floatip's."""
    package = ROOT.joinpath("floatip", *name.split("."))
    return sorted(package.rglob("*.py")) if package.is_dir() else [package.with_suffix(".py")]


def imports(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports, at whatever depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_the_core_and_the_standard_library(name: str) -> None:
    for path in modules(name):
        for imported in imports(path):
            top, *rest = imported.split(".")
            assert top not in FORBIDDEN, f"{path.name} imports {imported}"
            assert top in sys.stdlib_module_names | ALLOWED_OUTSIDE | {"floatip"}, f"{path.name} imports {imported}"
            inner = top == "floatip" and rest and not {rest[0], ".".join(rest[:2])} & set(CORE)
            assert not inner, f"{path.name} imports {imported}"


def test_the_wizard_never_imports_pyinfra() -> None:
    for path in (ROOT / "wizard").rglob("*.py"):
        for imported in imports(path):
            assert imported.split(".")[0] != "pyinfra", f"{path} imports {imported}"
            assert not imported.startswith(("floatip.deploy.operations", "floatip.deploy")), path


def test_importing_the_core_loads_no_framework() -> None:
    names = ", ".join(f"floatip.{name}" for name in CORE if (modules(name)[0]).exists())
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {names}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"flask", "pyinfra", "click", "gevent", "paramiko"} & set(loaded.split())
