"""Reads `vrrp_scripts`: the health checks of a cluster."""

from __future__ import annotations

from functools import partial

from floatip import fields
from floatip.cluster import CheckKind, Script
from floatip.parse.reading import Raw, Reading, join
from floatip.problems import did_you_mean
from floatip.targets import CHECKS
from floatip.words import Said, all_of, say

# (lowest, highest, default); times in whole seconds, as keepalived 2.1 to 2.3 take them
NUMBERS = {
    "interval": (1, 3600, 2),
    "timeout": (1, 3600, 2),
    "fall": (1, 1000, 2),
    "rise": (1, 1000, 2),
    "weight": (-253, 253, 0),
}


def read_scripts(reading: Reading, path: str, raw: object) -> tuple[Script, ...]:
    """All health checks, in file order; broken ones with neutral values."""
    blocks = reading.mapping(path, say("vrrp_scripts"), raw)
    named = ((name, block) for name, block in blocks.items() if _named(reading, path, name))
    return tuple(_script(reading, join(path, name), str(name), block) for name, block in named)


def _named(reading: Reading, path: str, name: object) -> bool:
    return reading.accepts(join(path, name), say("The name of a health check"), fields.object_name, name)


def _script(reading: Reading, path: str, name: str, raw: object) -> Script:
    subject = say("Health check {name}", name=name)
    block = reading.mapping(path, subject, raw)
    reading.keys(path, subject, block, (*CHECKS, *NUMBERS))
    kind, target = _check(reading, path, subject, block)
    numbers = {key: _number(reading, path, subject, block, key) for key in NUMBERS}
    return Script(name, kind, target, **numbers)


def _check(reading: Reading, path: str, subject: Said, block: Raw) -> tuple[CheckKind, str]:
    kinds = [kind for kind in CHECKS if kind in block]
    if len(kinds) != 1:
        what = say("nothing to check") if not kinds else say("{names} at once", names=all_of(kinds))
        known = any("Did you mean" in did_you_mean(key, CHECKS) for key in block if key not in (*CHECKS, *NUMBERS))
        if kinds or not known:  # a misspelt one has been told already
            hint = say("Give exactly one of process, tcp, http and command.")
            reading.add(path, "one-check", say("{subject} has {what}.", subject=subject, what=what), hint)
        return "process", ""
    kind = kinds[0]
    return kind, reading.take(
        join(path, kind), say("{kind} of {subject}", kind=kind, subject=subject), CHECKS[kind], block[kind], ""
    )


def _number(reading: Reading, path: str, subject: Said, block: Raw, key: str) -> int:
    low, high, default = NUMBERS[key]
    if key not in block:
        return default
    field = partial(fields.whole, low=low, high=high)
    return reading.take(
        join(path, key), say("{key} of {subject}", key=key, subject=subject), field, block[key], default
    )
