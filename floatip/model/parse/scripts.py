"""Reads `vrrp_scripts`: the health checks of a cluster."""

from __future__ import annotations

from floatip.model import fields
from floatip.model.messages import Said, all_of, any_of, say
from floatip.model.parse.reading import Raw, Reading, join
from floatip.model.parse.rows import Block, keys
from floatip.model.problems import did_you_mean
from floatip.model.settings import CHECKS, KINDS
from floatip.model.settings.kind_options import KIND_OPTIONS
from floatip.model.tracking import CheckKind, Script

KNOWN = (*KINDS, *keys(CHECKS))


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
    reading.keys(path, subject, block, KNOWN)
    kind, target = _check(reading, path, subject, block)
    _options(reading, path, subject, block, kind)
    settings = Block(reading, path, block, lambda key: say("{key} of {subject}", key=key, subject=subject))
    return Script(name, kind, target, **settings.values(CHECKS))


def _check(reading: Reading, path: str, subject: Said, block: Raw) -> tuple[CheckKind, str]:
    kinds = [kind for kind in KINDS if kind in block]
    if len(kinds) != 1:
        what = say("nothing to check") if not kinds else say("{names} at once", names=all_of(kinds))
        known = any("Did you mean" in did_you_mean(key, KINDS) for key in block if key not in KNOWN)
        if kinds or not known:  # a misspelt one has been told already
            hint = say("Give exactly one: {names}.", names=any_of(KINDS))
            reading.add(path, "one-check", say("{subject} has {what}.", subject=subject, what=what), hint)
        return "process", ""
    kind = kinds[0]
    return kind, reading.take(
        join(path, kind), say("{kind} of {subject}", kind=kind, subject=subject), KINDS[kind].read, block[kind], ""
    )


def _options(reading: Reading, path: str, subject: Said, block: Raw, kind: CheckKind) -> None:
    """Say which settings are of other kinds of checks."""
    for row in KIND_OPTIONS if kind in block else ():
        others = [name for name, kind in KINDS.items() if row.key in kind.options]
        if block.get(row.key, row.default) != row.default and kind not in others:
            message = say("{subject} has {key}, but is of the kind {kind}.", subject=subject, key=row.key, kind=kind)
            hint = say("Remove it: only {names} has it.", names=any_of(others))
            reading.add(join(path, row.key), "other-kind", message, hint)
