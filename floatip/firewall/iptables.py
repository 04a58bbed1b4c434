"""iptables: our accept before everything else in INPUT (and OUTPUT), found again by its comment.

Lasting: lines in rules.v4 and rules.v6, where netfilter-persistent loads them. `netfilter-persistent
save` is not used: it would also keep what happens to be loaded now (bans, containers), which nobody
asked for, and what was there before could not be brought back. Without it: see `boot`.
"""

from __future__ import annotations

from collections.abc import Iterable
from shlex import join

from floatip.firewall import ipt, nftables, places, shell
from floatip.firewall.model import COMMENT, VRRP, Accept, Addition, Flows, Part, Step, accepted, addition, written
from floatip.firewall.observe import VARIANTS, Observed
from floatip.model.messages import Said

FAMILY_TOOL = {4: "iptables", 6: "ip6tables"}


def part(observed: Observed, flows: Flows) -> Part:
    """What iptables contributes, in both of its variants (nft and legacy may both hold rules)."""
    rules: list[Said] = []
    steps: list[Step] = []
    boot: list[str] = []
    for tool in tools(observed):
        family, table = VARIANTS[tool], observed.iptables[tool]
        blocked = [flow for flow in flows.needed if flow.family == family and table.blocks(flow)]
        present = table.ours(*ipt.CHAINS.values())
        wanted = flows.wanted(blocked, present)
        rules += [accepted("iptables", rule, _place(tool, rule)) for rule in wanted]
        steps += [add(tool, rule) for rule in wanted if rule not in present]
        steps += [delete(tool, rule) for rule in sorted(present) if rule not in wanted]
        steps += file_steps(observed, tool, wanted)
        if not lasts(observed, tool):
            boot += [add_line(tool, rule) for rule in wanted]
    return Part("iptables", tuple(rules), tuple(steps), tuple(boot))


def tools(observed: Observed) -> list[str]:
    """The variants whose tables nobody else looks after."""
    if observed.ufw:
        return []
    return [tool for tool in observed.iptables if not _others(observed, tool)]


def _others(observed: Observed, tool: str) -> bool:
    """firewalld with its iptables backend; a table that /etc/nftables.conf makes at boot."""
    if observed.firewalld and any(name.startswith("INPUT_") for name in observed.iptables[tool].chains):
        return True
    family = "ip6" if VARIANTS[tool] == 6 else "ip"
    key = (family, "filter", "INPUT")
    return tool.endswith("-nft") and key in observed.ruleset.chains and nftables.lasts(observed, key)


def in_use(observed: Observed) -> bool:
    """Whether there are rules, or a policy other than accept."""
    tables = [observed.iptables[tool] for tool in tools(observed)]
    policies = {table.policies.get(chain, "ACCEPT") for table in tables for chain in ipt.CHAINS.values()}
    return policies - {"ACCEPT"} != set() or any(
        table.chains.get(chain) for table in tables for chain in ipt.CHAINS.values()
    )


def options(rule: Accept) -> list[str]:
    """The rule's options. The protocol by number: its name is not known everywhere."""
    source = ["-s", rule.source] if rule.source else []
    destination = ["-d", rule.destination] if rule.destination else []
    return [*source, *destination, "-p", VRRP, "-m", "comment", "--comment", COMMENT, "-j", "ACCEPT"]


def _place(tool: str, rule: Accept) -> str:
    return f"{ipt.CHAINS[rule.direction]} ({tool})"


def add_line(tool: str, rule: Accept, flag: str = "-I", chain: str = "") -> str:
    """Shell line that adds the rule where it is not there."""
    return f"floatip_ipt_add {tool} {flag} {join([chain or ipt.CHAINS[rule.direction], *options(rule)])}"


def delete_line(tool: str, rule: Accept, chain: str = "") -> str:
    """Shell line that takes the rule away, as often as it is there."""
    return f"floatip_ipt_delete {tool} {join([chain or ipt.CHAINS[rule.direction], *options(rule)])}"


def add(tool: str, rule: Accept) -> Addition:
    """Add the live rule."""
    return addition("iptables", rule, add_line(tool, rule), delete_line(tool, rule), _place(tool, rule))


def delete(tool: str, rule: Accept) -> Step:
    """Take the live rule away."""
    return add(tool, rule).reverse()


def lasts(observed: Observed, tool: str) -> bool:
    """Whether rules.v4 (rules.v6) is loaded at boot into this variant and has a filter table."""
    text = observed.file(places.RULES_V[VARIANTS[tool]])
    default = observed.has(FAMILY_TOOL[VARIANTS[tool]], tool.rpartition("-")[2])
    return default and observed.has("enabled", "netfilter-persistent") and "*filter" in (text or "").splitlines()


def file_steps(observed: Observed, tool: str, wanted: Iterable[Accept]) -> list[Step]:
    """Our lines in rules.v4 (rules.v6), as they should be."""
    path = places.RULES_V[VARIANTS[tool]]
    old = observed.file(path)
    rules = set(wanted) if lasts(observed, tool) else set()
    if old is None or ipt.read(old).ours(*ipt.CHAINS.values()) == rules:
        return []
    if rules == set() and not observed.has(FAMILY_TOOL[VARIANTS[tool]], tool.rpartition("-")[2]):
        return []  # the file belongs to the other variant
    return [file_step(path, old, with_rules(old, rules), f"{tool}-restore --test")]


def file_step(path: str, old: str, new: str, test: str) -> Step:
    """Turn one rules file into another."""
    return Step(written("iptables", path), shell.change(path, old, new, test=test), shell.change(path, new, old))


def with_rules(text: str, rules: Iterable[Accept]) -> str:
    """A rules file with exactly these rules of ours, inserted (-I) at the end of its filter table."""
    lines = [line for line in text.splitlines(keepends=True) if not _ours(line)]
    added = [f"-I {ipt.CHAINS[rule.direction]} {join(options(rule))}\n" for rule in sorted(rules)]
    start = next((number for number, line in enumerate(lines) if line.strip() == "*filter"), None)
    if start is None or not added:
        return "".join(lines)
    end = next((number for number, line in enumerate(lines) if number > start and line.strip() == "COMMIT"), len(lines))
    return "".join([*lines[:end], *added, *lines[end:]])


def _ours(line: str) -> bool:
    return COMMENT in line and bool(ipt.read(line).ours(*ipt.CHAINS.values()))


def leftovers(observed: Observed) -> list[Step]:
    """Take our rules out of INPUT and OUTPUT of every variant, and out of the files."""
    steps = [
        delete(tool, rule)
        for tool, table in observed.iptables.items()
        for rule in sorted(table.ours(*ipt.CHAINS.values()))
    ]
    for path in places.RULES_V.values():
        old = observed.file(path)
        if old is not None and (new := with_rules(old, ())) != old:
            steps.append(file_step(path, old, new, ":"))
    return steps
