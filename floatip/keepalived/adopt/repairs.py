"""What is done about a problem of the inventory that is being made: the first row that fits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from floatip.keepalived.adopt import address_repairs, elections, line_repairs
from floatip.keepalived.adopt.blocks import SILENT_CHECK
from floatip.keepalived.adopt.checks import untrack
from floatip.keepalived.adopt.groups import KEYWORD
from floatip.keepalived.adopt.origins import Raw, number, reason
from floatip.keepalived.adopt.tracking import named
from floatip.model.problems import Problem
from floatip.model.settings import BLOCK, CHECKS

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
                raw.notes[node].left(block, reason(problem))
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
    raw.everywhere(name, key, reason(problem))
    return True


def _member_setting(raw: Raw, problem: Problem, node: str, name: str, key: str) -> bool:
    member: Mapping[str, Any] = raw.members(name).get(node, {})
    if key in REQUIRED or key not in member:
        return False
    del raw.vrrp[node][name][key]
    for other, statement in raw.statements(name, key):
        if other == node:
            raw.left(node, statement.line, statement.text, reason(problem))
    return True


def _check_setting(raw: Raw, problem: Problem, script: str, key: str) -> bool:
    """A time or a weight of a check, which keepalived does not take either: its default."""
    block = raw.data.get("vrrp_scripts", {}).get(script)
    if block is None or key not in CHECK_KEYS or block.get(key) == (silent := SILENT_CHECK.get(key) or 1):
        return False
    block[key] = silent
    return raw.of_check(script, key, reason(problem))


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
    raw.left(node, 0, f"{named(entry)} weight {entry.get('weight')}", reason(problem))
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
    ("", rf"nodes\.{A}\.vrrp\.{A}\.(track_interface)\.(\d+)", address_repairs.member_item),
    ("", rf"nodes\.{A}\.vrrp\.{A}\.(\w+)", _member_setting),
    ("too-few-members", rf"vrrp_instances\.{A}", elections.single_member),
    ("", rf"vrrp_instances\.{A}\.virtual_router_id", _vrid),
    (
        "no-prefix|outside-subnet",
        rf"vrrp_instances\.{A}\.virtual_ipaddress\.(\d+)(?:\.address)?",
        address_repairs.bare_prefix,
    ),
    ("duplicate-address|mixed-families", rf"vrrp_instances\.{A}\.(virtual_ipaddress)\.(\d+)", address_repairs.item),
    (UNUSABLE, rf"vrrp_instances\.{A}\.virtual_ipaddress\.(\d+)(?:\.address)?", address_repairs.unusable),
    ("", rf"vrrp_instances\.{A}\.virtual_ipaddress\.(\d+)\.(\w+)", address_repairs.option),
    ("missing|no-address", rf"vrrp_instances\.{A}\.virtual_ipaddress", address_repairs.missing),
    ("", rf"vrrp_instances\.{A}\.(virtual_ipaddress_excluded)\.(\d+)(?:\.\w+)?", address_repairs.excluded),
    ("", rf"vrrp_instances\.{A}\.(virtual_routes|virtual_rules)\.(\d+)", address_repairs.item),
    ("", rf"vrrp_sync_group\.{A}(?:\.\d+)?", _no_group),
    ("", rf"vrrp_instances\.{A}\.extra_lines\.(\d+)", line_repairs.of_instance),
    ("", rf"vrrp_instances\.{A}\.extra_lines", line_repairs.all_of_instance),
    ("weight-.*", rf"vrrp_instances\.{A}\.track_script\.(\d+)", _weightless_check),
    ("", rf"vrrp_instances\.{A}\.(track_script)\.(\d+)", address_repairs.item),
    ("", rf"vrrp_instances\.{A}\.(\w+)", _setting),
    ("(?:weight|group)-.*", rf"vrrp_scripts\.{A}\.weight", elections.weight),
    ("one-check|unused-script", rf"vrrp_scripts\.{A}", _no_script),
    ("", rf"vrrp_scripts\.{A}\.(interval|timeout|fall|rise|weight)", _check_setting),
    ("", rf"vrrp_scripts\.{A}\.extra_lines\.(\d+)", line_repairs.of_check),
    ("", rf"vrrp_scripts\.{A}\.extra_lines", line_repairs.all_of_check),
    ("", r"(extra_lines|global_lines)\.(\d+)", line_repairs.of_cluster),
    ("", "(extra_lines|global_lines)", line_repairs.all_of_cluster),
)
"""(codes, path, repair): a pattern of codes, empty for all, and one of paths."""
