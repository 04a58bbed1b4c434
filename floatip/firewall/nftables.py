"""nftables: our accept in each of the operator's own base chains that would drop the adverts.

An accept in a table of ours does not help, at an earlier priority neither: every base chain of a hook
is asked, and one drop is enough. So the rules go into the operator's chains, marked by their comment,
and into a file of ours that /etc/nftables.conf includes at its end (it starts by flushing everything).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from shlex import quote

from floatip.firewall import places, shell
from floatip.firewall.match import is_name
from floatip.firewall.model import COMMENT, VRRP, Accept, Addition, Flows, Part, Step, accepted, addition, written
from floatip.firewall.nft import Chain, Key, Ruleset
from floatip.firewall.observe import Observed
from floatip.model.messages import Said, say

IPTABLES_TABLES = ("filter", "nat", "mangle", "raw", "security")
BEGIN = "# floatip begin: accept VRRP from the other nodes"
BLOCK = f'{BEGIN}\ninclude "{places.NFT_RULES}"\n# floatip end\n'
NO_NEWLINE = BEGIN + " (no newline stood before this)"
HEADER = (
    "# Managed by floatip: changes are lost.\n"
    "# Accepts VRRP from the other nodes. `add` does nothing where table and chain exist, and keeps\n"
    "# this file loadable where they were taken out of /etc/nftables.conf.\n"
)
COMMENTS = re.compile(rf"{COMMENT} (from|to) ([0-9a-f.:]+(?:/10)?)")


def part(observed: Observed, flows: Flows) -> Part:
    """What nftables contributes: chains that others look after (iptables, firewalld) left out."""
    rules: list[Said] = []
    steps: list[Step] = []
    boot: list[str] = []
    warnings: list[Said] = []
    lasting: list[tuple[Key, Accept]] = []
    for chain in own_chains(observed):
        present = ours(chain)
        blocked = [flow for flow in flows.needed if observed.ruleset.blocks(chain, flow)]
        where = " ".join(chain.key)
        if not is_name(chain.key[1]) or not is_name(chain.key[2]):
            if blocked:
                drops = say(
                    "nftables: the chain {chain} drops VRRP; allow protocol 112 there by hand", chain=f"{where!r:.90}"
                )
                warnings.append(drops)
            continue
        wanted = flows.wanted(blocked, present)
        rules += [accepted("nftables", rule, where) for rule in wanted]
        steps += [_add(chain.key, rule) for rule in wanted if rule not in present]
        steps += [_delete(chain.key, rule) for rule in present if rule not in wanted]
        if lasts(observed, chain.key):
            lasting += [(chain.key, rule) for rule in wanted]
        else:
            boot += [boot_line(chain.key, rule) for rule in wanted]
    steps += file_steps(observed, lasting)
    return Part("nftables", tuple(rules), tuple(steps), tuple(boot), tuple(warnings))


def own_chains(observed: Observed) -> Iterator[Chain]:
    """The base chains that no program looks after, and any that has a rule of ours."""
    for chain in observed.ruleset.base():
        if not owned_by_others(observed, chain.key):
            yield chain


def owned_by_others(observed: Observed, key: Key) -> bool:
    """Whether firewalld, fail2ban or iptables-nft will rewrite this table as they like."""
    family, table, name = key
    if table == "firewalld" or table.startswith("f2b-"):
        return True
    tool = {"ip": "iptables-nft", "ip6": "ip6tables-nft"}.get(family, "")
    return tool in observed.iptables and table in IPTABLES_TABLES and name.isupper() and not lasts(observed, key)


def lasts(observed: Observed, key: Key) -> bool:
    """Whether /etc/nftables.conf makes this chain at boot: then our rules belong there too."""
    if not observed.has("enabled", "nftables"):
        return False
    text = (observed.file(places.NFTABLES_CONF) or "") + "\n" + observed.texts.get("nftables.included", "")
    text = re.sub(r"#[^\n]*", "", text)
    family, table, chain = key
    prefix = r"(?:ip\s+)?" if family == "ip" else rf"{family}\s+"
    nested = re.search(rf"\btable\s+{prefix}{re.escape(table)}\s*\{{", text)
    nested = nested and re.search(rf"\bchain\s+{re.escape(chain)}\s*\{{", text[nested.end() :])
    flat = re.search(rf"\bchain\s+{prefix}{re.escape(table)}\s+{re.escape(chain)}\s*\{{", text)
    return bool(nested or flat)


def ours(chain: Chain) -> frozenset[Accept]:
    """The rules with our comment in a chain."""
    found = (COMMENTS.fullmatch(comment) for comment in chain.comments)
    return frozenset(_named(match[1], match[2]) for match in found if match)


def _named(direction: str, address: str) -> Accept:
    if direction == "to":
        return Accept("out", "", address)
    return Accept("in", address, "ff02::12" if address.endswith("/10") else "")


def expression(rule: Accept) -> str:
    """The conditions of a rule, as nft reads them."""
    family = "ip6" if rule.family == 6 else "ip"
    source = f"{family} saddr {rule.source} " if rule.source else ""
    destination = f"{family} daddr {rule.destination} " if rule.destination else ""
    return f"{source}{destination}meta l4proto {VRRP}"


def add_line(key: Key, rule: Accept) -> str:
    """Shell line that adds the rule where it is not there."""
    return f"floatip_nft_add {' '.join(key)} {quote(f'{COMMENT} {rule.name}')} {quote(expression(rule))}"


def delete_line(key: Key, rule: Accept) -> str:
    """Shell line that takes the rule away, as often as it is there."""
    return f"floatip_nft_delete {' '.join(key)} {quote(f'{COMMENT} {rule.name}')}"


def boot_line(key: Key, rule: Accept) -> str:
    """The same for a chain that may not be there yet, or be no base chain."""
    return f"if nft list chain {' '.join(key)} 2>/dev/null | grep -q ' hook '; then {add_line(key, rule)}; fi"


def _add(key: Key, rule: Accept) -> Addition:
    return addition("nftables", rule, add_line(key, rule), delete_line(key, rule), " ".join(key))


def _delete(key: Key, rule: Accept) -> Step:
    return _add(key, rule).reverse()


def rules_file(rules: Iterable[tuple[Key, Accept]]) -> str | None:
    """The file that /etc/nftables.conf includes; None where it would be empty."""
    lines: list[str] = []
    for key, rule in rules:
        family, table, chain = key
        lines += [f"add table {family} {table}", f"add chain {' '.join(key)}"]
        lines.append(f'insert rule {family} {table} {chain} {expression(rule)} accept comment "{COMMENT} {rule.name}"')
    return HEADER + "\n".join(dict.fromkeys(lines)) + "\n" if lines else None


def with_include(text: str) -> str:
    """nftables.conf with our block at its end."""
    bare = without_include(text)
    if bare and not bare.endswith("\n"):
        return bare + "\n" + BLOCK.replace(BEGIN, NO_NEWLINE)
    return bare + BLOCK


def without_include(text: str) -> str:
    """nftables.conf as it was before us, byte for byte."""
    text = text.replace("\n" + BLOCK.replace(BEGIN, NO_NEWLINE), "")
    return text.replace(BLOCK, "")


def file_steps(observed: Observed, lasting: list[tuple[Key, Accept]]) -> Iterator[Step]:
    """Our file and its include. The include comes last and goes first, so it never points nowhere."""
    old, conf = observed.file(places.NFT_RULES), observed.file(places.NFTABLES_CONF)
    new = rules_file(lasting)
    file = _file_step(places.NFT_RULES, old, new, "")
    include = None
    if conf is not None:
        wanted = with_include(conf) if new else without_include(conf)
        include = _file_step(places.NFTABLES_CONF, conf, wanted, "nft -c -f")
    yield from (step for step in ([file, include] if new else [include, file]) if step)


def _file_step(path: str, old: str | None, new: str | None, test: str) -> Step | None:
    if old == new:
        return None
    do = shell.change(path, old, new, test=test or ":")
    message = written("nftables", path) if new is not None else say("nftables: remove {path}", path=path)
    return Step(message, do, shell.change(path, new, old))


def leftovers(ruleset: Ruleset) -> Iterator[Step]:
    """Take our rules out of every chain, whoever looks after it."""
    for chain in ruleset.chains.values():
        if is_name(chain.key[1]) and is_name(chain.key[2]):
            yield from (_delete(chain.key, rule) for rule in sorted(ours(chain)))
