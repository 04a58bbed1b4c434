"""ufw: its own command where it knows VRRP (0.36.2, Debian 12 and later), else a block in before.rules.

The block is made live by inserting the same rules into ufw's chain: `ufw reload` would load everything
else that stands in its files as well, and is not needed. Inserted, not appended: when ufw starts, it
hangs the operator's own rules (`ufw-user-input`) at the end of that chain, and a deny there would win.
The block inserts as well, so that the rules stand in the same place after a reboot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from shlex import join

from floatip.firewall import ipt, iptables, places, shell
from floatip.firewall.model import (
    COMMENT,
    Accept,
    Addition,
    Direction,
    Flow,
    Flows,
    Part,
    Step,
    accepted,
    addition,
    written,
)
from floatip.firewall.observe import VARIANTS, Observed
from floatip.model.messages import say

BEGIN = "# floatip begin: accept VRRP from the other nodes\n"
END = "# floatip end\n"
TUPLE = re.compile(
    r"### tuple ### allow vrrp any (?P<to>\S+) any (?P<source>\S+) (?P<direction>in|out) comment="
    + COMMENT.encode().hex()
)
ANYWHERE = ("0.0.0.0/0", "::/0")
CHAINS: dict[tuple[int, Direction], str] = {
    (4, "in"): "ufw-before-input",
    (4, "out"): "ufw-before-output",
    (6, "in"): "ufw6-before-input",
    (6, "out"): "ufw6-before-output",
}


def part(observed: Observed, flows: Flows) -> Part:
    """What ufw contributes."""
    blocked = [flow for flow in flows.needed if _blocks(observed, flow)]
    by_command, by_file = from_tuples(observed), from_blocks(observed)
    wanted = flows.wanted(blocked, by_command | by_file)
    warnings = []
    if observed.has("ufw.noipv6") and any(rule.family == 6 for rule in wanted):
        warnings.append(say("ufw: IPV6=no in /etc/default/ufw drops all IPv6, VRRP too; write IPV6=yes there"))
        wanted = tuple(rule for rule in wanted if rule.family == 4)
    keep = by_file & set(wanted)
    block = keep if observed.has("ufw.vrrp") else set(wanted) - by_command
    steps: list[Step] = [_command(rule) for rule in wanted if rule not in by_command | block]
    steps += [_again(rule) for rule in wanted if rule in by_command - live(observed)]
    steps += [_command(rule).reverse() for rule in sorted(by_command) if rule not in wanted]
    steps += _live(observed, block) + _files(observed, block)
    rules = tuple(accepted("ufw", rule) for rule in wanted)
    return Part("ufw", rules, tuple(steps), (), tuple(warnings))


def _blocks(observed: Observed, flow: Flow) -> bool:
    return any(table.blocks(flow) for tool, table in observed.iptables.items() if VARIANTS[tool] == flow.family)


def from_tuples(observed: Observed) -> frozenset[Accept]:
    """Our rules among those that ufw's command made (comment `floatip`)."""
    text = (observed.file("/etc/ufw/user.rules") or "") + "\n" + (observed.file("/etc/ufw/user6.rules") or "")
    return frozenset(_from_tuple(found) for line in text.splitlines() if (found := TUPLE.fullmatch(line.strip())))


def _from_tuple(found: re.Match[str]) -> Accept:
    source, to = ("" if found[name] in ANYWHERE else _address(found[name]) for name in ("source", "to"))
    return Accept("in" if found["direction"] == "in" else "out", source, to)


def _address(text: str) -> str:
    return text if re.fullmatch(r"[0-9a-f.:]{2,39}(/10)?", text) else ""  # /10: fe80::/10, see `model`


def _command(rule: Accept) -> Addition:
    """`prepend`: an earlier deny of the operator's must not win."""
    source = ["from", rule.source] if rule.source else []
    to = ["to", rule.destination] if rule.destination else []
    allow = join(["allow", rule.direction, "proto", "vrrp", *source, *to])
    add = f"ufw prepend {allow} comment {COMMENT} >/dev/null"
    return addition("ufw", rule, add, f"ufw delete {allow} >/dev/null")


def live(observed: Observed) -> frozenset[Accept]:
    """The rules that ufw's command has loaded. A run that was cut off may have left them in its files only."""
    chains = ("ufw-user-input", "ufw-user-output", "ufw6-user-input", "ufw6-user-output")
    return frozenset[Accept]().union(*(iptable.ours(*chains, comment=None) for iptable in observed.iptables.values()))


def _again(rule: Accept) -> Step:
    step = _command(rule)  # ufw adds no rule that its files have already
    return Step(step.message, f"{step.undo}\n{step.do}", ":")


def from_blocks(observed: Observed) -> frozenset[Accept]:
    """Our rules in the blocks of before.rules and before6.rules."""
    found: set[Accept] = set()
    for family, path in places.UFW_BEFORE.items():
        text = observed.file(path) or ""
        found |= ipt.read(text).ours(*(chain for (version, _), chain in CHAINS.items() if version == family))
    return frozenset(found)


def _live(observed: Observed, wanted: Iterable[Accept]) -> list[Step]:
    wanted = set(wanted)
    present: set[Accept] = set()
    for table in observed.iptables.values():
        present |= table.ours(*CHAINS.values())
    added = [_rule(rule) for rule in sorted(wanted - present)]
    return [*added, *(_rule(rule).reverse() for rule in sorted(present - wanted))]


def _rule(rule: Accept) -> Addition:
    tool, chain = iptables.FAMILY_TOOL[rule.family], CHAINS[rule.family, rule.direction]
    do, undo = iptables.add_line(tool, rule, "-I", chain), iptables.delete_line(tool, rule, chain)
    return addition("ufw", rule, do, undo, chain)


def _files(observed: Observed, wanted: Iterable[Accept]) -> list[Step]:
    steps = []
    for family, path in places.UFW_BEFORE.items():
        old = observed.file(path)
        if old is None:
            continue
        new = with_block(old, [rule for rule in sorted(wanted) if rule.family == family])
        if new != old:
            test = f"{iptables.FAMILY_TOOL[family]}-restore --test"
            steps.append(
                Step(written("ufw", path), shell.change(path, old, new, test=test), shell.change(path, new, old))
            )
    return steps


def with_block(text: str, rules: list[Accept]) -> str:
    """before.rules with our block at the end of its filter table (by then its chains are there), or without it."""
    text = re.sub(re.escape(BEGIN) + r"(?:-[AI] [^\n]*\n)*" + re.escape(END), "", text)
    lines = text.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if line.strip() == "*filter"), None)
    ends = [number for number, line in enumerate(lines) if line.strip() == "COMMIT" and number > (start or 0)]
    if start is None or not ends or not rules:
        return text
    block = [f"-I {CHAINS[rule.family, rule.direction]} {join(iptables.options(rule))}\n" for rule in rules]
    return "".join([*lines[: ends[0]], BEGIN, *block, END, *lines[ends[0] :]])


def leftovers(observed: Observed) -> list[Step]:
    """Take our rules away, also where ufw is switched off by now."""
    steps = [_command(rule).reverse() for rule in sorted(from_tuples(observed))]
    return steps + _live(observed, ()) + _files(observed, ())
