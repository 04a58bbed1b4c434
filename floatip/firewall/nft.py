"""A rule set as `nft --json` prints it (libnftables-json(5)), read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from floatip.firewall.match import Match, every, inside, is_vrrp, named, negate, some
from floatip.firewall.model import Direction, FirewallError, Flow
from floatip.firewall.walk import Judgement, Walk
from floatip.model.messages import say

HOOKS: dict[str, Direction] = {"input": "in", "output": "out", "prerouting": "in", "postrouting": "out"}
FAMILIES = {"ip": (4,), "ip6": (6,), "inet": (4, 6)}
TRANSPORTS = ("tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmpv6", "igmp", "esp", "ah", "comp")
PROTOCOL_FIELDS = (("ip", "protocol"), ("ip6", "nexthdr"))

Key = tuple[str, str, str]
"""Family, table, chain."""
Expressions = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain. `direction` is empty where it is no base chain, or one that adverts never meet."""

    key: Key
    direction: Direction | Literal[""] = ""
    hook: str = ""
    policy: str = "accept"
    rules: tuple[Expressions, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All chains of all tables that adverts can meet."""

    chains: dict[Key, Chain] = field(default_factory=dict)

    def base(self) -> Iterator[Chain]:
        """The chains that the kernel itself calls."""
        return (chain for chain in self.chains.values() if chain.direction)

    def blocks(self, chain: Chain, flow: Flow) -> bool:
        """Whether `chain` drops the flow or may drop it. Accepts of VRRP alone do not count: what an
        operator added by hand is often gone after a reboot, and ours is what is being asked about."""
        family, table, name = chain.key
        if flow.direction != chain.direction or flow.family not in FAMILIES[family]:
            return False
        if chain.hook not in ("input", "output") and chain.policy == "accept":
            return False  # single drops at this early (or late) hook are for spoofed and broken packets
        rules = {key[2]: chain.rules for key, chain in self.chains.items() if key[:2] == (family, table)}
        try:
            return Walk(rules, judge).blocked(name, chain.policy, flow)
        except (KeyError, TypeError, ValueError, AttributeError):
            return True  # a rule in a form that we do not know may drop anything


def read(text: str) -> Ruleset:
    """The output of `nft -j -t list ruleset`; FirewallError where it is anything else."""
    if not text.strip():
        return Ruleset()
    try:
        entries = json.loads(text)["nftables"]
        chains = {chain.key: chain for entry in entries if "chain" in entry and (chain := _chain(entry["chain"]))}
        rules: dict[Key, list[Expressions]] = {}
        comments: dict[Key, list[str]] = {}
        for rule in (entry["rule"] for entry in entries if "rule" in entry):
            key = _key(rule, rule["chain"])
            rules.setdefault(key, []).append(
                [statement for statement in rule.get("expr", []) if isinstance(statement, dict)]
            )
            comments.setdefault(key, []).append(str(rule.get("comment", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = say("The list of rules that nft prints cannot be understood: “{error}”", error=f"{error!r:.80}")
        raise FirewallError(said) from None
    return Ruleset(
        {
            key: replace(chain, rules=tuple(rules.get(key, ())), comments=tuple(comments.get(key, ())))
            for key, chain in chains.items()
        }
    )


def _key(entry: dict[str, Any], name: object) -> Key:
    return str(entry["family"]), str(entry["table"]), str(name)


def _chain(entry: dict[str, Any]) -> Chain | None:
    key = _key(entry, entry["name"])
    if key[0] not in FAMILIES:
        return None
    hook = str(entry.get("hook", ""))
    direction: Direction | Literal[""] = HOOKS.get(hook, "") if entry.get("type") == "filter" else ""
    return Chain(key, direction, hook, str(entry.get("policy", "accept")))


def judge(rule: Expressions, flow: Flow) -> Iterator[Judgement]:
    """What a rule does with the flow; an accept of VRRP alone counts as nothing."""
    conditions = [_condition(entry, flow) for entry in rule]
    match = every(conditions)
    if match == "no":
        return
    only_vrrp = any(_asks_for_vrrp(entry) for entry in rule)
    for entry in rule:
        for keyword, argument in entry.items():
            if keyword == "accept" and not only_vrrp:
                yield Judgement(match, "accept")
            elif keyword in ("drop", "reject", "queue"):
                yield Judgement(match, "drop")
            elif keyword == "return":
                yield Judgement(match, "return")
            elif keyword in ("jump", "goto"):
                yield Judgement(match, cast(Literal["jump", "goto"], keyword), str(argument["target"]))
            elif keyword == "vmap":
                yield from _vmap(argument, match, flow)


def _vmap(argument: dict[str, Any], match: Match, flow: Flow) -> Iterator[Judgement]:
    data = argument["data"]
    if not isinstance(data, dict):
        yield Judgement("maybe", "drop")  # a named map: its elements are not listed
        return
    for key, verdict in data["set"]:
        matched = every([match, _compare(argument["key"], key, flow)])
        for judgement in judge([verdict], flow):
            yield Judgement(matched, judgement.verdict, judgement.target)


def _asks_for_vrrp(entry: dict[str, Any]) -> bool:
    match = entry.get("match") or {"op": ""}
    return match["op"] in ("==", "in") and _is_protocol(match["left"]) and is_vrrp(match["right"])


def _is_protocol(left: Any) -> bool:
    if "meta" in left:
        return bool(left["meta"]["key"] == "l4proto")
    payload = left.get("payload", {})
    return (payload.get("protocol"), payload.get("field")) in PROTOCOL_FIELDS


def _condition(entry: dict[str, Any], flow: Flow) -> Match:
    if "limit" in entry or "quota" in entry or "xt" in entry:
        return "maybe"
    match = entry.get("match")
    if not match:
        return "yes"
    result = _compare(match["left"], match["right"], flow)
    return {"==": result, "in": result, "!=": negate(result)}.get(match["op"], "maybe")


def _compare(left: Any, right: Any, flow: Flow) -> Match:
    """Whether the packet's `left` is, or is among, `right`."""
    if not isinstance(left, dict):
        return "maybe"
    payload = left.get("payload", {})
    if payload.get("protocol") in TRANSPORTS:
        return "no"
    if payload.get("protocol") in ("ip", "ip6") and payload["protocol"] != {4: "ip", 6: "ip6"}[flow.family]:
        return "no"
    return some(_equals(left, element, flow) for element in _elements(right))


def _elements(right: Any) -> list[Any]:
    if isinstance(right, dict) and "set" in right:
        return list(right["set"]) if isinstance(right["set"], list) else [right["set"]]
    return right if isinstance(right, list) else [right]


def _equals(left: dict[str, Any], value: Any, flow: Flow) -> Match:
    if isinstance(value, dict) and "elem" in value:
        value = value["elem"]["val"]
    if isinstance(value, str) and value.startswith("@"):
        return "maybe"
    if _is_protocol(left):
        return "maybe" if isinstance(value, dict) else _yes(is_vrrp(value))
    if "payload" in left:
        return _address(left["payload"], value, flow)
    if left.get("ct", {}).get("key") == "state":
        return _yes(value == "new")
    return _meta(str(left.get("meta", {}).get("key")), value, flow)


def _meta(key: str, value: Any, flow: Flow) -> Match:
    if key == "nfproto":
        return _yes(value == f"ipv{flow.family}")
    if key == "protocol":
        return _yes(value == {4: "ip", 6: "ip6"}[flow.family])
    if key in ("iifname", "iif", "oifname", "oif"):
        ours = flow.interface if key[0] == flow.direction[0] else None
        return named(ours, str(value), "*")
    return "maybe"


def _address(payload: dict[str, Any], value: Any, flow: Flow) -> Match:
    ours = {"saddr": flow.source, "daddr": flow.destination}.get(str(payload.get("field")))
    if isinstance(value, dict) and "prefix" in value:
        return inside(ours, f"{value['prefix']['addr']}/{value['prefix']['len']}")
    if isinstance(value, dict) and "range" in value:
        return inside(ours, str(value["range"][0]), str(value["range"][1]))
    return inside(ours, value) if isinstance(value, str) else "maybe"


def _yes(truth: bool) -> Match:
    return "yes" if truth else "no"
