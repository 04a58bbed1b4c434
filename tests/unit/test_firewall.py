"""The firewall step without hosts: what real ones answered, what must be added, and hostile answers.

`firewall_cases/*.txt`: the answer of a real host, decoded, below what has to be planned for it.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from floatip import firewall
from floatip.firewall import firewalld, iptables, nftables, planning, ufw
from floatip.firewall.model import Accept, Peer

CASES = sorted((Path(__file__).parent / "firewall_cases").glob("*.txt"))
PEERS: list[Peer] = [("eth1", "10.9.1.61", False), ("eth1", "fd00::61", False), ("eth1", "10.9.1.62", True)]
FROM_61, FROM_GROUP, TO_GROUP = (
    Accept("in", "10.9.1.61"),
    Accept("in", "fe80::/10", "ff02::12"),
    Accept("out", "", "224.0.0.18"),
)


@dataclass
class Case:
    """A host's answer (`flags`, `texts`), and what has to be planned for it (`wanted`)."""

    wanted: list[tuple[str, str]] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The answer as the probe prints it."""
        flags = ["fw.begin=1", *(f"fw.{flag}" for flag in self.flags)]
        return [*flags, *(line(key, text) for key, text in self.texts.items()), "fw.end=1"]


def line(key: str, text: str) -> str:
    return f"fw.{key}={base64.b64encode(text.encode()).decode()}"


def read(path: Path) -> Case:
    case, key = Case(), ""
    for row in path.read_text().splitlines(keepends=True):
        if row.startswith("== "):
            key = row[3:].strip()
            case.texts[key] = ""
        elif key:
            case.texts[key] += row
        elif not row.startswith("#"):
            word, _, rest = row.strip().partition(" ")
            (case.flags.append(rest) if word == "flag" else case.wanted.append((word, rest)))
    return case


def planned(plan: firewall.Plan) -> list[tuple[str, str]]:
    rows = [("manager", plan.manager)]
    for word, texts in (("needed", plan.needed), ("change", plan.changes), ("warning", plan.warnings)):
        rows += [(word, text) for text in texts]
    return rows


def host(*flags: str, **texts: str) -> firewall.Observed:
    """An answer with just this in it; `__` in a key stands for a dot, `_` for a hyphen."""
    named = {key.replace("__", ".").replace("_", "-"): text for key, text in texts.items()}
    return firewall.observe(Case(flags=list(flags), texts=named).lines())


def nft(*rules: str, policy: str = "drop", family: str = "inet", hook: str = "input") -> str:
    """A rule set with one base chain; each rule is the JSON of its expressions."""
    place = {"family": family, "table": "t", "handle": 1}
    chain = {**place, "name": "c", "type": "filter", "hook": hook, "prio": 0, "policy": policy}
    entries = [{"rule": {**place, "chain": "c", "expr": json.loads(f"[{rule}]")}} for rule in rules]
    return json.dumps({"nftables": [{"metainfo": {}}, {"chain": chain}, *entries]})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_real_hosts_need(path: Path) -> None:
    case = read(path)
    plan = firewall.plan(firewall.observe(case.lines()), PEERS)
    assert planned(plan) == case.wanted
    assert (plan.script is None) == (plan.changes == ()) == (plan.arm is None)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("text", ["script", "arm", "disarm"])
def test_the_scripts_are_posix_shell_and_only_accept(path: Path, text: str) -> None:
    script = getattr(firewall.plan(firewall.observe(read(path).lines()), PEERS), text)
    if script is None:
        return
    assert subprocess.run([shutil.which("dash") or "sh", "-n"], input=script, text=True, check=False).returncode == 0
    assert not re.search(
        r"flush|--policy|-P |-F |ufw (reload|enable)|--reload|nft -f|DROP|REJECT|\bdrop\b",
        script.replace("nft -c -f", ""),
    )


ACCEPT, DROP = {"accept": None}, {"drop": None}
LAN = {"prefix": {"addr": "10.9.0.0", "len": 16}}


def asks(what: str, right: object, op: str = "==") -> dict[str, object]:
    """`ip saddr 10.0.0.0/8` as nft says it in JSON."""
    return {"match": {"op": op, "left": left(what), "right": right}}


def left(what: str) -> dict[str, object]:
    first, second = what.split()
    return {first: {"key": second}} if first in ("meta", "ct") else {"payload": {"protocol": first, "field": second}}


def vmap(what: str, *pairs: object) -> dict[str, object]:
    return {"vmap": {"key": left(what), "data": {"set": list(pairs)}}}


MATCHES: dict[str, tuple[list[object], str, bool]] = {  # does the advert from 10.9.1.61 on eth1 need an accept of ours?
    "policy": ([], "drop", True),
    "accept all": ([ACCEPT], "drop", False),
    "accept the network": ([asks("ip saddr", LAN), ACCEPT], "drop", False),
    "accept others": ([asks("ip saddr", "10.9.1.61", "!="), ACCEPT], "drop", True),
    "accept a range": ([asks("ip saddr", {"set": [{"range": ["10.9.1.50", "10.9.1.70"]}]}), ACCEPT], "drop", False),
    "accept a named set": ([asks("ip saddr", "@friends"), ACCEPT], "drop", True),
    "accept eth1": ([asks("meta iifname", "eth*"), ACCEPT], "drop", False),
    "accept eth0": ([asks("meta iifname", {"set": ["eth0", "lo"]}), ACCEPT], "drop", True),
    "accept established": ([asks("ct state", ["established", "related"], "in"), ACCEPT], "drop", True),
    "accept now and then": ([{"limit": {"rate": 1, "per": "second"}}, ACCEPT], "drop", True),
    "accept by hand": ([asks("meta l4proto", 112), ACCEPT], "drop", True),
    "accept by protocol": ([asks("ip protocol", "vrrp"), ACCEPT], "drop", True),
    "accept IPv6": ([asks("meta nfproto", "ipv6"), ACCEPT], "drop", True),
    "drop tcp": ([asks("tcp dport", 80), DROP], "accept", False),
    "drop the network": ([asks("ip saddr", LAN), {"reject": None}], "accept", True),
    "drop by map": ([vmap("meta l4proto", ["tcp", ACCEPT], ["vrrp", DROP])], "accept", True),
    "map of states": ([vmap("ct state", ["invalid", DROP], ["established", ACCEPT])], "accept", False),
    "named map": ([{"vmap": {"key": left("meta l4proto"), "data": "@verdicts"}}], "accept", True),
    "jump to nowhere": ([{"jump": {"target": "gone"}}], "accept", False),
    "what nobody knows": ([{"xt": None}, DROP], "accept", True),
}


@pytest.mark.parametrize("rule, policy, needs", MATCHES.values(), ids=MATCHES)
def test_which_nft_rules_stop_an_advert(rule: list[object], policy: str, needs: bool) -> None:
    observed = host(nft=nft(json.dumps(rule)[1:-1], policy=policy))
    plan = firewall.plan(observed, [("eth1", "10.9.1.61", False)])
    assert bool(plan.needed) == needs
    assert not needs or plan.needed == ("nftables: accept VRRP (protocol 112) from 10.9.1.61 in inet t c",)


IPTABLES = {
    "policy": ("", "DROP", True),
    "article": ("-A INPUT -p vrrp -j ACCEPT", "DROP", True),
    "network": ("-A INPUT -s 10.9.1.0/24 -j ACCEPT", "DROP", False),
    "not the network": ("-A INPUT ! -s 10.9.1.0/24 -j ACCEPT", "DROP", True),
    "interface": ("-A INPUT -i eth+ -j ACCEPT", "DROP", False),
    "chain": ("-N in\n-A INPUT -j in\n-A in -d 224.0.0.0/4 -j ACCEPT", "DROP", False),
    "chain that returns": ("-N in\n-A INPUT -j in\n-A in -p tcp -j ACCEPT\n-A in -j RETURN", "DROP", True),
    "chain of no return": ("-N in\n-A INPUT -g in\n-A INPUT -j ACCEPT", "DROP", True),
    "reject": ("-A INPUT -p tcp -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-port-unreachable", "ACCEPT", True),
    "log": ('-A INPUT -j LOG --log-prefix "in: "', "ACCEPT", False),
    "unknown target": ("-A INPUT -j NFQUEUE --queue-num 1", "ACCEPT", True),
    "unknown condition": ("-A INPUT -m recent --name x --rcheck -j DROP", "ACCEPT", True),
    "tcp": ("-A INPUT -p tcp -m tcp --dport 23 -j DROP", "ACCEPT", False),
}


@pytest.mark.parametrize("rules, policy, needs", IPTABLES.values(), ids=IPTABLES)
def test_which_iptables_rules_stop_an_advert(rules: str, policy: str, needs: bool) -> None:
    observed = host("iptables=nft", iptables_nft=f"-P INPUT {policy}\n-P OUTPUT ACCEPT\n{rules}\n")
    assert bool(firewall.plan(observed, [("eth1", "10.9.1.61", False)]).needed) == needs


FILES = {
    "nftables.conf": ("flush ruleset\n", nftables.with_include, nftables.without_include),
    "nftables.conf without newline": ("table ip t {\n}", nftables.with_include, nftables.without_include),
    "nftables.conf empty": ("", nftables.with_include, nftables.without_include),
    "rules.v4": (
        "*nat\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n# end\n",
        lambda text: iptables.with_rules(text, [FROM_61, TO_GROUP]),
        lambda text: iptables.with_rules(text, []),
    ),
    "before.rules": (
        "# rules\n*filter\n:ufw-before-input - [0:0]\n# do not delete\nCOMMIT\n*nat\nCOMMIT",
        lambda text: ufw.with_block(text, [FROM_61, TO_GROUP]),
        lambda text: ufw.with_block(text, []),
    ),
}


@pytest.mark.parametrize("text, add, remove", FILES.values(), ids=FILES)
def test_files_of_others_come_back_byte_for_byte(text: str, add, remove) -> None:  # type: ignore[no-untyped-def]
    assert add(text) != text
    assert add(add(text)) == add(text)
    assert remove(add(text)) == text
    assert remove(text) == text


def test_rules_go_into_the_filter_table_of_a_file() -> None:
    text = "*nat\nCOMMIT\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n"
    line = "-I INPUT -s 10.9.1.61 -p 112 -m comment --comment floatip -j ACCEPT\n"
    assert iptables.with_rules(text, [FROM_61]) == text.removesuffix("COMMIT\n") + line + "COMMIT\n"


def test_ufws_own_denies_never_come_first_live_or_after_a_reboot() -> None:
    case = read(next(path for path in CASES if path.stem == "ufw-0.36"))
    script = firewall.plan(firewall.observe(case.lines()), PEERS).script or ""
    assert re.search(r"floatip_ipt_add iptables -I ufw-before-input -s 10\.9\.1\.61 ", script)
    assert "-A ufw" not in script
    text = "*filter\n-A ufw-before-input -j DROP\nCOMMIT\n"
    block = set(ufw.with_block(text, [FROM_61, TO_GROUP]).splitlines()) - set(text.splitlines())
    assert {line.split()[0] for line in block} == {"#", "-I"}


def test_a_block_that_was_appended_is_written_anew() -> None:
    text = "*filter\nCOMMIT\n"
    new = ufw.with_block(text, [FROM_61])
    old = new.replace("-I ufw", "-A ufw")
    assert old != new
    assert ufw.with_block(old, [FROM_61]) == new
    assert ufw.with_block(old, []) == text


@pytest.mark.parametrize("unicast", [False, True])
def test_ipv6_is_limited_to_link_local_for_the_group_and_to_the_peer_for_unicast(unicast: bool) -> None:
    plan = firewall.plan(host(nft=nft()), [("eth1", "fd00::61", unicast)])
    assert plan.needed == (
        f"nftables: accept VRRP (protocol 112) from {'fd00::61' if unicast else 'fe80::/10'} in inet t c",
    )


def test_rules_of_a_peer_stay_through_a_change_of_transport_and_go_with_the_peer() -> None:
    comment = ', "comment": "floatip from fe80::/10"'
    text = nft('{"accept": null}').replace('"chain": "c"', f'"chain": "c"{comment}', 2)
    observed = host(nft=text.replace(comment, "", 1) if text.count(comment) > 1 else text)
    assert firewall.plan(observed, [("eth1", "fd00::61", True)]).script is not None
    stays = firewall.plan(observed, [("eth1", "fd00::61", True)])
    assert "fe80::/10" in " ".join(stays.needed)
    gone = firewall.plan(observed, [("eth1", "10.9.1.61", False)])
    assert "nftables: no longer accept VRRP (protocol 112) from fe80::/10 in inet t c" in gone.changes
    assert firewall.plan(observed, []).needed == ()


def zones(target: str = "default", rules: Sequence[str] = (), **active: dict[str, list[str]]) -> dict[str, str]:
    settings = json.dumps(
        {
            "type": "a{sv}",
            "data": [{"target": {"type": "s", "data": target}, "rules_str": {"type": "as", "data": list(rules)}}],
        }
    )
    names = {"public", *active}
    return {
        "firewalld__default": '{"type":"s","data":["public"]}',
        "firewalld__active": json.dumps({"type": "a{sa{sas}}", "data": [active]}),
        **{f"firewalld__{half}__{name}": settings for half in ("runtime", "permanent") for name in names},
    }


@pytest.mark.parametrize(
    "answer, zone",
    [
        (zones(), "public"),
        (zones(cluster={"interfaces": ["eth1"]}), "cluster"),
        (zones(cluster={"interfaces": ["eth1"]}, near={"sources": ["10.9.1.0/24"]}), "near"),
        (zones("ACCEPT"), ""),
    ],
)
def test_firewalld_decides_by_source_then_interface_then_default(answer: dict[str, str], zone: str) -> None:
    plan = firewall.plan(host(**answer), [("eth1", "10.9.1.61", False)])
    assert plan.manager == "firewalld"
    assert plan.needed == ((f"firewalld: accept VRRP (protocol 112) from 10.9.1.61 in zone {zone}",) if zone else ())
    assert len(plan.changes) == (3 if zone else 0)


def test_firewalld_rules_are_known_again() -> None:
    rules = [firewalld.rich(FROM_61), firewalld.rich(FROM_GROUP), 'rule family="ipv4" protocol value="vrrp" accept']
    observed = host(**zones(rules=rules))
    assert firewall.plan(observed, [("eth1", "10.9.1.61", False), ("eth1", "fd00::61", False)]).script is None
    script = firewall.remove(observed)
    assert script is not None and "--remove-rich-rule" in script and "floatip_zone_restore public" in script


def test_a_timer_of_an_earlier_run_is_stopped() -> None:
    plan = firewall.plan(host("pending=1"), PEERS)
    assert plan.script == planning.DISARM
    assert f"floatip_stop {firewall.UNDO_UNIT}.timer" in plan.script


HOSTILE = {
    "nothing": [],
    "cut off": ["fw.begin=1"],
    "noise": ["fw.begin=1", "hello", "fw.end=1"],
    "no base64": ["fw.begin=1", "fw.nft=a", "fw.end=1"],
    "shell in a flag": ["fw.begin=1", "fw.ufw=$(id)", "fw.end=1"],
    "too large": ["fw.begin=1", "fw.nft=" + "A" * 6_000_000, "fw.end=1"],
    "no json": ["fw.begin=1", line("nft", "table inet filter"), "fw.end=1"],
    "deep json": ["fw.begin=1", line("nft", "[" * 100_000), "fw.end=1"],
    "other json": ["fw.begin=1", line("nft", '{"nftables": [{"chain": 1}]}'), "fw.end=1"],
    "rule of a number": ["fw.begin=1", line("nft", '{"nftables": [{"rule": 7}]}'), "fw.end=1"],
}


@pytest.mark.parametrize("lines", HOSTILE.values(), ids=HOSTILE)
def test_a_host_that_answers_nonsense_is_refused(lines: list[str]) -> None:
    with pytest.raises(firewall.FirewallError):
        firewall.observe(lines)


ODD = [
    '{"match":{"op":"==","left":"x","right":1}},{"accept":null}',
    '{"match":{"op":"==","left":{"meta":null},"right":1}},{"accept":null}',
    '{"match":{"op":[],"left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{}}}},{"accept":null}',
    '{"match":{"op":"==","left":{"payload":{"protocol":[],"field":"saddr"}},"right":"1"}},{"accept":null}',
    '{"vmap":{"key":1,"data":{"set":[1]}}}',
    '{"jump":null}',
    '{"jump":{"target":"c"}}',
]


@pytest.mark.parametrize("rule", ODD)
def test_odd_rules_end_in_a_refusal_or_in_an_accept_of_ours(rule: str) -> None:
    try:
        plan = firewall.plan(host(nft=nft(rule)), PEERS)
    except firewall.FirewallError:
        return
    assert plan.needed


@pytest.mark.parametrize("name", ["c; id", "$(id)", "c\nflush ruleset", "`id`", "c'"])
def test_names_from_the_host_never_reach_a_shell(name: str) -> None:
    text = json.loads(nft())
    text["nftables"][1]["chain"]["name"] = name
    plan = firewall.plan(host(nft=json.dumps(text)), PEERS)
    assert plan.script is None and len(plan.warnings) == 1


@pytest.mark.parametrize("zone", ["a b", "$(id)", "x;y", "../z"])
def test_zone_names_from_the_host_never_reach_a_shell(zone: str) -> None:
    answer = zones()
    answer["firewalld__active"] = json.dumps({"type": "a{sa{sas}}", "data": [{zone: {"interfaces": ["eth1"]}}]})
    with pytest.raises(firewall.FirewallError):
        firewall.plan(host(**answer), PEERS)


@pytest.mark.parametrize("interface", ["a;id", "$(id)", "eth0!x", "", "x" * 16, "e\n"])
def test_interface_names_are_checked_again(interface: str) -> None:
    with pytest.raises(firewall.FirewallError):
        firewall.plan(host(), [(interface, "10.9.1.61", False)])


def test_the_probe_is_posix_shell() -> None:
    assert (
        subprocess.run([shutil.which("dash") or "sh", "-n"], input=firewall.PROBE, text=True, check=False).returncode
        == 0
    )
