"""What is done about a problem of the inventory that is being made: the first row that fits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Any, Final

from floatip.keepalived.adopt import elections
from floatip.keepalived.adopt.blocks import SILENT_CHECK
from floatip.keepalived.adopt.checks import untrack
from floatip.keepalived.adopt.groups import KEYWORD
from floatip.keepalived.adopt.origins import Raw, number
from floatip.keepalived.adopt.own import STAND_IN
from floatip.keepalived.adopt.tracking import named
from floatip.model.messages import Said, say
from floatip.model.problems import Problem
from floatip.model.settings import BLOCK, CHECKS
from floatip.model.settings.addresses import address_of

REQUIRED: Final = {row.key for row in BLOCK if row.required}
CHECK_KEYS: Final = {row.key for row in CHECKS}
Repair = Callable[..., bool]
"""Raw values, problem, and what the pattern of its path has in brackets; whether anything was done."""


def _no_script(raw: Raw, problem: Problem, script: str) -> bool:
    """A check that nobody tracks, or that looks at nothing."""
    if raw.data.get("vrrp_scripts", {}).pop(script, None) is None:
        return False
    untrack(raw.data["vrrp_instances"], script)
    for node, file in raw.read.items():
        if script in file.checks:
            raw.notes[node].left(file.checks[script], problem.message)
    return True


def _item(raw: Raw, problem: Problem, name: str, key: str, place: str) -> bool:
    """One value of a list of an instance."""
    return _dropped(raw, problem, raw.instance(name).get(key, []), (name, key), int(place))


def _member_item(raw: Raw, problem: Problem, node: str, name: str, key: str, place: str) -> bool:
    member = raw.members(name).get(node, {})
    return _dropped(raw, problem, member.get(key, []), (name, key), int(place))


def _dropped(raw: Raw, problem: Problem, items: list[Any], where: tuple[str, str], number: int) -> bool:
    if number >= len(items):
        return False
    gone = items.pop(number)
    text = address_of(gone) or str(gone)
    for node, statement in raw.statements(*where):
        line = next((child.line for child in statement.body or [] if child.keyword == text), statement.line)
        raw.left(node, line, text, _said(problem))
    return True


def _bare_prefix(raw: Raw, problem: Problem, name: str, number: str) -> bool:
    """What keepalived makes of an address without a prefix."""
    items = raw.instance(name).get("virtual_ipaddress", [])
    return int(number) < len(items) and _put(
        items, int(number), f"{address_of(items[int(number)])}{_longest(items, number)}"
    )


def _excluded(raw: Raw, problem: Problem, name: str, key: str, place: str) -> bool:
    """An address that the adverts do not name: with the prefix that keepalived makes of none, or left out."""
    items = raw.instance(name).get(key, [])
    if problem.code == "no-prefix" and int(place) < len(items):
        return _put(items, int(place), f"{address_of(items[int(place)])}{_longest(items, place)}")
    return _item(raw, problem, name, key, place)


def _no_group(raw: Raw, problem: Problem, name: str) -> bool:
    """Instances that cannot move together move by themselves."""
    groups = raw.data.get(KEYWORD, {})
    if groups.pop(name, None) is None:
        return False
    if not groups:
        del raw.data[KEYWORD]
    for node, file in raw.read.items():
        for block in file.sync:
            if block.words[1] == name:
                raw.notes[node].left(block, _said(problem))
    return True


def _longest(items: list[Any], number: str) -> str:
    return "/128" if ":" in address_of(items[int(number)]) else "/32"


def _put(items: list[Any], number: int, address: str) -> bool:
    entry = items[number]
    items[number] = {**entry, "address": address} if isinstance(entry, dict) else address
    return True


def _option(raw: Raw, problem: Problem, name: str, number: str, key: str) -> bool:
    """An option of a floating address."""
    items = raw.instance(name).get("virtual_ipaddress", [])
    entry = items[int(number)] if int(number) < len(items) else None
    if not isinstance(entry, dict) or key not in entry:
        return False
    rest = {other: value for other, value in entry.items() if other != key}
    items[int(number)] = rest if len(rest) > 1 else rest["address"]
    for node, statement in raw.statements(name, "virtual_ipaddress"):
        line = next((each.line for each in statement.body or [] if address_of(entry).startswith(each.keyword)), 0)
        raw.left(node, line, f"{key} {entry[key]}", _said(problem))
    return True


def _address(raw: Raw, problem: Problem, name: str, number: str) -> bool:
    """A floating address that is none: somebody has to fill it in."""
    items = raw.instance(name).get("virtual_ipaddress", [])
    if int(number) >= len(items):
        return False
    wrong = address_of(items[int(number)])
    chosen = raw.filled((name, "virtual_ipaddress"), f"virtual_ipaddress.{number}", wrong, _stand_in(raw))
    return chosen != wrong and _put(items, int(number), chosen)


def _stand_in(raw: Raw) -> str:
    """An address that nobody has, and that stands in for no other."""
    instances = raw.data["vrrp_instances"].values()
    taken = {
        address_of(address).split("/")[0] for instance in instances for address in instance.get("virtual_ipaddress", [])
    }
    taken |= {str(part.get("address", "")).split("/")[0] for vrrp in raw.vrrp.values() for part in vrrp.values()}
    free = (str(IPv4Address(STAND_IN) + step) for step in range(200))
    return next(f"{ip}/24" for ip in free if ip not in taken)


def _no_address(raw: Raw, problem: Problem, name: str) -> bool:
    if name not in raw.data["vrrp_instances"]:
        return False
    chosen = raw.filled((name, "virtual_ipaddress"), "virtual_ipaddress", "", _stand_in(raw))
    raw.instance(name)["virtual_ipaddress"] = [chosen]
    return True


def _vrid(raw: Raw, problem: Problem, name: str) -> bool:
    block = raw.data["vrrp_instances"].get(name)
    if block is None:
        return False
    taken = {instance.get("virtual_router_id") for instance in raw.data["vrrp_instances"].values()}
    free = next(str(number) for number in range(51, 256) if number not in taken)
    wrong = block.get("virtual_router_id", "")
    block["virtual_router_id"] = number(raw.filled((name, "virtual_router_id"), "virtual_router_id", wrong, free))
    return bool(block["virtual_router_id"] != wrong)


def _interface(raw: Raw, problem: Problem, node: str, name: str) -> bool:
    members = raw.members(name)
    if node not in members:
        return False
    wrong = members[node].get("interface", "")
    chosen = raw.filled((name, "interface"), "interface", wrong, "eth0")
    for member in members.values():
        if member.get("interface", "") == wrong:
            member["interface"] = chosen
    return bool(chosen != wrong)


def _setting(raw: Raw, problem: Problem, name: str, key: str) -> bool:
    """A setting of an instance that can be left to its default."""
    if key in REQUIRED or key not in raw.instance(name):
        return False
    del raw.instance(name)[key]
    raw.everywhere(name, key, _said(problem))
    return True


def _member_setting(raw: Raw, problem: Problem, node: str, name: str, key: str) -> bool:
    member: Mapping[str, Any] = raw.members(name).get(node, {})
    if key in REQUIRED or key not in member:
        return False
    del raw.vrrp[node][name][key]
    for other, statement in raw.statements(name, key):
        if other == node:
            raw.left(node, statement.line, statement.text, _said(problem))
    return True


def _check_setting(raw: Raw, problem: Problem, script: str, key: str) -> bool:
    """A time or a weight of a check, which keepalived does not take either: its default."""
    block = raw.data.get("vrrp_scripts", {}).get(script)
    if block is None or key not in CHECK_KEYS or block.get(key) == (silent := SILENT_CHECK.get(key) or 1):
        return False
    block[key] = silent
    return raw.of_check(script, key, _said(problem))


def _line(raw: Raw, problem: Problem, name: str, number: str) -> bool:
    lines = raw.instance(name).get("extra_lines", [])
    return _gone(raw, problem, lines, int(number))


def _lines(raw: Raw, problem: Problem, name: str) -> bool:
    return _all_gone(raw, problem, raw.instance(name))


def _top_line(raw: Raw, problem: Problem, key: str, number: str) -> bool:
    return _gone(raw, problem, raw.data.get(key, []), int(number))


def _check_line(raw: Raw, problem: Problem, script: str, number: str) -> bool:
    lines = raw.data.get("vrrp_scripts", {}).get(script, {}).get("extra_lines", [])
    return _gone(raw, problem, lines, int(number))


def _check_lines(raw: Raw, problem: Problem, script: str) -> bool:
    return _all_gone(raw, problem, raw.data.get("vrrp_scripts", {}).get(script, {}))


def _top_lines(raw: Raw, problem: Problem, key: str) -> bool:
    return _all_gone(raw, problem, raw.data, key)


def _gone(raw: Raw, problem: Problem, lines: list[str], number: int) -> bool:
    if number >= len(lines):
        return False
    raw.left(next(iter(raw.read)), 0, lines.pop(number), _said(problem))
    return True


def _all_gone(raw: Raw, problem: Problem, owner: dict[str, Any], key: str = "extra_lines") -> bool:
    lines = owner.pop(key, None)
    for line in lines or ():
        raw.left(next(iter(raw.read)), 0, line, _said(problem))
    return lines is not None


def _said(problem: Problem) -> Said:
    return say("{message} {hint}", message=problem.message, hint=problem.hint) if problem.hint else problem.message


def _weightless_interface(raw: Raw, problem: Problem, node: str, name: str, number: str) -> bool:
    """FAULT always moves the address."""
    return _weightless(raw, problem, raw.vrrp.get(node, {}).get(name, {}).get("track_interface", []), int(number), node)


def _weightless_check(raw: Raw, problem: Problem, name: str, number: str) -> bool:
    """The weight of the check itself counts."""
    found = raw.instance(name).get("track_script", [])
    return _weightless(raw, problem, found, int(number), next(iter(raw.read)))


def _weightless(raw: Raw, problem: Problem, tracked: list[Any], number: int, node: str) -> bool:
    if number >= len(tracked) or not isinstance(tracked[number], dict):
        return False
    entry = tracked[number]
    raw.left(node, 0, f"{named(entry)} weight {entry.get('weight')}", _said(problem))
    tracked[number] = named(entry)
    return True


A = r"([^.]+)"  # a name
UNUSABLE = (
    "bad-address|bad-prefix|empty|not-text|blank|control-character|scope-id|mapped-address|unspecified|reserved-address"
)
REPAIRS: Final[tuple[tuple[str, str, Repair], ...]] = (
    ("equal-priorities", rf"nodes\.{A}\.vrrp\.{A}\.priority", elections.leader),
    ("", rf"nodes\.{A}\.vrrp\.{A}\.priority", elections.priority),
    ("", rf"nodes\.{A}\.vrrp\.{A}\.interface", _interface),
    ("weight-.*|out-of-range", rf"nodes\.{A}\.vrrp\.{A}\.track_interface\.(\d+)", _weightless_interface),
    ("", rf"nodes\.{A}\.vrrp\.{A}\.(track_interface)\.(\d+)", _member_item),
    ("", rf"nodes\.{A}\.vrrp\.{A}\.(\w+)", _member_setting),
    ("too-few-members", rf"vrrp_instances\.{A}", elections.alone),
    ("", rf"vrrp_instances\.{A}\.virtual_router_id", _vrid),
    ("no-prefix|outside-subnet", rf"vrrp_instances\.{A}\.virtual_ipaddress\.(\d+)(?:\.address)?", _bare_prefix),
    ("duplicate-address|mixed-families", rf"vrrp_instances\.{A}\.(virtual_ipaddress)\.(\d+)", _item),
    (UNUSABLE, rf"vrrp_instances\.{A}\.virtual_ipaddress\.(\d+)(?:\.address)?", _address),
    ("", rf"vrrp_instances\.{A}\.virtual_ipaddress\.(\d+)\.(\w+)", _option),
    ("missing|no-address", rf"vrrp_instances\.{A}\.virtual_ipaddress", _no_address),
    ("", rf"vrrp_instances\.{A}\.(virtual_ipaddress_excluded)\.(\d+)(?:\.\w+)?", _excluded),
    ("", rf"vrrp_instances\.{A}\.(virtual_routes|virtual_rules)\.(\d+)", _item),
    ("", rf"vrrp_sync_group\.{A}(?:\.\d+)?", _no_group),
    ("", rf"vrrp_instances\.{A}\.extra_lines\.(\d+)", _line),
    ("", rf"vrrp_instances\.{A}\.extra_lines", _lines),
    ("weight-.*", rf"vrrp_instances\.{A}\.track_script\.(\d+)", _weightless_check),
    ("", rf"vrrp_instances\.{A}\.(track_script)\.(\d+)", _item),
    ("", rf"vrrp_instances\.{A}\.(\w+)", _setting),
    ("(?:weight|group)-.*", rf"vrrp_scripts\.{A}\.weight", elections.weight),
    ("one-check|unused-script", rf"vrrp_scripts\.{A}", _no_script),
    ("", rf"vrrp_scripts\.{A}\.(interval|timeout|fall|rise|weight)", _check_setting),
    ("", rf"vrrp_scripts\.{A}\.extra_lines\.(\d+)", _check_line),
    ("", rf"vrrp_scripts\.{A}\.extra_lines", _check_lines),
    ("", r"(extra_lines|global_lines)\.(\d+)", _top_line),
    ("", "(extra_lines|global_lines)", _top_lines),
)
"""(codes, path, repair): a pattern of codes, empty for all, and one of paths."""
