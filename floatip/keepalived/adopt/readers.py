"""The statements of one vrrp_instance, each read into the settings of an inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import Any

from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.adopt.tracking import interfaces, tracked
from floatip.keepalived.conf import ADDRESSES, Statement, folded, options, telling
from floatip.keepalived.conf.defaults import FALSE
from floatip.model.fields import Wrong
from floatip.model.instance import EXCLUDED, FLOATING
from floatip.model.messages import Said, all_of, say
from floatip.model.settings import BLOCK, OPTIONS, Scope, Setting, notifying
from floatip.model.settings.addresses import EXTRA
from floatip.model.settings.fifos import Fifo
from floatip.model.settings.groups import LINES
from floatip.model.settings.notifying import Running
from floatip.model.settings.values import Flag, Many

PASSWORD = say(
    "The VRRP password crosses the network as plain text and is cut to 8 bytes: floatip uses none. "
    "All servers drop it in the same deploy."
)
COMMENT = say("A comment; floatip's file has none. The previous file is kept beside the new one.")
BRACES = say("There is no value here, but braces: if this is a placeholder of a template, fill it in first.")


@dataclass(slots=True)
class Group:
    """One vrrp_instance of one server. `cluster`: what all servers share; `member`: its own; `placed`: its floating
    addresses as the file has them, each with the name of its list, `peers`, and the tracked `files`."""

    name: str
    block: Statement
    cluster: dict[str, Any] = field(default_factory=dict)
    member: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    placed: list[tuple[str, Statement]] = field(default_factory=list)
    peers: list[Statement] = field(default_factory=list)
    files: list[Statement] = field(default_factory=list)

    @property
    def state(self) -> str:
        """What the daemon begins with."""
        found = self.setting("state")
        return "MASTER" if found and found.words[1:2] == ["MASTER"] else "BACKUP"

    def give(self, prefix: str) -> None:
        """A prefix for the floating addresses that have none."""
        for key in ADDRESSES:
            if key in self.cluster:
                self.cluster[key] = [_ending(address, prefix) for address in self.cluster[key]]

    def setting(self, keyword: str) -> Statement | None:
        """The last statement of this keyword: it counts."""
        return next((statement for statement in reversed(self.block.body or []) if statement.keyword == keyword), None)


def _ending(raw: Any, prefix: str) -> object:
    if isinstance(raw, dict):
        return raw if "dev" in raw else {**raw, "address": _ending(raw["address"], prefix)}
    return raw if "/" in raw else f"{raw}/{prefix}"


Reader = Callable[[Group, Statement, Notes], Said | None]
"""Takes one statement of a block; why it is left out, where it is."""


def _reader(row: Setting) -> Reader:
    """What takes the statements of a keyword for a setting."""
    if isinstance(row.value, Many):
        return _tracked

    def take(group: Group, statement: Statement, notes: Notes) -> Said | None:
        return taken(row, group.member if row.scope is Scope.MEMBER else group.cluster, statement)

    return take


def taken(row: Setting, where: dict[str, Any], statement: Statement) -> Said | None:
    """Put the one value of a statement where its setting belongs; why it is left out, where it is."""
    if isinstance(row.value, Flag):
        where[row.key] = " ".join(statement.words[1:]) not in FALSE
    elif isinstance(row.value, Running) and len(statement.words) > 1:
        where[row.key] = notifying.adopted(statement.words[1:])
    elif isinstance(row.value, Fifo) and len(statement.words) > 1:
        where[row.key] = " ".join(statement.words[1:])
    elif len(statement.words) == 2:
        where[row.key] = row.value.adopted(statement.words[1])
    else:
        return say("{key} takes one value.", key=statement.keyword)
    return None


def _preempt(group: Group, statement: Statement, notes: Notes) -> None:
    """The default, and the opposite of `nopreempt`: the last one counts."""
    group.cluster.pop("nopreempt", None)


def _nothing(group: Group, statement: Statement, notes: Notes) -> None:
    """What floatip writes anyway, or what is the default."""


def _state(group: Group, statement: Statement, notes: Notes) -> None:
    """floatip writes BACKUP everywhere: who leads is a matter of priorities, also for keepalived after a second."""
    if statement.words[1:] not in (["MASTER"], ["BACKUP"]):
        why = say("keepalived knows MASTER and BACKUP only, and treats this as BACKUP.")
        notes.changed(statement.line, statement.text, Code.ELECTION, why)


def _source(group: Group, statement: Statement, notes: Notes) -> Said | None:
    if len(statement.words) != 2:
        return say("{key} takes one value.", key=statement.keyword)
    group.source = statement.words[1]
    return None


def _peers(group: Group, statement: Statement, notes: Notes) -> None:
    """The peers are the other servers: which, the inventory says."""
    group.cluster["unicast"] = True
    for each in statement.body or []:
        if each.comment or len(each.words) != 1 or each.body is not None:
            notes.left(each, COMMENT if each.comment else say("floatip has no settings for a peer."))
        if each.words and not each.comment:
            group.peers.append(each)


def _addresses(group: Group, statement: Statement, notes: Notes) -> None:
    group.cluster.setdefault(statement.keyword, [])
    group.placed.extend((statement.keyword, each) for each in _items(statement, notes))


def _routes(group: Group, statement: Statement, notes: Notes) -> None:
    """Lines of ip-route(8) or ip-rule(8): where one says what floatip does not know, the whole block stays as it is."""
    (row,) = (row for row in LINES if row.key == statement.keyword)
    inner = [each for each in statement.body or [] if not each.comment]
    try:
        read = [row.value.read(each.text) for each in inner]
    except Wrong:
        group.cluster.setdefault("extra_lines", []).extend(notes.raw(statement))
        return
    group.cluster.setdefault(row.key, []).extend(read)


def _items(statement: Statement, notes: Notes) -> Iterator[Statement]:
    """What stands in the braces of a list; what cannot stand there is left out, and noted."""
    for each in statement.body or []:
        if each.comment:
            notes.left(each, COMMENT)
        elif not each.words or each.body is not None:
            notes.left(each, BRACES)
        else:
            yield each


def place(group: Group, notes: Notes) -> None:
    """The floating addresses with their options, once the interface of the instance is known; and what it tracks."""
    if line := group.setting("track_interface"):
        interfaces(group.member, line.line, notes)
    for key, each in group.placed:
        said = telling(options(each.words[1:]), str(group.member.get("interface", "")))
        known = {row.key: row.value.adopted(value) for row in OPTIONS if (value := folded(said).get(row.key))}
        if EXTRA in known:
            notes.kept(each)
        if lost := [row.key for row in OPTIONS if said.get(row.key) == ""]:
            notes.left(each, say("{names} of a floating address needs a value.", names=all_of(lost)))
        address = each.words[0]
        group.cluster[key].append({"address": address, **known} if known else address)


def _tracked(group: Group, statement: Statement, notes: Notes) -> None:
    where = group.member if statement.keyword == "track_interface" else group.cluster
    found = where.setdefault(statement.keyword, [])
    for each in _items(statement, notes):
        if statement.keyword == "track_file":
            group.files.append(each)
        found.append(tracked(statement.keyword, each, notes))


def _processes(group: Group, statement: Statement, notes: Notes) -> None:
    """From now on they are health checks."""
    for each in _items(statement, notes):
        group.cluster.setdefault("track_script", []).append(tracked("track_script", each, notes))


def _password(group: Group, statement: Statement, notes: Notes) -> Said:
    return PASSWORD


READERS: dict[str, Reader] = {
    **{row.rendered[0]: _reader(row) for row in BLOCK if row.rendered},
    "state": _state,
    "preempt": _preempt,
    "vmac_xmit_base": _nothing,
    "unicast_src_ip": _source,
    "unicast_peer": _peers,
    FLOATING: _addresses,
    EXCLUDED: _addresses,
    "virtual_routes": _routes,
    "virtual_rules": _routes,
    "authentication": _password,
    "track_process": _processes,
}


def prefixed(address: str, network: str | None) -> str:
    """An address without a prefix gets that of the server's own network, where it lies in it."""
    try:
        own = ip_interface(network) if network else None
        if own and "/" not in address and ip_interface(address).ip in own.network and "/" in (network or ""):
            return f"{address}/{own.network.prefixlen}"
    except (ValueError, TypeError):
        pass
    return address
