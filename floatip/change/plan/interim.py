"""Interim files: what a node runs for a moment, on the way from its old configuration to the new one."""

from __future__ import annotations

from collections.abc import Iterable

from floatip.change.plan.changes import STAY, block, head
from floatip.keepalived import conf
from floatip.model.cluster import Instance
from floatip.model.settings.row import Version

HANDOVER_PRIORITY = 1
HIGHEST = 254
"""No address's owner, and above all others: with the least skew it waits the least."""
KNOWS_DOWN_TIMER = (2, 2, 3)
"""The first keepalived with `down_timer_adverts`."""
SLOW = 0.5
"""Seconds between two adverts: of two of them less, less is won than one more reload takes."""


def hastens(instance: Instance, daemon: Version) -> bool:
    """Whether `hastened` has a node take over sooner, all in all."""
    return daemon >= KNOWS_DOWN_TIMER and instance.advert_int >= SLOW


def hastened(text: str, instances: Iterable[Instance], daemon: Version) -> str:
    """A node that takes over after the time of one advert in which it accepts none, instead of three, and from any."""
    settings = {"priority": [str(HIGHEST)]} | ({"down_timer_adverts": ["1"]} if daemon >= KNOWS_DOWN_TIMER else {})
    for instance in instances:
        text = conf.read(text).drop(head(instance), STAY).put(head(instance), settings).text
    return text


def ranked(text: str, wanted: str, instances: Iterable[Instance]) -> str:
    """A node with the priority that it will have."""
    for instance in instances:
        priority = conf.priority(block(wanted, instance)) or HANDOVER_PRIORITY
        text = conf.read(text).put(head(instance), {"priority": [str(priority)]}).text
    return text


def receiving(text: str, instances: Iterable[Instance]) -> str:
    """A node that takes an address over from a lower priority at once, whatever it does normally."""
    for instance in instances:
        own = max(conf.priority(block(text, instance)), HANDOVER_PRIORITY + 1)
        text = conf.read(text).drop(head(instance), STAY).put(head(instance), {"priority": [str(own)]}).text
    return text


def lowered(text: str, instances: Iterable[Instance]) -> str:
    """A node that any other takes the address from."""
    for instance in instances:
        text = conf.read(text).put(head(instance), {"priority": [str(HANDOVER_PRIORITY)]}).text
    return text


def quiet(text: str, instances: Iterable[Instance]) -> str:
    """A holder that no longer repeats its gratuitous ARP each second: one of them, sent between the other's
    take-over and its own letting go, would draw the clients back for up to a second."""
    for instance in instances:
        text = conf.read(text).drop(head(instance), {"garp_master_refresh"}).text
    return conf.read(text).put("global_defs", {"vrrp_garp_master_refresh": ["0"]}).text


def kept(text: str, present: str, heads: Iterable[str]) -> str:
    """A new file with some blocks still as the present one has them; without those that are not there."""
    for name in heads:
        text = conf.read(text).exchange(name, conf.read(present).block(name)).text
    return text
