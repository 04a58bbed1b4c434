"""Taking over what servers run already: their keepalived.conf files as the raw values of an inventory.

    expanding  what a file is once keepalived has put in what it includes and defines, and where its lines come from
    findings   what became of the lines that are no setting
    questions  what the files cannot decide, each with one obvious answer
    blocks     one server's file as raw settings
    readers    the statements of one vrrp_instance, each read into its settings
    tracking   what it tracks, with weights
    groups     instances that move together; track_files, fifos, processes: what stands beside the instances
    naming     which instances of several files are one
    own        the servers' own addresses
    agreeing   what all servers must say alike
    commands   the command of a health check, as a kind of check
    checks     the health checks of all servers
    changes    what would mean something else from now on
    origins    the raw values, and where each comes from
    settling   what no inventory may say, made into something that it may
    repairs    each such repair, by the problem that asks for it; elections has those of who leads, address_repairs and
               line_repairs those of addresses and of raw lines

Every line is accounted for: it became a setting, or it is what floatip writes anyway, or a finding tells what became
of it. What the files of the servers say differently, though they must agree, is a finding too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from floatip.keepalived.adopt import agreeing, changes, checks, expanding, groups, naming, settling, tracking
from floatip.keepalived.adopt.blocks import File, file
from floatip.keepalived.adopt.findings import Code, Finding, Notes, Together, together
from floatip.keepalived.adopt.origins import Raw
from floatip.keepalived.adopt.own import Addresses, Owns, Placed, floating
from floatip.keepalived.adopt.questions import Asked, Asking, Question
from floatip.keepalived.adopt.readers import Group, prefixed
from floatip.keepalived.conf import ADDRESSES, Source, masked
from floatip.model.instance import FLOATING
from floatip.model.settings import GLOBAL, INSTANCE, NODE
from floatip.model.settings.addresses import address_of

__all__ = [
    "Adopted",
    "Asked",
    "Code",
    "Finding",
    "Question",
    "Together",
    "adopt",
    "masked",
    "placeholders",
    "together",
]

DEFAULTS = {row.key: row.default for row in (*INSTANCE, *GLOBAL) if not row.required}
PLACEHOLDER = re.compile(r"\{\{[^{}\n]*\}\}|\{\$\w+\}|\$\{\w+\}")
DEFINED = re.compile(r"^\s*\$(\w+)\s*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Adopted:
    """`vrrp`: server → its part in each group; `hosts`: what it says of itself; `data`: what they share; all as raw as
    an inventory."""

    vrrp: dict[str, dict[str, Any]]
    hosts: dict[str, dict[str, Any]]
    data: dict[str, Any]
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...] = ()


def placeholders(file: str | Source) -> tuple[str, ...]:
    """What marks a file as a template: `{{NAME}}`, `{$NAME}`, `${NAME}`, outside of comments and of what it defines."""
    (expanded,) = expanding.expanded({"": file}).values()
    defined = set(DEFINED.findall(expanded.text))
    found = (mark[0] for line in expanded.text.splitlines() for mark in PLACEHOLDER.finditer(re.split("[!#]", line)[0]))
    return tuple(
        dict.fromkeys(word for word in found if word.strip("${}") not in defined and not word.startswith("${_"))
    )


def adopt(
    files: Mapping[str, str | Source], addresses: Mapping[str, Addresses], answers: Mapping[str, str] | None = None
) -> Adopted:
    """What the files (server → its keepalived.conf, with what that includes) say. `addresses`: those of the servers
    that were looked at; `answers`: blanks of questions that an earlier call had → what somebody says."""
    read = expanding.expanded(files)
    found = _adopt({name: file.text for name, file in read.items()}, addresses, answers)
    findings = [*expanding.found_there(found.findings, read), *expanding.gone(read)]
    return replace(found, findings=tuple(findings), questions=tuple(expanding.asked_there(found.questions, read)))


def _adopt(files: Mapping[str, str], addresses: Mapping[str, Addresses], answers: Mapping[str, str] | None) -> Adopted:
    notes = {name: Notes(name) for name in files}
    asking = Asking(answers or {})
    read = {name: file(text, notes[name]) for name, text in files.items()}
    for content in read.values():
        changes.notified(content)
    naming.same_vrid(read, notes)
    names = naming.names(read)
    parts = {
        node: list(zip(naming.called(content, names), content.groups, strict=True)) for node, content in read.items()
    }
    order = naming.in_order([[called for called, _ in some] for some in parts.values()])
    floats = (text for content in read.values() for text in floating(content.groups))
    links = {node: {str(group.member.get("interface")) for _, group in some} for node, some in parts.items()}
    several = frozenset(node for node, found in links.items() if len(found) > 1)
    owns = Owns(addresses, asking, frozenset(text.split("/")[0] for text in floats), several)
    own = _own(parts, order, owns)
    sources = {
        (node, called): _source(group, "" if (node, called) in owns.made_up else own[node, called])
        for node, some in parts.items()
        for called, group in some
    }
    scripts = _scripts(read, notes)
    if not any(content.ours for content in read.values()):  # of ours all comes back as it was
        tracking.fold([group.cluster for some in parts.values() for _, group in some], scripts)
    others = checks.choose(scripts, read, notes, asking)
    gone = checks.lost(scripts, read, notes)
    for node, content in read.items():
        changes.users(content, notes[node], others | gone)
        agreeing.users(scripts, content.scripts, notes[node])
    data: dict[str, Any] = {"vrrp_instances": _instances(parts, order, own, sources, read, notes)}
    for name in gone:
        checks.untrack(data["vrrp_instances"], name)
    data |= _sync_groups(read, parts, notes) | _files(read, notes)
    lines = {
        "global_lines": _lines({node: content.global_lines for node, content in read.items()}, notes),
        "extra_lines": _lines({node: content.lines for node, content in read.items()}, notes),
    }
    data |= {key: value for key, value in ({"vrrp_scripts": scripts} | lines).items() if value}
    vrrp = {node: {called: _member(group, own[node, called]) for called, group in some} for node, some in parts.items()}
    hosts, everywhere = _settings(read, notes)
    data |= everywhere
    settling.settle(Raw(vrrp, hosts, data, read, names, notes, asking))
    found = tuple(found for note in notes.values() for found in note.found)
    return Adopted(vrrp, hosts, data, found, tuple(asking.asked.values()))


def _settings(read: Mapping[str, File], notes: Mapping[str, Notes]) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """What each server says of itself in `global_defs`, and what all of them do."""
    own = {row.key for row in NODE}
    hosts = {
        node: {key: value for key, value in content.settings.items() if key in own and value != node}
        for node, content in read.items()
    }
    shared: dict[str, Any] | None = None
    for node, content in read.items():
        mine = {key: value for key, value in _unlike_default(content.settings).items() if key not in own}
        shared = mine if shared is None else shared
        agreeing.agree(shared, mine, "global_defs", notes[node])
    return hosts, shared or {}


def _own(parts: Mapping[str, list[tuple[str, Group]]], order: Collection[str], owns: Owns) -> Placed:
    own: Placed = {}
    for called in order:
        mine = [(node, group) for node, some in parts.items() for name, group in some if name == called]
        agreeing.preemption(called, mine, owns.asking)
        own |= owns.of(called, mine)
    return own


def _instances(
    parts: Mapping[str, list[tuple[str, Group]]],
    order: Collection[str],
    own: Placed,
    sources: Placed,
    read: Mapping[str, File],
    notes: Mapping[str, Notes],
) -> dict[str, Any]:
    shared: dict[str, dict[str, Any]] = {}
    for node, some in parts.items():
        for called, group in some:
            mine = _cluster_part(group, own[node, called], read[node])
            agreeing.agree(shared.setdefault(called, mine), mine, called, notes[node])
            _changes(group, called, own, sources, node, notes[node])
    return {name: shared[name] for name in order}


def _scripts(read: Mapping[str, File], notes: Mapping[str, Notes]) -> dict[str, Any]:
    scripts: dict[str, Any] = {}
    for node, content in read.items():
        for name, script in content.scripts.items():
            agreeing.agree(scripts.setdefault(name, script), script, f"vrrp_script {name}", notes[node])
    return scripts


def _files(read: Mapping[str, File], notes: Mapping[str, Notes]) -> dict[str, Any]:
    files: dict[str, Any] = {}
    for node, content in read.items():
        for name, settings in content.files.items():
            agreeing.agree(files.setdefault(name, settings), settings, f"track_file {name}", notes[node])
    return {"track_files": files} if files else {}


def _lines(said: Mapping[str, list[str]], notes: Mapping[str, Notes]) -> list[str]:
    """The raw lines of the first server that has some, for all."""
    lines = next((mine for mine in said.values() if mine), [])
    for node, mine in said.items():
        if mine != lines:
            agreeing.differs(notes[node], "; ".join(mine)[:80] or "-", "; ".join(lines)[:80])
    return lines


def _member(group: Group, address: str) -> dict[str, Any]:
    return {"interface": "", **({"address": address} if address else {}), **group.member}


def _sync_groups(
    read: Mapping[str, File], parts: Mapping[str, list[tuple[str, Group]]], notes: Mapping[str, Notes]
) -> dict[str, Any]:
    """Which groups move together, where any do. A server need not say anything of one that none of its instances is
    in."""
    said: dict[str, dict[str, object]] = {}
    for node, some in parts.items():
        called = {group.name: name for name, group in some}
        tracked = {group.name: list(map(tracking.named, group.cluster.get("track_script", ()))) for _, group in some}
        user = changes.named_user(read[node])
        said[node] = groups.adopted(read[node].sync, called, tracked, read[node].scripts, notes[node], user)
    found = groups.of_all(said.values())
    for node, mine in said.items():
        here = {name for name, _ in parts[node]}
        shared = {name: group for name, group in found.items() if name in mine or here & groups.instances(group)}
        agreeing.agree(shared, mine, groups.KEYWORD, notes[node])
    return {groups.KEYWORD: found} if found else {}


def _source(group: Group, address: str) -> str:
    """Where a server's adverts will come from; empty where that is not known."""
    return str(group.member.get("mcast_src_ip", address.split("/")[0]))


def _changes(group: Group, called: str, own: Placed, sources: Placed, node: str, notes: Notes) -> None:
    """What would mean something else, in one group of one server."""
    address = own[node, called]
    floating = [
        address_of(address) for key in ADDRESSES for address in group.cluster.get(key, []) if not _elsewhere(address)
    ]
    others = [source for (other, name), source in sources.items() if name == called and other != node]
    changes.election(group, called, notes)
    changes.prefixes(group, {text: prefixed(text, address) for text in floating}, notes)
    changes.source(group, sources[node, called] if "mcast_src_ip" in group.member else address, notes)
    changes.peers(group, others, notes)


def _cluster_part(group: Group, own: str, content: File) -> dict[str, Any]:
    made = dict(group.cluster)
    made.setdefault(FLOATING, [])
    made |= {key: [_prefixed(address, own) for address in made[key]] for key in ADDRESSES if key in made}
    if content.version is not None:
        made.setdefault("version", content.version)
    return _unlike_default(made)


def _unlike_default(made: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in made.items() if key not in DEFAULTS or value != DEFAULTS[key]}


def _elsewhere(raw: object) -> bool:
    """Whether a floating address is put on another interface: the network of the server's own is none of its own."""
    return isinstance(raw, dict) and "dev" in raw


def _prefixed(raw: Any, own: str) -> object:
    if _elsewhere(raw):
        return raw
    return {**raw, "address": prefixed(raw["address"], own)} if isinstance(raw, dict) else prefixed(raw, own)
