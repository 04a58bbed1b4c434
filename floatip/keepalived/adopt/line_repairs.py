"""What is done about raw lines that the inventory cannot have: they are left out, and the findings say so."""

from __future__ import annotations

from typing import Any

from floatip.keepalived.adopt.origins import Raw, reason
from floatip.model.problems import Problem


def of_instance(raw: Raw, problem: Problem, name: str, number: str) -> bool:
    """One line of an instance."""
    lines = raw.instance(name).get("extra_lines", [])
    return _gone(raw, problem, lines, int(number))


def all_of_instance(raw: Raw, problem: Problem, name: str) -> bool:
    """All lines of an instance."""
    return _all_gone(raw, problem, raw.instance(name))


def of_cluster(raw: Raw, problem: Problem, key: str, number: str) -> bool:
    """One line outside of the blocks."""
    return _gone(raw, problem, raw.data.get(key, []), int(number))


def of_check(raw: Raw, problem: Problem, script: str, number: str) -> bool:
    """One line of a check."""
    lines = raw.data.get("vrrp_scripts", {}).get(script, {}).get("extra_lines", [])
    return _gone(raw, problem, lines, int(number))


def all_of_check(raw: Raw, problem: Problem, script: str) -> bool:
    """All lines of a check."""
    return _all_gone(raw, problem, raw.data.get("vrrp_scripts", {}).get(script, {}))


def all_of_cluster(raw: Raw, problem: Problem, key: str) -> bool:
    """All lines outside of the blocks."""
    return _all_gone(raw, problem, raw.data, key)


def _gone(raw: Raw, problem: Problem, lines: list[str], number: int) -> bool:
    if number >= len(lines):
        return False
    raw.left(next(iter(raw.read)), 0, lines.pop(number), reason(problem))
    return True


def _all_gone(raw: Raw, problem: Problem, owner: dict[str, Any], key: str = "extra_lines") -> bool:
    lines = owner.pop(key, None)
    for line in lines or ():
        raw.left(next(iter(raw.read)), 0, line, reason(problem))
    return lines is not None
