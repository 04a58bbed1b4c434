"""Every setting of an inventory, once: what it is called, read, written, rendered, adopted, asked and documented.

    model      what a row says
    values     kinds of values: text of an inventory ⇄ value → word of keepalived.conf
    rows       the table: instances, and what each server says for itself
    groups     what moves together with them
    addresses  the same for floating addresses
    foreign    the same for devices that floatip does not manage
    announcing gratuitous ARP and adverts: of an instance, and for all of them
    programs   command lines: programs of the servers, and files that floatip ships
    notifying  what runs when the state changes; scripts: who runs what, and what is shipped
    fifos      FIFOs for all changes of state of a server, and the programs that read them
    mailing    mail from keepalived
    tracking   what an instance tracks, each with its weight
    track_files  files with a number that are tracked
    checks     the same for health checks; kind_options: what only some kinds of them say
    kinds      the kinds of health checks: what each looks at, and its command line
    clusters   the same for the cluster
    servers    the same for a server: what it says of itself, and how it is reached
    services   the same for services behind a floating address
    documents  docs/inventory.md, made of the rows (`python -m floatip.model.settings`)

Parse, the inventory's writer, the renderer, adopting, the planner, the wizard's forms and the tests are derived from
it. docs/decisions/settings.md says how, and what is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from floatip.model.settings.addresses import ADDRESS, OPTIONS
from floatip.model.settings.checks import CHECKS
from floatip.model.settings.clusters import CLUSTER, GLOBAL
from floatip.model.settings.foreign import DEVICE
from floatip.model.settings.kinds import KINDS
from floatip.model.settings.row import Change, Place, Scope, Setting
from floatip.model.settings.rows import BLOCK, INSTANCE, MEMBER
from floatip.model.settings.servers import NODE, SERVER
from floatip.model.settings.track_files import FILES

SETTINGS: tuple[Setting, ...] = (*BLOCK, *ADDRESS, *DEVICE, *CHECKS, *FILES, *CLUSTER, *NODE, *SERVER)

__all__ = [
    "ADDRESS",
    "BLOCK",
    "CHECKS",
    "CLUSTER",
    "DEVICE",
    "FILES",
    "GLOBAL",
    "INSTANCE",
    "KINDS",
    "MEMBER",
    "NODE",
    "OPTIONS",
    "SERVER",
    "SETTINGS",
    "Change",
    "Place",
    "Scope",
    "Setting",
    "asked",
    "keyword",
    "keyworded",
    "setting",
]


def setting(scope: Scope, key: str) -> Setting:
    """One row; KeyError where there is none."""
    for row in SETTINGS:
        if (row.scope, row.key) == (scope, key):
            return row
    raise KeyError(key)


def keyword(line: str) -> str:
    """What a raw line of keepalived.conf sets."""
    return re.split(r"[\s{]", line, maxsplit=1)[0]


@cache
def keyworded() -> Mapping[str, Setting]:
    """Keyword of a `vrrp_instance` block → the setting that it is rendered for."""
    return {keyword: row for row in BLOCK for keyword in row.rendered}


def asked(page: str) -> tuple[Setting, ...]:
    """The settings that a page of the wizard asks for."""
    return tuple(row for row in SETTINGS if row.page == page)
