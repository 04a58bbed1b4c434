"""Whatever is filled into a sentence is itself a message, or data: nobody reads English within Russian."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.paths import ROOT

PROSE = re.compile(r"[A-Za-z'(][a-z'’,;()-]*( [A-Za-z0-9'(][A-Za-z0-9'’,;()-]*)+[.:?!]?")
WORD = re.compile(r"(?<![\w'])[a-z]{2,}(?![\w'])")
SAYS = ("say", "_")

COMMAND = "words of a command"
DOCUMENTED = "stands in docs/inventory.md, which is in English"
CAUGHT = "never shown: whoever calls it only wants to know whether there is an answer"
MARK = "no sentence: a mark in a file, or what pyinfra prints"
# (file or directory, words that stand there or "" for all, why it is good); an excuse that nothing needs is a finding
EXCUSED: tuple[tuple[str, str, str], ...] = (
    ("floatip/change/networkd.py", "networkctl", COMMAND),
    ("floatip/operate/reboot.py", "systemctl", COMMAND),
    ("floatip/operate/drill/faults.py", "systemctl", COMMAND),
    ("floatip/deploy/steps/removal.py", "systemctl", COMMAND),
    ("floatip/deploy/steps/keepalived.py", "systemctl", COMMAND),
    ("floatip/firewall/shell.py", "exit 1", COMMAND),
    ("floatip/firewall/planning.py", "none", MARK),
    ("floatip/operate/drill/script.py", "", CAUGHT),
    ("floatip/server_side/pending/change.py", "floatip-change", MARK),
    ("floatip/model/settings/", "", DOCUMENTED),
    ("floatip/model/parse/scripts.py", "Did you mean", MARK),
)


def modules() -> list[Path]:
    """All of the product's."""
    return sorted(file for room in ("floatip", "wizard") for file in (ROOT / room).rglob("*.py"))


def filled_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Words that a `say(…, name=…)` is given as they are."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call) == "say":
            for keyword in call.keywords:
                yield from ((call.lineno, text) for text in _literals(keyword.value) if WORD.search(text))


def prose(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts of several words that no `say` says."""
    said: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in SAYS:
            said |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.Expr):
            said.add(id(node.value))  # a docstring
        elif isinstance(node, ast.keyword) and node.arg == "help":
            said.add(id(node.value))  # of a command's option: `floatip.language.__main__.of_commands`
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in said else None
        if isinstance(node, ast.Constant) and isinstance(text, str) and PROSE.fullmatch(text):
            yield node.lineno, text


def otherwise(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """A word in place of a list that is empty: `", ".join(names) or "none"`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and "join" in ast.dump(node.values[0]):
            yield from (
                (node.lineno, text) for part in node.values[1:] for text in _literals(part) if WORD.search(text)
            )


def hidden(tree: ast.AST) -> Iterator[int]:
    """Messages within an f-string, which is a single token before Python 3.12: what collects them does not see them."""
    for text in ast.walk(tree):
        if isinstance(text, ast.JoinedStr):
            yield from (call.lineno for call in ast.walk(text) if isinstance(call, ast.Call) and _name(call) in SAYS)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _literals(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (text for part in (node.body, node.orelse) for text in _literals(part))
    elif isinstance(node, ast.BoolOp | ast.JoinedStr):
        yield from (text for part in node.values for text in _literals(part))
    elif isinstance(node, ast.BinOp):
        yield from (text for part in (node.left, node.right) for text in _literals(part))


def excuse(file: str, text: str) -> tuple[str, str, str] | None:
    """Why it is good, where it is."""
    return next((excuse for excuse in EXCUSED if file.startswith(excuse[0]) and excuse[1] in text), None)


def test_what_is_filled_in_is_said_too() -> None:
    found, needed = [], set()
    for module in modules():
        tree, file = ast.parse(module.read_text()), str(module.relative_to(ROOT))
        for line, text in (*filled_in(tree), *prose(tree), *otherwise(tree)):
            why = excuse(file, text)
            needed.add(why)
            if why is None:
                found.append(f"{file}:{line}: {text!r}")
    assert found == []
    assert set(EXCUSED) - needed == set(), "nothing needs this excuse"


def test_no_message_stands_in_an_f_string() -> None:
    found = [f"{file.relative_to(ROOT)}:{line}" for file in modules() for line in hidden(ast.parse(file.read_text()))]
    assert found == [], "say it before, and fill it in"
    nested = """text = say('yes')
f'{text} {say("no")} {len(_("no"))}'"""
    assert [*hidden(ast.parse(nested))] == [2, 2]


@pytest.mark.parametrize(
    "code",
    [
        'say("{a} is.", a="down")',
        'say("{a} is.", a=x or "no name")',
        'say("{a} is.", a="twice" if x else "once")',
        'say("{a} is.", a=f"{x} of them")',
        'what = "a loopback address, which no other can reach"',
        'return ", ".join(x) or "none"',
    ],
)
def test_english_is_found(code: str) -> None:
    tree = ast.parse(f"def f():\n    {code}\n")
    assert [*filled_in(tree), *prose(tree), *otherwise(tree)]


def test_what_was_said_is_fine() -> None:
    code = """
def f():
    'A loopback address, which no other can reach.'
    say("{a} is.", a=say("twice over") if x else name)
    return ", ".join(x) or say("none")
"""
    tree = ast.parse(code)
    assert [*filled_in(tree), *prose(tree), *otherwise(tree)] == []
