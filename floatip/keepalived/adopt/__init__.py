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
    merging    several files as one; agreeing: what all servers must say alike
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

from floatip.keepalived.adopt import agreeing, changes, checks, expanding, merging, naming, settling, tracking
from floatip.keepalived.adopt.blocks import file
from floatip.keepalived.adopt.findings import Code, Finding, Notes, Together, together
from floatip.keepalived.adopt.origins import Raw
from floatip.keepalived.adopt.own import Addresses, Owns, Placed, floating
from floatip.keepalived.adopt.questions import Asked, Asking, Question
from floatip.keepalived.adopt.readers import Group
from floatip.keepalived.conf import Source, masked

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
    scripts = merging.scripts(read, notes)
    if not any(content.ours for content in read.values()):  # of ours all comes back as it was
        tracking.fold([group.cluster for some in parts.values() for _, group in some], scripts)
    others = checks.choose(scripts, read, notes, asking)
    gone = checks.lost(scripts, read, notes)
    for node, content in read.items():
        changes.users(content, notes[node], others | gone)
        agreeing.users(scripts, content.scripts, notes[node])
    data: dict[str, Any] = {"vrrp_instances": merging.instances(parts, order, own, sources, read, notes)}
    for name in gone:
        checks.untrack(data["vrrp_instances"], name)
    data |= merging.sync_groups(read, parts, notes) | merging.files(read, notes)
    lines = {
        "global_lines": merging.lines({node: content.global_lines for node, content in read.items()}, notes),
        "extra_lines": merging.lines({node: content.lines for node, content in read.items()}, notes),
    }
    data |= {key: value for key, value in ({"vrrp_scripts": scripts} | lines).items() if value}
    vrrp = {node: {called: _member(group, own[node, called]) for called, group in some} for node, some in parts.items()}
    hosts, everywhere = merging.settings(read, notes)
    data |= everywhere
    settling.settle(Raw(vrrp, hosts, data, read, names, notes, asking))
    found = tuple(found for note in notes.values() for found in note.found)
    return Adopted(vrrp, hosts, data, found, tuple(asking.asked.values()))


def _own(parts: Mapping[str, list[tuple[str, Group]]], order: Collection[str], owns: Owns) -> Placed:
    own: Placed = {}
    for called in order:
        mine = [(node, group) for node, some in parts.items() for name, group in some if name == called]
        agreeing.preemption(called, mine, owns.asking)
        own |= owns.of(called, mine)
    return own


def _member(group: Group, address: str) -> dict[str, Any]:
    return {"interface": "", **({"address": address} if address else {}), **group.member}


def _source(group: Group, address: str) -> str:
    """Where a server's adverts will come from; empty where that is not known."""
    return str(group.member.get("mcast_src_ip", address.split("/")[0]))
