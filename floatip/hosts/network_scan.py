"""What a network says before it is trusted: VRRP adverts that arrive at a host, and who answers for an address.

The script needs nothing that a Debian host could lack: perl-base is essential there. It listens with a packet
socket, so it hears what a firewall would drop, and asks for an address by having the kernel resolve it (ARP or NDP).
A host is not trusted: what it prints is read strictly, and bounded.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Interface, IPv6Interface, ip_address

from floatip.model import fields
from floatip.model.messages import say

MARK = "floatip-heard"
SECONDS = 4.0
MOST = 500  # lines that are believed of one host
CARP_SIZE, CARP_WORDS = 36, 7

# SOL_PACKET 263, PACKET_ADD_MEMBERSHIP 1 with PACKET_MR_ALLMULTI 2; SO_ATTACH_FILTER 26 with a filter for protocol
# 112 in IPv4 (byte 9) or IPv6 (byte 6); SO_BINDTODEVICE 25; packet type 4 is what the host itself sends (packet(7)).
LISTENER = r"""
sub listener { # an interface; a socket that hears its adverts, or nothing and why
    my ($name) = @_; my $index;
    if (open my $file, "<", "/sys/class/net/$name/ifindex") { $index = 0 + <$file> }
    return (undef, "no such interface") if !$index;
    my $code = join "", map { pack "SCCL", @$_ } [0x30,0,0,0], [0x54,0,0,0xf0], [0x15,0,2,0x40], [0x30,0,0,9],
        [0x15,3,4,112], [0x15,0,3,0x60], [0x30,0,0,6], [0x15,0,1,112], [6,0,0,65535], [6,0,0,0];
    socket(my $socket, 17, 2, unpack "S", pack "n", 3) or return (undef, "$!");
    setsockopt($socket, SOL_SOCKET, 26, pack "S x![P] P", 10, $code) or return (undef, "$!");
    bind($socket, pack "S n i S C C a8", 17, 3, $index, 0, 0, 0, "") or return (undef, "$!");
    setsockopt($socket, 263, 1, pack "i S S a8", $index, 2, 0, "");
    return ($socket, "");
}
sub advert { # what came next: source, destination, advert; nothing for what this host sends itself
    my $from = recv($_[0], my $packet, 2048, 0); return if !defined $from;
    return if (unpack "S n i S C C a8", $from)[4] == 4 || length $packet < 20;
    my $six = (ord($packet) >> 4) == 6; return if $six && length $packet < 40;
    my ($start, $at, $long) = $six ? (40, 8, 16) : ((ord($packet) & 15) * 4, 12, 4);
    return if length $packet < $start;
    my ($source, $destination) = map { substr $packet, $at + $_ * $long, $long } 0, 1;
    return ($six ? inet_ntop(AF_INET6, $source) : inet_ntoa($source), $destination, substr $packet, $start, 200);
}
"""
"""Two functions for perl scripts that `use Socket qw(:DEFAULT inet_ntop)`."""
_LISTEN = r"""
use Socket qw(:DEFAULT inet_ntop); $| = 1; my ($until, %of, $bits) = (up() + shift);
sub up { open my $file, "<", "/proc/uptime" or exit; (split " ", <$file>)[0] }
for my $name (@ARGV) {
    my ($socket, $why) = listener($name);
    if ($socket) { $of{fileno $socket} = [$name, $socket]; vec($bits, fileno $socket, 1) = 1; print "listened=$name\n" }
    else { print "deaf=$name $why\n" }
}
my %seen;
while ((my $left = $until - up()) > 0 && %of) {
    next if select(my $ready = $bits, undef, undef, $left > 0.5 ? 0.5 : $left) < 1;
    for my $number (grep { vec($ready, $_, 1) } keys %of) {
        my ($name, $socket) = @{$of{$number}};
        my ($source, undef, $advert) = advert($socket) or next;
        my $line = "heard=$name $source " . unpack("H*", $advert) . "\n";
        print $line if !$seen{$line}++ && keys %seen < 200;
    }
}
"""
_ASK = r"""
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
while (my ($name, $address) = splice @ARGV, 0, 2) {
    my $six = $address =~ /:/; my $family = $six ? AF_INET6 : AF_INET; my $number = inet_pton($family, $address);
    socket(my $socket, $family, SOCK_DGRAM, 0) or next;
    setsockopt($socket, SOL_SOCKET, 25, $name);
    send($socket, "", 0, $six ? pack_sockaddr_in6(9, $number) : pack_sockaddr_in(9, $number));
}
select undef, undef, undef, 1.2;
"""


class Protocol(StrEnum):
    """What has IP protocol number 112."""

    VRRP = "VRRP"
    CARP = "CARP"  # BSD's, ucarp's, OPNsense's: its packets have version 2 and type 1 as well


@dataclass(frozen=True, slots=True)
class Advert:
    """One router as it was heard on an interface (RFC 9568 section 5). CARP's `virtual_router_id` is a VHID, its
    `priority` an advskew, for which less is more; its addresses are secret."""

    interface: str
    source: str
    virtual_router_id: int
    version: int
    priority: int
    addresses: tuple[str, ...]
    protocol: Protocol = Protocol.VRRP


@dataclass(frozen=True, slots=True)
class Heard:
    """What one host heard. `deaf`: (interface, why); `answered`: (interface, address, MAC)."""

    adverts: tuple[Advert, ...] = ()
    listened: tuple[str, ...] = ()
    deaf: tuple[tuple[str, str], ...] = ()
    answered: tuple[tuple[str, str, str], ...] = ()


def script(listen: Sequence[str], ask: Sequence[tuple[str, str]], seconds: float = SECONDS) -> str:
    """The shell script for one host. `listen`: interfaces; `ask`: (interface, address without prefix).

    Raises `fields.Wrong` for anything that is no interface or address.
    """
    interfaces = [fields.interface_name(name) for name in listen]
    asked = [(fields.interface_name(name), str(ip_address(address))) for name, address in ask]
    lines = ["LC_ALL=C; export LC_ALL", f"echo {MARK}=1"]
    if interfaces:
        words = [f"{max(1, seconds):.1f}", *interfaces]
        lines.append(f"perl -e {shlex.quote(_LISTEN + LISTENER)} -- {shlex.join(words)} || echo 'deaf=* perl failed'")
    return "\n".join([*lines, *resolved(asked), "true"])


def resolved(asked: Sequence[tuple[str, str]]) -> list[str]:
    """Lines of shell that have the kernel resolve addresses, and print what it finds as `neigh=`. `asked`: checked."""
    lines = []
    for name, address in asked:  # a stale entry would answer for somebody who has left
        lines.append(f"ip neigh del {address} dev {shlex.quote(name)} 2>/dev/null")
    if asked:
        lines.append(f"perl -e {shlex.quote(_ASK)} -- {shlex.join(word for pair in asked for word in pair)}")
    for name, address in asked:
        shown = f"neigh={name} {address}"
        lines.append(f'printf "%s %s\\n" {shlex.quote(shown)} "$(ip neigh show to {address} dev {shlex.quote(name)})"')
    return lines


def parse(lines: Iterable[str]) -> Heard:
    """What the script printed; ValueError where it is anything else."""
    values: dict[str, list[str]] = {}
    for line in list(lines)[:MOST]:
        key, _, value = line.partition("=")
        values.setdefault(key, []).append(value)
    if MARK not in values:
        raise ValueError(say("the listening script did not run"))
    adverts = tuple(advert for value in values.get("heard", []) if (advert := _advert(value)))
    return Heard(
        tuple(dict.fromkeys(adverts)),
        tuple(name for name in values.get("listened", []) if fields.INTERFACE_NAME.fullmatch(name)),
        tuple(_pair(value) for value in values.get("deaf", [])),
        tuple(found for value in values.get("neigh", []) if (found := neighbour(value))),
    )


def free_vrid(taken: Iterable[int], first: int = 101) -> int:
    """A group number that nobody uses, `first` where that is free; ValueError where all are taken."""
    used = set(taken)
    return next((one for one in [*range(first, 256), *range(1, first)] if one not in used), 0) or _none_left()


def candidates(own: Sequence[IPv4Interface | IPv6Interface], most: int = 8) -> tuple[str, ...]:
    """Addresses near the servers' own that could be free: `most` of them, with the prefix of their network."""
    if not own:
        return ()
    network = own[0].network
    used = {one.ip for one in own}
    first = int(network.network_address) + 2  # the first one is the gateway's more often than not
    last = min(int(network.network_address) + network.num_addresses - 2, first + 4096)
    begin = max(first, min(int(one) for one in used) + 1) if int(min(used)) < last else first
    numbers = [*range(begin, last + 1), *range(first, begin)]
    kind = type(own[0].ip)
    free = (kind(number) for number in numbers if kind(number) not in used)
    return tuple(f"{address}/{network.prefixlen}" for address, _ in zip(free, range(most), strict=False))


def _none_left() -> int:
    raise ValueError(say("all 255 group numbers are in use here"))


def _advert(value: str) -> Advert | None:
    found = re.fullmatch(r"([A-Za-z0-9._-]{1,15}) ([0-9a-f.:]{2,45}) ([0-9a-f]{16,400})", value)
    if not found:
        return None
    payload = bytes.fromhex(found[3][: len(found[3]) // 2 * 2])
    version, kind, size = payload[0] >> 4, payload[0] & 15, 16 if ":" in found[2] else 4
    if kind != 1 or version not in (2, 3):
        return None
    if is_carp(payload):
        return _checked(found[1], found[2], payload, (), Protocol.CARP)
    rest = payload[8:]
    count = min(payload[3], len(rest) // size)
    addresses = tuple(str(ip_address(rest[size * number : size * (number + 1)])) for number in range(count))
    return _checked(found[1], found[2], payload, addresses, Protocol.VRRP)


def _checked(
    interface: str, source: str, payload: bytes, addresses: tuple[str, ...], protocol: Protocol
) -> Advert | None:
    try:
        known = str(ip_address(source))
    except ValueError:
        return None
    return Advert(interface, known, payload[1], payload[0] >> 4, payload[2], addresses, protocol)


def is_carp(payload: bytes) -> bool:
    """Whether it is CARP: 36 bytes, 7 words of authentication, where VRRP of version 2 would have seven addresses and
    44 bytes."""
    return payload[0] >> 4 == 2 and payload[3] == CARP_WORDS and len(payload) == CARP_SIZE


def _pair(value: str) -> tuple[str, str]:
    name, _, why = value.partition(" ")
    return name[:15], "".join(sign for sign in why if sign.isprintable())[:100]


def neighbour(value: str) -> tuple[str, str, str] | None:
    """(interface, address, MAC) of a line `neigh=`."""
    found = re.fullmatch(r"(\S{1,15}) (\S{2,45}) \S+ (?:dev \S+ )?lladdr ([0-9a-f:]{17})\b.*", value)
    return (found[1], found[2], found[3]) if found else None
