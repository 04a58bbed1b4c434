"""What the files cannot decide: each question has one obvious answer, which is taken until somebody gives another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from floatip.model.messages import Said


class Asked(StrEnum):
    """What a question is about."""

    ADDRESS = "address"  # the servers' own ones, which nothing tells
    PREFIX = "prefix"  # of floating addresses without one
    PRIORITY = "priority"  # one that floatip does not take, like 255
    LEADER = "leader"  # of servers with one priority
    PREEMPTION = "preemption"  # where the servers differ, or keepalived ignores it
    WEIGHT = "weight"  # one that cannot move the address
    CHECK = "check"  # a command that another kind of check does as well, or that floatip cannot run
    MEMBER = "member"  # an instance of one server only
    VALUE = "value"  # one that keepalived would not take either


@dataclass(frozen=True, slots=True)
class Question:
    """`key`: to answer it by; `line`: in the file of the first of its servers, 0 where it is in none; `choices`: what
    is asked for (a server, or nothing where it is one thing) → the answer in force; `others`: more that make sense;
    `file`: an included one that the line is in."""

    code: Asked
    key: str
    nodes: tuple[str, ...]
    line: int
    text: Said
    choices: tuple[tuple[str, str], ...]
    others: tuple[str, ...] = ()
    file: str = ""

    @property
    def place(self) -> str:
        """Which servers, and where it stands: `d1, d2:7`."""
        return ":".join([", ".join(self.nodes), *filter(None, [self.file]), *(str(self.line),) * bool(self.line)])

    @property
    def choice(self) -> str:
        """The answers in force, in one line."""
        return ", ".join(f"{name} {value}".strip() for name, value in self.choices)

    def blank(self, name: str) -> str:
        """What one answer is known by."""
        return f"{self.key} {name}".strip()

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        document = {"code": self.code.value, "key": self.key, "nodes": list(self.nodes), "file": self.file}
        return {
            **document,
            "line": self.line,
            "text": self.text,
            "choices": dict(self.choices),
            "others": list(self.others),
        }


@dataclass(slots=True)
class Asking:
    """The questions, and what was answered: blank → answer."""

    answers: Mapping[str, str]
    asked: dict[str, Question] = field(default_factory=dict)

    def each(
        self,
        code: Asked,
        key: str,
        where: tuple[tuple[str, ...], int],
        text: Said,
        obvious: Mapping[str, str],
        others: tuple[str, ...] = (),
    ) -> dict[str, str]:
        """What is answered, else the obvious; of several things. `where`: the servers, and the line. What is asked by
        one key again is one question with more to fill in."""
        question = Question(code, key, *where, text, tuple(obvious.items()), others)
        chosen = {
            name: self.answers.get(question.blank(name), value).strip() or value for name, value in obvious.items()
        }
        before = self.asked.get(key, question)
        nodes = tuple(dict.fromkeys((*before.nodes, *question.nodes)))
        choices = {**(dict(before.choices) if key in self.asked else {}), **chosen}
        self.asked[key] = replace(before, nodes=nodes, choices=tuple(choices.items()))
        return chosen

    def choose(
        self, code: Asked, key: str, where: tuple[tuple[str, ...], int], text: Said, obvious: str, *others: str
    ) -> str:
        """The same, of one thing."""
        return self.each(code, key, where, text, {"": obvious}, others)[""]
