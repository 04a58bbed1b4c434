"""Text that is to be data: Python literals, read without being run."""

from __future__ import annotations

import ast
import os
import re
import threading

from floatip.model.messages import Said, say
from floatip.model.problems import Problem

LARGEST = 512 * 1024
ENCODING = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
OTHERS = (".yml", ".yaml", ".ini", ".cfg", ".json", ".toml")  # what other tools keep their inventories in

PARSING = threading.Lock()
"""Two threads at once are too many for `ast` in Python 3.11: they share its count of how deep they are, and one of them
gets a SystemError."""


class Unreadable(Exception):
    """A file that cannot be taken as data; `problems` says where and why."""

    def __init__(self, problem: Problem) -> None:
        """Carry one problem."""
        self.problem = problem
        super().__init__(str(problem))


def contents(path: str | os.PathLike[str], shown: str) -> str:
    """The text of a file. OSError where it cannot be opened, Unreadable where it is no UTF-8."""
    with open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = say("Line {line} of {name} is not UTF-8 text.", line=line, name=shown)
        raise Unreadable(Problem(f"{shown}:{line}", "not-utf8", message, say("Save it as UTF-8."))) from None


def statements(text: str, shown: str) -> list[ast.stmt]:
    """The statements of a text; Unreadable where it is no Python, or none that pyinfra would read in the same way."""
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise Unreadable(
            Problem(shown, "too-large", say("{shown} is larger than {most} KiB.", shown=shown, most=LARGEST // 1024))
        )
    for number, line in enumerate(text.splitlines()[:2], 1):
        encoding = ENCODING.match(line)
        if encoding and encoding[1].lower().replace("_", "-") not in ("utf-8", "utf8"):
            message = say("Line {number} of {shown} declares another encoding than UTF-8.", number=number, shown=shown)
            raise Unreadable(Problem(f"{shown}:{number}", "not-utf8", message, say("Remove that line.")))
    try:
        with PARSING:
            return ast.parse(text).body
    except SyntaxError as error:
        if text.startswith("\ufeff"):
            mark = say("{shown} begins with a byte order mark, which pyinfra does not read.", shown=shown)
            raise Unreadable(Problem(shown, "not-utf8", mark, say("Save it as UTF-8 without BOM."))) from None
        if shown.endswith(OTHERS):
            other = say("{shown} is no inventory of pyinfra, which is a Python file.", shown=shown)
            hint = say("`floatip wizard` makes one, and docs/inventory.md describes it.")
            raise Unreadable(Problem(shown, "not-python", other, hint)) from None
        at = error.lineno or 1
        message = say("Line {at} of {shown} is not valid Python: {msg}.", at=at, shown=shown, msg=error.msg)
        problem = Problem(f"{shown}:{at}", "syntax", message, say("Check this line and the one before."))
        raise Unreadable(problem) from None
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable(Problem(shown, "syntax", say("{shown} cannot be read as Python.", shown=shown))) from None


def literal(node: ast.expr, shown: str) -> object:
    """The value that is written there; Unreadable where it would have to be computed."""
    try:
        for part in ast.walk(node):
            _check_literal(part, shown)
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise unreadable(
            shown, node, "not-literal", say("holds something other than a plain value"), say("Write plain values only.")
        ) from None


LITERALS = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.UnaryOp, ast.USub, ast.Load)


def _check_literal(part: ast.AST, shown: str) -> None:
    if not isinstance(part, LITERALS):
        hint = say("Write the value itself: text, numbers, True, False, None, [ ], ( ), {{ }}.")
        raise unreadable(shown, part, "not-literal", say("computes something"), hint)
    if isinstance(part, ast.Dict):
        seen = set()
        for key in part.keys:
            if not isinstance(key, ast.Constant):
                raise unreadable(
                    shown, part, "not-literal", say("has a key that is not a plain value"), say("Write text keys.")
                )
            if key.value in seen:
                raise unreadable(
                    shown,
                    key,
                    "duplicate-key",
                    say("has {key} twice in one {{ }}", key=repr(key.value)),
                    say("Keep one."),
                )
            seen.add(key.value)


def unreadable(shown: str, node: ast.AST, code: str, what: Said, hint: Said) -> Unreadable:
    """What is wrong in the line of a node. `what`: the sentence from its verb on."""
    line = getattr(node, "lineno", 1)
    return Unreadable(
        Problem(f"{shown}:{line}", code, say("Line {line} of {shown} {what}.", line=line, shown=shown, what=what), hint)
    )


def docstring(statement: ast.stmt) -> bool:
    """Whether it is nothing but a text."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
