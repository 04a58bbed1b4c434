"""One server's file: its blocks as raw settings, in the shape of an inventory."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import Any

from floatip.adopt.findings import MANAGED, Notes
from floatip.adopt.tokens import Statement, read
from floatip.paths import CHECK_SCRIPT, MARKER
from floatip.words import Said, say

PASSWORD = say(
    "VRRP's password goes over the wire as plain text and is cut after 8 bytes: floatip uses none. All servers lose it "
    "in the same deploy."
)
COMMENT = say("A comment; floatip's file has none. The file as it was is kept beside the new one.")
PLACED = say("floatip puts the address on the interface of the group, with its prefix.")
NUMBERS = ("virtual_router_id", "priority", "preempt_delay", "version")
OURS = frozenset({"router_id", "vrrp_higher_prio_send_advert", "vrrp_garp_master_refresh", "vrrp_garp_master_repeat"})
OURS |= {"vrrp_garp_interval", "enable_script_security", "script_user"}


@dataclass(slots=True)
class Group:
    """One vrrp_instance of one server. `cluster`: what all servers share; `member`: its own."""

    name: str
    cluster: dict[str, Any] = field(default_factory=dict)
    member: dict[str, Any] = field(default_factory=dict)
    source: str = ""


@dataclass(slots=True)
class File:
    """One server's file."""

    groups: list[Group] = field(default_factory=list)
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    version: object = None
    ours: bool = False


def file(text: str, notes: Notes) -> File:
    """Read it; whatever is no setting goes into the notes."""
    made = File(ours=text.startswith(MARKER))
    for one in read(text):
        if one.comment:
            if not (made.ours and one.line <= 2):
                made.lines += _comment(made, one, notes)
        elif one.keyword == "global_defs" and one.body is not None:
            _globals(made, one.body, notes)
        elif one.keyword == "vrrp_instance" and one.body is not None and len(one.words) == 2:
            _instance(made, one, notes)
        elif one.keyword == "vrrp_script" and one.body is not None and len(one.words) == 2:
            made.scripts[one.words[1]] = _script(one.body, notes)
        else:
            made.lines += notes.raw(one)
    return made


def _comment(made: File, one: Statement, notes: Notes) -> list[str]:
    """In a file of ours a comment is a raw line of its inventory."""
    if made.ours:
        return notes.raw(one)
    notes.left(one, COMMENT)
    return []


def _globals(made: File, body: list[Statement], notes: Notes) -> None:
    for one in body:
        if one.comment:
            notes.left(one, COMMENT)
        elif one.keyword == "vrrp_version" and len(one.words) == 2:
            made.version = _number(one.words[1])
        elif one.keyword not in OURS:
            notes.left(one, say("A global setting that floatip does not know; it would be the daemon's default again."))


def _instance(made: File, block: Statement, notes: Notes) -> None:
    group = Group(block.words[1])
    if any(group.name == other.name for other in made.groups):
        notes.left(block, say("{name} is there a second time: keepalived refuses that.", name=group.name))
        return
    made.groups.append(group)
    for one in block.body or []:
        if one.comment:
            group.cluster.setdefault("extra_lines", []).extend(_comment(made, one, notes))
            continue
        reader = READERS.get(one.keyword)
        if reader is None:
            lines = notes.raw(one)
            group.cluster.setdefault("extra_lines", []).extend(lines)
        elif (why := reader(group, one, notes)) is not None:
            notes.left(one, why)
    if not group.cluster.get("extra_lines"):
        group.cluster.pop("extra_lines", None)


def _script(body: list[Statement], notes: Notes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in body:
        if one.comment:
            notes.left(one, COMMENT)
        elif one.keyword == "script" and len(one.words) > 1:
            made.update(_check(" ".join(one.words[1:])))
        elif one.keyword in ("interval", "timeout", "fall", "rise", "weight") and len(one.words) == 2:
            made[one.keyword] = _number(one.words[1])
        elif one.keyword == "user":
            notes.left(one, say("floatip runs health checks as the user nobody."))
        else:
            notes.left(one, say("A setting of a health check that floatip does not know."))
    return made


def _check(command: str) -> dict[str, Any]:
    words = command.split()
    if words[:1] == [CHECK_SCRIPT] and len(words) > 2:
        if words[1] == "tcp" and len(words) == 4:
            host = f"[{words[2]}]" if ":" in words[2] else words[2]
            return {"tcp": f"{host}:{words[3]}"}
        if words[1] in ("process", "http"):
            return {words[1]: words[2]}
    return {"command": command}


def _value(where: str, key: str, make: Callable[[str], Any]) -> Callable[[Group, Statement, Notes], Said | None]:
    def take(group: Group, one: Statement, notes: Notes) -> Said | None:
        if len(one.words) != 2:
            return say("{key} takes one value.", key=key)
        getattr(group, where)[key] = make(one.words[1])
        return None

    return take


def _flag(group: Group, one: Statement, notes: Notes) -> None:
    group.cluster[one.keyword] = True


def _managed(group: Group, one: Statement, notes: Notes) -> Said | None:
    return None if one.keyword in ("state", "vmac_xmit_base") else MANAGED


def _source(group: Group, one: Statement, notes: Notes) -> None:
    group.source = one.words[-1]


def _peers(group: Group, one: Statement, notes: Notes) -> None:
    """The peers are the other servers: which, the inventory says."""
    group.cluster["unicast"] = True


def _addresses(group: Group, one: Statement, notes: Notes) -> None:
    found = group.cluster.setdefault("virtual_ipaddress", [])
    for each in one.body or []:
        if each.comment:
            notes.left(each, COMMENT)
            continue
        found.append(each.words[0])
        rest = each.words[1:]
        if rest and rest != ["dev", group.member.get("interface")]:
            notes.left(each, PLACED)


def _tracked(group: Group, one: Statement, notes: Notes) -> None:
    where = group.cluster if one.keyword == "track_script" else group.member
    found = where.setdefault(one.keyword, [])
    for each in one.body or []:
        if each.comment:
            notes.left(each, COMMENT)
            continue
        found.append(each.words[0])
        if len(each.words) > 1:
            notes.left(each, say("The weight is said once, in the health check itself; look at it there."))


def _password(group: Group, one: Statement, notes: Notes) -> Said:
    return PASSWORD


def _number(text: str) -> object:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text


def _seconds(text: str) -> object:
    try:
        number = float(text) if text.isascii() else text
    except ValueError:
        return text
    return int(number) if isinstance(number, float) and number == int(number) else number


READERS: dict[str, Callable[[Group, Statement, Notes], Said | None]] = {
    "state": _managed,
    "vmac_xmit_base": _managed,
    "interface": _value("member", "interface", str),
    "priority": _value("member", "priority", _number),
    "virtual_router_id": _value("cluster", "virtual_router_id", _number),
    "advert_int": _value("cluster", "advert_int", _seconds),
    "version": _value("cluster", "version", _number),
    "preempt_delay": _value("cluster", "preempt_delay", _number),
    "nopreempt": _flag,
    "use_vmac": _flag,
    "unicast_src_ip": _source,
    "unicast_peer": _peers,
    "virtual_ipaddress": _addresses,
    "track_script": _tracked,
    "track_interface": _tracked,
    "authentication": _password,
}


def prefixed(address: str, network: str | None) -> str:
    """An address without a prefix gets that of the server's own network, where it lies in it."""
    try:
        own = ip_interface(network) if network else None
        if own and "/" not in address and ip_interface(address).ip in own.network:
            return f"{address}/{own.network.prefixlen}"
    except (ValueError, TypeError):
        pass
    return address
