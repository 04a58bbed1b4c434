"""The script that listens in a network: VRRP adverts that arrive at a host, and who answers for an address.

It needs nothing that a Debian host could lack: perl-base is essential there. It listens with a packet socket, so it
hears what a firewall would drop, and asks for an address by having the kernel resolve it (ARP or NDP).
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from ipaddress import ip_address

from floatip.model import fields

MARK = "floatip-network"
SECONDS = 4.0
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


def script(listen: Sequence[str], ask: Sequence[tuple[str, str]], seconds: float = SECONDS) -> str:
    """The shell script for one host. `listen`: interfaces; `ask`: (interface, address without prefix).

    Raises `fields.Wrong` for anything that is no interface or address.
    """
    interfaces = [fields.interface_name(name) for name in listen]
    asked = [(fields.interface_name(name), str(ip_address(address))) for name, address in ask]
    lines = ["LC_ALL=C; export LC_ALL", f"echo {MARK}=1"]
    if interfaces:
        arguments = [f"{max(1, seconds):.1f}", *interfaces]
        lines.append(
            f"perl -e {shlex.quote(_LISTEN + LISTENER)} -- {shlex.join(arguments)} || echo 'deaf=* perl failed'"
        )
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
