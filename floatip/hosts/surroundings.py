"""What else a diagnosis wants to know of a host: its service's last end, its journal, its disks, and every machine that
answers for an address. One script, its answer read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address
from shlex import quote

from floatip.hosts import kernel_routes, neighbours
from floatip.model import fields, paths
from floatip.model.messages import say

MARK = "floatip-surroundings"
ASKED = "^Printing .* on signal$"
"""What keepalived says, three times, whenever somebody asks for its status."""
CONNECTS = ': <>"/dev/tcp/$0/$1"'
MOST = 1000  # lines that are believed of one host
FIRST, LAST, LONG, BYTES = 200, 60, 300, 32768  # lines of its journal, how long one is, and what is read of them
MANY = 400  # lines of which the last ones are chosen
CHECKS, PATIENCE = 16, 3  # health checks that are run once more, and for how many seconds
READS = re.compile(r"Starting Keepalived v|Reloading \.\.\.")
"""What keepalived says before it reads its file."""
DAEMONS = ("Keepalived", "Keepalived_vrrp", "Keepalived_healthcheckers")
SPOKEN = " + ".join(
    [
        "_SYSTEMD_UNIT=keepalived.service",
        "_PID=1 UNIT=keepalived.service",
        " ".join(f"SYSLOG_IDENTIFIER={name}" for name in DAEMONS),
    ]
)
"""Not `-u` alone: what a child says that ends at once, for want of a program to become, the journal often cannot give
to a unit any more (70 of 300 such lines, measured on Debian 12)."""
_REST = rf"""
LC_ALL=C; export LC_ALL
echo {MARK}=1
systemctl show keepalived.service -p LoadState -p Result | sed 's/^/service=/'
{{
    nft list ruleset 2>/dev/null | awk '/counter packets [1-9]/ && /drop|reject/'
    iptables -w -nvxL 2>/dev/null | awk '/policy DROP [1-9]/ || ($1 ~ /^[1-9][0-9]*$/ && $3 ~ /^(DROP|REJECT)$/)'
}} | head -n 40 | sed 's/^[[:space:]]*/drops=/'
floatip_said() {{
    journalctl {SPOKEN} -b -o cat --no-pager "$@" 2>/dev/null
}}
since=$(systemctl show keepalived.service -p ExecReload -p ExecMainStartTimestamp |
    sed -n 's/.*start_time=\[\([^]]*[0-9][^]]*\)\].*/2 \1/p; s/^ExecMainStartTimestamp=/1 /p' | sort | tail -n 1)
floatip_said ${{since:+--since="${{since#? }}"}} | head -c {BYTES} | cut -c -{LONG} | sed 's/^/loaded=/;{FIRST}q'
floatip_said -n {MANY} | sed '/{ASKED}/d' | tail -n {LAST} | head -c {BYTES} | cut -c -{LONG} | sed 's/^/journal=/'
floatip_says() {{ # words of a health check of ours: the last line that it says, if it fails
    cd / && said=$(timeout -k 1 {PATIENCE} setpriv --reuid=nobody --regid=nogroup --clear-groups "$@" 2>&1 </dev/null)
    [ $? = 0 ] || [ -z "$said" ] || printf 'check=%s\t%s\n' "$*" "$(printf '%s\n' "$said" | tail -n 1 | cut -c -{LONG})"
}}
set -f
floatip_ours='s|^ *script "\({paths.CHECK_SCRIPT} [^"]*\)"$|\1|p'
sed -n "$floatip_ours" {paths.KEEPALIVED_CONF} 2>/dev/null | sort -u | head -n {CHECKS} | {{
    while read -r words; do floatip_says $words & done
    wait
}}
"""


@dataclass(frozen=True, slots=True)
class Aside:
    """`load`, `result`: as systemd calls them; `journal`: the last lines; `loaded`: the first ones since the daemon has
    read its file for the last time; `drops`: rules of its firewall that have counted what they dropped; `arp`:
    (interface, address, MAC) of everybody who answers; `said`: command line of a health check of ours that fails → what
    it says; `routes`: kind → what the kernel has, and `mail`: whether the mail server can be connected to,
    None where nobody asked."""

    load: str = "loaded"
    result: str = "success"
    journal: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    arp: tuple[tuple[str, str, str], ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    routes: Mapping[str, list[kernel_routes.Entry]] | None = None
    mail: bool | None = None


def script(ask: Sequence[tuple[str, str]], *, routes: bool = False, mail: Sequence[str] = ()) -> str:
    """The shell script for one host. `ask`: (interface, IPv4 address without prefix). `fields.Wrong` for others.
    `routes`: ask the kernel for those, too; `mail`: host and port of the mail server that has to answer."""
    pairs = [(fields.interface_name(name), address) for name, address in ask if _is_ipv4(address)]
    kernel = [f"{{\n{kernel_routes.SCRIPT}}} | sed 's/^/routes=/'"] if routes else []
    answers = [f"timeout {PATIENCE} bash -c {quote(CONNECTS)} {' '.join(map(quote, mail))} 2>/dev/null; echo mail=$?"]
    return "\n".join([_REST, *kernel, *(answers if mail else []), *([neighbours.arp(pairs)] if pairs else []), "true"])


def parse(lines: Iterable[str]) -> Aside:
    """What the script printed; ValueError where it is anything else."""
    values: dict[str, list[str]] = {}
    for line in list(lines)[:MOST]:
        key, _, value = line.partition("=")
        values.setdefault(key, []).append(value)
    if MARK not in values:
        raise ValueError(say("the script did not run"))
    service: Mapping[str, str] = dict(text.partition("=")[::2] for text in values.get("service", []))
    return Aside(
        load=service.get("LoadState", ""),
        result=service.get("Result", ""),
        journal=tuple(_plain(line) for line in values.get("journal", [])),
        loaded=_loaded([_plain(line) for line in values.get("loaded", values.get("journal", []))]),
        drops=tuple(dict.fromkeys(_plain(line) for line in values.get("drops", []))),
        arp=tuple(found for value in values.get("arp", []) if (found := neighbours.answer(value))),
        routes=kernel_routes.parse("\n".join(values["routes"])) if "routes" in values else None,
        mail=values["mail"] == ["0"] if "mail" in values else None,
        said={
            command: _plain(said)
            for command, tab, said in (line.partition("\t") for line in values.get("check", []))
            if tab
        },
    )


def _loaded(lines: list[str]) -> tuple[str, ...]:
    """From the last time on that the daemon has read its file: who sends it a signal by hand, tells systemd nothing."""
    begun = [number for number, line in enumerate(lines) if READS.match(line)]
    return tuple(lines[begun[-1] if begun else 0 :])


def _is_ipv4(address: str) -> bool:
    return isinstance(ip_address(address), IPv4Address)


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:300]
