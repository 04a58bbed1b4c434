"""Reads `vrrp_scripts`: the health checks of a cluster."""

from __future__ import annotations

from functools import partial

from floatip import fields
from floatip.cluster import CheckKind, Script
from floatip.parse.reading import Raw, Reading, join
from floatip.problems import did_you_mean
from floatip.targets import CHECKS

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
    blocks = reading.mapping(path, "vrrp_scripts", raw)
    named = ((name, block) for name, block in blocks.items() if _named(reading, path, name))
    return tuple(_script(reading, join(path, name), str(name), block) for name, block in named)


def _named(reading: Reading, path: str, name: object) -> bool:
    return reading.accepts(join(path, name), "The name of a health check", fields.object_name, name)


def _script(reading: Reading, path: str, name: str, raw: object) -> Script:
    subject = f"Health check {name}"
    block = reading.mapping(path, subject, raw)
    reading.keys(path, subject, block, (*CHECKS, *NUMBERS))
    kind, target = _check(reading, path, subject, block)
    numbers = {key: _number(reading, path, subject, block, key) for key in NUMBERS}
    return Script(name, kind, target, **numbers)


def _check(reading: Reading, path: str, subject: str, block: Raw) -> tuple[CheckKind, str]:
    kinds = [kind for kind in CHECKS if kind in block]
    if len(kinds) != 1:
        what = "nothing to check" if not kinds else f"{' and '.join(kinds)} at once"
        known = any("Did you mean" in did_you_mean(key, CHECKS) for key in block if key not in (*CHECKS, *NUMBERS))
        if kinds or not known:  # a misspelt one has been told already
            hint = "Give exactly one of process, tcp, http and command."
            reading.add(path, "one-check", f"{subject} has {what}.", hint)
        return "process", ""
    kind = kinds[0]
    return kind, reading.take(join(path, kind), f"{kind} of {subject}", CHECKS[kind], block[kind], "")


def _number(reading: Reading, path: str, subject: str, block: Raw, key: str) -> int:
    low, high, default = NUMBERS[key]
    if key not in block:
        return default
    field = partial(fields.whole, low=low, high=high)
    return reading.take(join(path, key), f"{key} of {subject}", field, block[key], default)
