"""Rules as `iptables -S` and rules.v4 hold them, read with suspicion."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from floatip.firewall.match import Match, every, inside, is_vrrp, named, negate, some
from floatip.firewall.model import COMMENT, Accept, Direction, Flow
from floatip.firewall.walk import Judgement, Walk

CHAINS: dict[Direction, str] = {"in": "INPUT", "out": "OUTPUT"}
HARMLESS = ("-m", "--comment", "-c")
NEVER = ("rt", "tcp", "udp", "icmp", "icmp6", "ipv6-icmp")  # what an advert does not have
NOT_FINAL = ("LOG", "NFLOG", "MARK", "CONNMARK", "TRACE", "ULOG", "TOS", "DSCP", "SET", "AUDIT", "TCPMSS", "CT")


@dataclass(frozen=True, slots=True)
class Option:
    """`! -s 10.0.0.0/8` as its parts."""

    name: str
    values: tuple[str, ...]
    negated: bool = False


Rule = tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter table of one family."""

    policies: dict[str, str] = field(default_factory=dict)
    chains: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def blocks(self, flow: Flow) -> bool:
        """Whether the flow is dropped or may be. Accepts of VRRP alone do not count (see `nft`)."""
        chain = CHAINS[flow.direction]
        return Walk(self.chains, self._judge).blocked(chain, self.policies.get(chain, "ACCEPT").lower(), flow)

    def ours(self, *chains: str, comment: str | None = COMMENT) -> frozenset[Accept]:
        """The rules in `chains` that are as ours are, with our comment (None: without any)."""
        found = (accept(rule, comment) for chain in chains for rule in self.chains.get(chain, ()))
        return frozenset(line for line in found if line)

    def _judge(self, rule: Rule, flow: Flow) -> Iterator[Judgement]:
        match = every(_condition(option, flow) for option in rule)
        target = next((option for option in rule if option.name in ("-j", "-g")), None)
        if match == "no" or target is None or not target.values or target.values[0] in NOT_FINAL:
            return
        name = target.values[0]
        if name == "ACCEPT":
            if not asks_for_vrrp(rule):
                yield Judgement(match, "accept")
        elif name == "RETURN":
            yield Judgement(match, "return")
        elif name in self.chains:
            yield Judgement(match, "jump" if target.name == "-j" else "goto", name)
        else:
            yield Judgement(match, "drop")  # DROP, REJECT, NFQUEUE, and whatever else we do not know


def read(text: str, table: str = "filter") -> Filter:
    """`iptables -S`, or one table of an iptables-save file. Lines that are neither are left out."""
    policies: dict[str, str] = {}
    chains: dict[str, list[Rule]] = {}
    current = table
    for line in text.splitlines():
        if line.startswith("*"):
            current = line[1:].strip()
        arguments = _words(line) if current == table and line.startswith(("-", ":")) else []
        if len(arguments) > 2 and arguments[0] == "-P":
            policies[arguments[1]] = arguments[2]
        elif len(arguments) > 1 and arguments[0].startswith(":"):
            policies[arguments[0][1:]] = arguments[1]
        elif len(arguments) > 1 and arguments[0] == "-N":
            chains.setdefault(arguments[1], [])
        elif len(arguments) > 1 and arguments[0] in ("-A", "-I"):
            chains.setdefault(arguments[1], []).append(options(arguments[2:]))
    return Filter(policies, {name: tuple(rules) for name, rules in chains.items()})


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return []


def options(arguments: Sequence[str]) -> Rule:
    """`-s 10.9.1.61/32 -p vrrp -j ACCEPT` as options with their values."""
    found: list[Option] = []
    name, negated, pending = "", False, False
    values: list[str] = []
    for word in [*arguments, "-"]:
        if word == "!":
            pending = True
        elif word.startswith("-"):
            if name:
                found.append(Option(name, tuple(values), negated))
            name, values, negated, pending = word, [], pending, False
        else:
            values.append(word)
    return tuple(found)


def asks_for_vrrp(rule: Rule) -> bool:
    """Whether the rule is about VRRP alone."""
    return any(
        option.name == "-p" and not option.negated and option.values and is_vrrp(option.values[0]) for option in rule
    )


def accept(rule: Rule, comment: str | None = COMMENT) -> Accept | None:
    """The rule as one of ours, if it is: our comment, VRRP, ACCEPT."""
    values = {option.name: option.values[0] for option in rule if option.values and not option.negated}
    if values.get("--comment") != comment or values.get("-j") != "ACCEPT" or not asks_for_vrrp(rule):
        return None
    source, destination = (_bare(values.get(name, "")) for name in ("-s", "-d"))
    return Accept("in" if source else "out", source, destination)


def _bare(network: str) -> str:
    """Without the prefix that iptables adds to a single address."""
    return network.removesuffix("/128" if ":" in network else "/32")


def _condition(option: Option, flow: Flow) -> Match:
    if option.name == "-m" and option.values and option.values[0] in NEVER:
        return "no"
    if option.name in ("-j", "-g", "--reject-with", "--log-prefix", "--log-level") or option.name in HARMLESS:
        return "yes"
    result = some(_holds(option.name, value, flow) for value in option.values) if option.values else "maybe"
    return negate(result) if option.negated else result


def _holds(name: str, value: str, flow: Flow) -> Match:
    if name == "-p":
        return "yes" if is_vrrp(value) or value in ("all", "0") else "no"
    if name in ("-s", "-d"):
        return inside(flow.source if name == "-s" else flow.destination, value)
    if name in ("-i", "-o"):
        return named(flow.interface if name[1] == flow.direction[0] else None, value, "+")
    if name in ("--ctstate", "--state"):
        return "yes" if "NEW" in value.split(",") else "no"
    return "maybe"
