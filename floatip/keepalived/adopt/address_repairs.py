"""What is done about an address that the inventory cannot have, or another value of a list."""

from __future__ import annotations

from ipaddress import IPv4Interface
from typing import Any

from floatip.keepalived.adopt.origins import Raw, reason
from floatip.keepalived.adopt.own import STAND_INS
from floatip.model.instance import FLOATING
from floatip.model.problems import Problem
from floatip.model.settings.addresses import address_of


def item(raw: Raw, problem: Problem, name: str, key: str, place: str) -> bool:
    """One value of a list of an instance."""
    return _dropped(raw, problem, raw.instance(name).get(key, []), (name, key), int(place))


def member_item(raw: Raw, problem: Problem, node: str, name: str, key: str, place: str) -> bool:
    """One value of a list of a member."""
    member = raw.members(name).get(node, {})
    return _dropped(raw, problem, member.get(key, []), (name, key), int(place))


def _dropped(raw: Raw, problem: Problem, items: list[Any], where: tuple[str, str], number: int) -> bool:
    if number >= len(items):
        return False
    gone = items.pop(number)
    text = address_of(gone) or str(gone)
    for node, statement in raw.statements(*where):
        line = next((child.line for child in statement.body or [] if child.keyword == text), statement.line)
        raw.left(node, line, text, reason(problem))
    return True


def bare_prefix(raw: Raw, problem: Problem, name: str, number: str) -> bool:
    """What keepalived makes of an address without a prefix."""
    items = raw.instance(name).get(FLOATING, [])
    return int(number) < len(items) and _put(
        items, int(number), f"{address_of(items[int(number)])}{_longest(items, number)}"
    )


def excluded(raw: Raw, problem: Problem, name: str, key: str, place: str) -> bool:
    """An address that the adverts do not name: with the prefix that keepalived makes of none, or left out."""
    items = raw.instance(name).get(key, [])
    if problem.code == "no-prefix" and int(place) < len(items):
        return _put(items, int(place), f"{address_of(items[int(place)])}{_longest(items, place)}")
    return item(raw, problem, name, key, place)


def _longest(items: list[Any], number: str) -> str:
    return "/128" if ":" in address_of(items[int(number)]) else "/32"


def _put(items: list[Any], number: int, address: str) -> bool:
    entry = items[number]
    items[number] = {**entry, "address": address} if isinstance(entry, dict) else address
    return True


def option(raw: Raw, problem: Problem, name: str, number: str, key: str) -> bool:
    """An option of a floating address."""
    items = raw.instance(name).get(FLOATING, [])
    entry = items[int(number)] if int(number) < len(items) else None
    if not isinstance(entry, dict) or key not in entry:
        return False
    rest = {other: value for other, value in entry.items() if other != key}
    items[int(number)] = rest if len(rest) > 1 else rest["address"]
    for node, statement in raw.statements(name, FLOATING):
        line = next((each.line for each in statement.body or [] if address_of(entry).startswith(each.keyword)), 0)
        raw.left(node, line, f"{key} {entry[key]}", reason(problem))
    return True


def unusable(raw: Raw, problem: Problem, name: str, number: str) -> bool:
    """A floating address that is none: somebody has to fill it in."""
    items = raw.instance(name).get(FLOATING, [])
    if int(number) >= len(items):
        return False
    wrong = address_of(items[int(number)])
    chosen = raw.filled((name, FLOATING), f"virtual_ipaddress.{number}", wrong, _stand_in(raw))
    return chosen != wrong and _put(items, int(number), chosen)


def _stand_in(raw: Raw) -> str:
    """An address that nobody has, and that stands in for no other."""
    instances = raw.data["vrrp_instances"].values()
    taken = {address_of(address).split("/")[0] for instance in instances for address in instance.get(FLOATING, [])}
    taken |= {str(part.get("address", "")).split("/")[0] for vrrp in raw.vrrp.values() for part in vrrp.values()}
    free = (str(IPv4Interface(STAND_INS[4]).ip + step) for step in range(200))
    return next(f"{ip}/24" for ip in free if ip not in taken)


def missing(raw: Raw, problem: Problem, name: str) -> bool:
    """An instance without an address."""
    if name not in raw.data["vrrp_instances"]:
        return False
    chosen = raw.filled((name, FLOATING), FLOATING, "", _stand_in(raw))
    raw.instance(name)[FLOATING] = [chosen]
    return True
