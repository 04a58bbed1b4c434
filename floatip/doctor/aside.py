"""What else a diagnosis wants to know of a host: its service's last end, its journal, its disks, and every machine that
answers for an address. One script, its answer read with suspicion."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from floatip import fields

MARK = "floatip-aside"
MOST = 400  # lines that are believed of one host
# An ARP probe (RFC 5227) by broadcast, and every answer within a second: the kernel would keep only the first.
_ARP = r"""
use Socket; my ($name, $address) = @ARGV;
sub say_of { open my $file, "<", "/sys/class/net/$name/$_[0]" or exit; my $text = <$file>; chomp $text; $text }
my ($index, $own) = (say_of("ifindex"), say_of("address")); (my $mac = $own) =~ s/://g; $mac = pack "H*", $mac;
socket(my $socket, 17, 2, unpack "S", pack "n", 0x0806) or exit;
bind($socket, pack "S n i S C C a8", 17, 0x0806, $index, 0, 0, 0, "") or exit;
my $probe = pack "n n C C n a6 a4 a6 a4", 1, 0x0800, 6, 4, 1, $mac, "\0\0\0\0", "", inet_aton($address);
for (1 .. 2) { send($socket, $probe, 0, pack "S n i S C C a8", 17, 0x0806, $index, 1, 0, 6, "\xff" x 6); }
my $until = time + 2; my $bits = ""; vec($bits, fileno $socket, 1) = 1; my %seen;
while (time < $until) {
    next if select(my $ready = $bits, undef, undef, 0.3) < 1;
    defined recv($socket, my $packet, 256, 0) or next;
    my ($kind, $from, $of) = (unpack("n", substr $packet, 6, 2), substr($packet, 8, 6), substr $packet, 14, 4);
    next if $kind != 2 || $of ne inet_aton($address);
    my $told = join ":", unpack "(H2)6", $from;
    print "arp=$name $address $told\n" if !$seen{$told}++ && keys %seen < 20;
}
"""
_REST = rf"""
LC_ALL=C; export LC_ALL
echo {MARK}=1
systemctl show keepalived.service -p LoadState -p Result | sed 's/^/service=/'
df -P /etc /var/log /tmp 2>/dev/null | awk 'NR > 1 {{ print "disk=" $5 " " $6 }}'
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
    lines = [f"perl -e {shlex.quote(_ARP)} -- {shlex.join(pair)}" for pair in pairs]
    return "\n".join([_REST, *lines, "true"])


def parse(lines: Iterable[str]) -> Aside:
    """What the script printed; ValueError where it is anything else."""
    values: dict[str, list[str]] = {}
    for line in list(lines)[:MOST]:
        key, _, value = line.partition("=")
        values.setdefault(key, []).append(value)
    if MARK not in values:
        raise ValueError("the script did not run")
    service: Mapping[str, str] = dict(one.partition("=")[::2] for one in values.get("service", []))
    disks = [one.partition("% ")[::2] for one in values.get("disk", [])]
    return Aside(
        load=service.get("LoadState", ""),
        result=service.get("Result", ""),
        full=tuple(dict.fromkeys(place[:80] for used, place in disks if used.isdecimal() and int(used) >= 100)),
        journal=tuple(_plain(line) for line in values.get("journal", [])),
        drops=tuple(dict.fromkeys(_plain(line) for line in values.get("drops", []))),
        arp=tuple(found for value in values.get("arp", []) if (found := _answer(value))),
    )


def _is_ipv4(address: str) -> bool:
    return isinstance(ip_address(address), IPv4Address)


def _answer(value: str) -> tuple[str, str, str] | None:
    found = re.fullmatch(r"(\S{1,15}) ([0-9.]{7,15}) ([0-9a-f:]{17})", value)
    return (found[1], found[2], found[3]) if found else None


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:300]
