"""What no inventory may say is made into something that it may, a problem at a time; each time a finding or a question
tells what. The rules are those of the core: whatever it refuses, and nothing else, comes here."""

from __future__ import annotations

import re

from floatip.keepalived.adopt.origins import Raw
from floatip.keepalived.adopt.repairs import REPAIRS
from floatip.model.parse import parse
from floatip.model.problems import Problem, errors

ROUNDS = 200
TIMES = 40
"""How often one place may be repaired for one reason: an item of a list is another one each time."""
NAME = "adopted"


def settle(raw: Raw) -> None:
    """Repair what can be repaired; what cannot stays, and is a problem of the inventory."""
    for _ in range(ROUNDS):
        if not any(_repaired(raw, problem) for problem in errors(parse(NAME, raw.hosts, raw.data).problems)):
            return


def _repaired(raw: Raw, problem: Problem) -> bool:
    for codes, pattern, repair in REPAIRS:
        found = re.fullmatch(pattern, problem.path)
        if found and (not codes or re.fullmatch(codes, problem.code)):
            key = (problem.path, problem.code)
            raw.tried[key] = raw.tried.get(key, 0) + 1
            return raw.tried[key] <= TIMES and repair(raw, problem, *found.groups())
    return False
