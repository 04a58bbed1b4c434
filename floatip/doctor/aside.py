"""What else a diagnosis wants to know of a host: its service's last end, its journal, its disks, and every machine that
answers for an address. One script, its answer read with suspicion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from floatip import fields, neighbours
from floatip.words import say

MARK = "floatip-aside"
MOST = 1000  # lines that are believed of one host
_REST = rf"""
LC_ALL=C; export LC_ALL
echo {MARK}=1
systemctl show keepalived.service -p LoadState -p Result | sed 's/^/service=/'
df -P /etc /etc/keepalived /var/log /tmp 2>/dev/null | awk 'NR > 1 {{ print "disk=" $5 " " $6 }}'
{{
    nft list ruleset 2>/dev/null | awk '/counter packets [1-9]/ && /drop|reject/'
    iptables -w -nvxL 2>/dev/null | awk '/policy DROP [1-9]/ || ($1 ~ /^[1-9][0-9]*$/ && $3 ~ /^(DROP|REJECT)$/)'
}} | head -n 40 | sed 's/^[[:space:]]*/drops=/'
journalctl -u keepalived.service -b -n 60 -o cat --no-pager 2>/dev/null | sed 's/^/journal=/'
"""


@dataclass(frozen=True, slots=True)
class Aside:
    """`load`, `result`: as systemd calls them; `full`: mount points without room; `journal`: the last lines;
    `drops`: rules of its firewall that have counted what they dropped; `arp`: (interface, address, MAC) of everybody
    who answers."""

    load: str = "loaded"
    result: str = "success"
    full: tuple[str, ...] = ()
    journal: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    arp: tuple[tuple[str, str, str], ...] = ()


def script(ask: Sequence[tuple[str, str]]) -> str:
    """The shell script for one host. `ask`: (interface, IPv4 address without prefix). `fields.Wrong` for others."""
    pairs = [(fields.interface_name(name), address) for name, address in ask if _is_ipv4(address)]
    return "\n".join([_REST, *([neighbours.arp(pairs)] if pairs else []), "true"])


def parse(lines: Iterable[str]) -> Aside:
    """What the script printed; ValueError where it is anything else."""
    values: dict[str, list[str]] = {}
    for line in list(lines)[:MOST]:
        key, _, value = line.partition("=")
        values.setdefault(key, []).append(value)
    if MARK not in values:
        raise ValueError(say("the script did not run"))
    service: Mapping[str, str] = dict(one.partition("=")[::2] for one in values.get("service", []))
    disks = [one.partition("% ")[::2] for one in values.get("disk", [])]
    return Aside(
        load=service.get("LoadState", ""),
        result=service.get("Result", ""),
        full=tuple(dict.fromkeys(place[:80] for used, place in disks if used.isdecimal() and int(used) >= 100)),
        journal=tuple(_plain(line) for line in values.get("journal", [])),
        drops=tuple(dict.fromkeys(_plain(line) for line in values.get("drops", []))),
        arp=tuple(found for value in values.get("arp", []) if (found := neighbours.answer(value))),
    )


def _is_ipv4(address: str) -> bool:
    return isinstance(ip_address(address), IPv4Address)


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:300]
