"""The raw values of an inventory that is being made, and where each of them comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from floatip.keepalived.adopt.blocks import File
from floatip.keepalived.adopt.findings import Code, Finding, Notes, shown
from floatip.keepalived.adopt.naming import called
from floatip.keepalived.adopt.questions import Asked, Asking
from floatip.keepalived.adopt.readers import Group
from floatip.keepalived.conf import Statement
from floatip.model.fields import show
from floatip.model.messages import Said, say
from floatip.model.problems import Problem


@dataclass(slots=True)
class Raw:
    """The raw values, and where they come from. `names`: as `naming.names`; `told`: repairs that were made, so that
    none is tried twice in vain."""

    vrrp: dict[str, dict[str, Any]]
    of_servers: dict[str, dict[str, Any]]
    data: dict[str, Any]
    read: Mapping[str, File]
    names: Mapping[object, str]
    notes: Mapping[str, Notes]
    asking: Asking
    tried: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def hosts(self) -> list[tuple[str, dict[str, Any]]]:
        """As pyinfra has them."""
        return [(node, {**self.of_servers[node], "vrrp": vrrp}) for node, vrrp in self.vrrp.items()]

    def instance(self, name: str) -> dict[str, Any]:
        """The raw settings of an instance."""
        found: dict[str, Any] = self.data["vrrp_instances"].get(name, {})
        return found

    def members(self, name: str) -> dict[str, dict[str, Any]]:
        """Server → its raw part in an instance."""
        return {node: vrrp[name] for node, vrrp in self.vrrp.items() if name in vrrp}

    def group(self, node: str, name: str) -> Group | None:
        """An instance as a server's file has it."""
        file = self.read[node]
        named = dict(zip(called(file, self.names), file.groups, strict=True))
        return named.get(name)

    def statements(self, name: str, keyword: str) -> Iterator[tuple[str, Statement]]:
        """(server, statement) of a setting of an instance, in each file that has it."""
        for node in self.read:
            group = self.group(node, name)
            if group and (found := group.setting(keyword)):
                yield node, found

    def left(self, node: str, line: int, text: str, why: Said, code: Code = Code.LEFT) -> None:
        """Note what is not there any more, or something else."""
        self.notes[node].found.append(Finding(node, line, shown(text), why, code))

    def everywhere(self, name: str, keyword: str, why: Said, code: Code = Code.LEFT) -> None:
        """Note it on each server that says it."""
        for node, statement in self.statements(name, keyword):
            self.left(node, statement.line, statement.text, why, code)

    def where(self, name: str, keyword: str, node: str) -> tuple[tuple[str, ...], int]:
        """A server, and the line of a setting of an instance there."""
        return (node,), next(
            (statement.line for other, statement in self.statements(name, keyword) if other == node), 0
        )

    def checked(self, script: str, keyword: str) -> tuple[tuple[str, ...], int]:
        """The servers that have a check, and the line of a setting of it."""
        blocks = {node: file.checks[script] for node, file in self.read.items() if script in file.checks}
        lines = [each.line for block in blocks.values() for each in block.body or [] if each.keyword == keyword]
        return tuple(blocks), next(iter(lines), 0)

    def of_check(self, script: str, keyword: str, why: Said) -> bool:
        """Note that a setting of a check means something else."""
        for node in self.checked(script, keyword)[0]:
            block = self.read[node].checks[script]
            statement = next((each for each in block.body or [] if each.keyword == keyword), block)
            self.left(node, statement.line, f"vrrp_script {script}: {statement.text}", why, Code.TIMES)
        return True

    def filled(self, where: tuple[str, str], blank: str, wrong: object, obvious: str) -> str:
        """Something that has to be filled in, and that keepalived would not take either."""
        name, keyword = where
        filled = (
            say(
                "{instance} has values that keepalived itself refuses, such as {key} {value}. Made-up values stand in "
                "their place: fill in the real ones.",
                instance=name,
                key=keyword,
                value=show(str(wrong)),
            )
            if wrong
            else say(
                "{instance} lacks values that keepalived needs, such as {key}. Made-up values stand in their place: "
                "fill in the real ones.",
                instance=name,
                key=keyword,
            )
        )
        found = list(self.statements(name, keyword))
        nodes = tuple(node for node, _ in found) or tuple(self.members(name))
        place = (nodes, found[0][1].line if found else 0)
        return self.asking.each(Asked.VALUE, f"values {name}", place, filled, {blank: obvious})[blank]


def number(text: str) -> object:
    """Digits as a number, anything else as it is."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text


def reason(problem: Problem) -> Said:
    """Why something was left out: what the rules say of it."""
    return say("{message} {hint}", message=problem.message, hint=problem.hint) if problem.hint else problem.message
