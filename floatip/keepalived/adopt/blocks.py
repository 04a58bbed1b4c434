"""One server's file: its blocks as raw settings, in the shape of an inventory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import Any

from floatip.keepalived.adopt.findings import MANAGED, Code, Notes
from floatip.keepalived.conf import Statement, read
from floatip.keepalived.conf.defaults import DEFAULTS
from floatip.model.messages import Said, say
from floatip.model.paths import MARKER
from floatip.model.settings import BLOCK, CHECKS, KINDS, Scope, Setting, setting
from floatip.model.settings.values import Flag, Many

PASSWORD = say(
    "VRRP's password goes over the wire as plain text and is cut after 8 bytes: floatip uses none. All servers lose it "
    "in the same deploy."
)
COMMENT = say("A comment; floatip's file has none. The file as it was is kept beside the new one.")
PLACED = say("floatip puts the address on the interface of the group, with its prefix.")
BRACES = say("There is no value here, but braces: if this is a placeholder of a template, fill it in first.")
OWN_WEIGHT = say("The weight here is lost: floatip takes the one in the health check itself.")
NO_WEIGHT = say("The weight here is lost: while this interface is down, the server lets the address go.")
OURS = frozenset({"router_id", "vrrp_higher_prio_send_advert", "vrrp_garp_master_refresh", "vrrp_garp_master_repeat"})
OURS |= {"vrrp_garp_interval", "enable_script_security", "script_user"}
OF_CHECKS = {row.key: row for row in CHECKS}
SILENT_CHECK = {row.key: row.value.adopted(DEFAULTS["vrrp_script"][row.key]) for row in CHECKS}
"""What a check means whose block says nothing; floatip's defaults are others."""


@dataclass(slots=True)
class Group:
    """One vrrp_instance of one server. `cluster`: what all servers share; `member`: its own; `placed`: its floating
    addresses as the file has them, and `peers`, each with its line."""

    name: str
    block: Statement
    cluster: dict[str, Any] = field(default_factory=dict)
    member: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    placed: list[Statement] = field(default_factory=list)
    peers: list[Statement] = field(default_factory=list)

    def setting(self, keyword: str) -> Statement | None:
        """The last statement of this keyword: it counts."""
        return next((one for one in reversed(self.block.body or []) if one.keyword == keyword), None)


@dataclass(slots=True)
class File:
    """One server's file. `user`: what its `script_user` says; `checks`: the block of each script; `raw`: statements
    that go on as raw lines."""

    groups: list[Group] = field(default_factory=list)
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    version: object = None
    ours: bool = False
    user: str = ""
    checks: dict[str, Statement] = field(default_factory=dict)
    raw: list[Statement] = field(default_factory=list)


Reader = Callable[[Group, Statement, Notes], Said | None]
"""Takes one statement of a block; why it is left out, where it is."""


def file(text: str, notes: Notes) -> File:
    """Read it; whatever is no setting goes into the notes."""
    made = File(ours=text.removeprefix("\ufeff").startswith(MARKER))
    for one in read(text).statements:
        if one.comment:
            if not (made.ours and one.line <= 2):
                made.lines += _comment(made, one, notes)
        elif one.keyword == "global_defs" and one.body is not None:
            _globals(made, one.body, notes)
        elif one.keyword == "vrrp_instance" and one.body is not None and len(one.words) == 2:
            _instance(made, one, notes)
        elif one.keyword == "vrrp_script" and one.body is not None and len(one.words) == 2:
            _check_block(made, one, notes)
        else:
            made.lines += _raw(made, one, notes)
    return made


def _raw(made: File, one: Statement, notes: Notes) -> list[str]:
    lines = notes.raw(one)
    if lines:
        made.raw.append(one)
    return lines


def _check_block(made: File, one: Statement, notes: Notes) -> None:
    name = one.words[1]
    if name in made.scripts:
        notes.left(one, say("{name} is there a second time; the first one is taken.", name=name))
        return
    made.checks[name] = one
    made.scripts[name] = _script(one.body or [], notes)


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
            made.version = setting(Scope.INSTANCE, "version").value.adopted(one.words[1])
        elif one.keyword == "script_user":
            made.user = " ".join(one.words[1:])
        elif one.keyword not in OURS:
            notes.left(one, say("A global setting that floatip does not know; it would be the daemon's default again."))


def _instance(made: File, block: Statement, notes: Notes) -> None:
    group = Group(block.words[1], block)
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
            lines = _raw(made, one, notes)
            group.cluster.setdefault("extra_lines", []).extend(lines)
        elif (why := reader(group, one, notes)) is not None:
            notes.left(one, why)
    _devices(group, notes)
    if not group.cluster.get("extra_lines"):
        group.cluster.pop("extra_lines", None)


def _script(body: list[Statement], notes: Notes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in body:
        if one.comment:
            notes.left(one, COMMENT)
        elif one.keyword == "script" and len(one.words) > 1:
            made.update(_check(_command(one.words[1:])))
        elif one.keyword in OF_CHECKS and len(one.words) == 2:
            made[one.keyword] = OF_CHECKS[one.keyword].value.adopted(one.words[1])
        elif one.keyword != "user" or len(one.words) < 2:
            notes.left(one, say("A setting of a health check that floatip does not know."))
    said = {**SILENT_CHECK, **made}
    made |= {row.key: said[row.key] for row in CHECKS if said[row.key] != row.default}
    if made.get("timeout", 0) == 0:  # keepalived waits for as long as the interval then
        made["timeout"] = made["interval"]
    return made


def _command(words: list[str]) -> str:
    """A command line; words that hold blanks of their own keep their quotes, which floatip refuses."""
    if len(words) == 1:
        return words[0]
    return " ".join(word if word.split() == [word] else f'"{word}"' for word in words)


def _check(command: str) -> dict[str, Any]:
    """The kind of check that runs this command, and what it looks at."""
    words = tuple(command.split(" "))
    found = ((kind, one.adopted(words)) for kind, one in KINDS.items())
    return dict([next((kind, target) for kind, target in found if target is not None)])


def _reader(row: Setting) -> Reader:
    """What takes the statements of a keyword for a setting."""
    if isinstance(row.value, Many):
        return _tracked

    def take(group: Group, one: Statement, notes: Notes) -> Said | None:
        where = group.member if row.scope is Scope.MEMBER else group.cluster
        if isinstance(row.value, Flag):
            where[row.key] = True
        elif len(one.words) == 2:
            where[row.key] = row.value.adopted(one.words[1])
        else:
            return say("{key} takes one value.", key=one.keyword)
        return None

    return take


def _managed(group: Group, one: Statement, notes: Notes) -> Said | None:
    return None if one.keyword in ("state", "vmac_xmit_base") else MANAGED


def _source(group: Group, one: Statement, notes: Notes) -> Said | None:
    if len(one.words) != 2:
        return say("{key} takes one value.", key=one.keyword)
    group.source = one.words[1]
    return None


def _peers(group: Group, one: Statement, notes: Notes) -> None:
    """The peers are the other servers: which, the inventory says."""
    group.cluster["unicast"] = True
    for each in one.body or []:
        if each.comment or len(each.words) != 1 or each.body is not None:
            notes.left(each, COMMENT if each.comment else say("floatip knows no settings of a peer."))
        if each.words and not each.comment:
            group.peers.append(each)


def _addresses(group: Group, one: Statement, notes: Notes) -> None:
    found = group.cluster.setdefault("virtual_ipaddress", [])
    for each in one.body or []:
        if each.comment:
            notes.left(each, COMMENT)
        elif not each.words or each.body is not None:
            notes.left(each, BRACES)
        else:
            found.append(each.words[0])
            group.placed.append(each)


def _devices(group: Group, notes: Notes) -> None:
    """What floatip does not say of a floating address, once the interface of the instance is known."""
    for each in group.placed:
        settings = dict(zip(each.words[1::2], each.words[2::2], strict=False))
        device = settings.pop("dev", group.member.get("interface"))
        if device != group.member.get("interface"):
            why = say("keepalived puts it on {device}; floatip on the interface of the instance.", device=device)
            notes.changed(each.line, each.text, Code.DEVICE, why)
        if settings or len(each.words) % 2 == 0:
            notes.left(each, PLACED)


def _tracked(group: Group, one: Statement, notes: Notes) -> None:
    where = group.cluster if one.keyword == "track_script" else group.member
    found = where.setdefault(one.keyword, [])
    for each in one.body or []:
        if each.comment:
            notes.left(each, COMMENT)
        elif not each.words or each.body is not None:
            notes.left(each, BRACES)
        else:
            found.append(each.words[0])
            if len(each.words) > 1:
                why = OWN_WEIGHT if one.keyword == "track_script" else NO_WEIGHT
                notes.changed(each.line, each.text, Code.TIMES, why)


def _password(group: Group, one: Statement, notes: Notes) -> Said:
    return PASSWORD


READERS: dict[str, Reader] = {
    **{row.rendered[0]: _reader(row) for row in BLOCK if row.rendered},
    "state": _managed,
    "vmac_xmit_base": _managed,
    "unicast_src_ip": _source,
    "unicast_peer": _peers,
    "virtual_ipaddress": _addresses,
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
