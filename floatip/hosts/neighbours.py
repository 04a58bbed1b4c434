"""Who answers for an address in its own network: the hardware addresses of all who do, not only of the first.

The script asks for all addresses at the same time. IPv4: ARP probes (RFC 5227) by broadcast, from a packet socket, as
the kernel would keep only the first answer. IPv6: the kernel resolves them. A host is not trusted: its answer is read
strictly, and bounded.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from floatip.hosts import network_scan, network_script
from floatip.model import fields
from floatip.model.cluster import Instance
from floatip.model.messages import say

MARK = "floatip-neighbours"
SECONDS = 1.0  # from the first probe on; two more follow, a quarter of a second apart
MOST = 1000  # lines that are believed of one host
ANSWER = re.compile(r"(\S{1,15}) ([0-9a-f.:]{2,45}) ([0-9a-f]{2}(?::[0-9a-f]{2}){5})")
VIRTUAL = "00:00:5e:00:0{family}:{virtual_router_id:02x}"  # RFC 9568, section 7.3

_ARP = r"""
use Socket; my $until = shift; my (%of, %asked, @probes); my $bits = "";
sub told { open my $file, "<", "/sys/class/net/$_[0]/$_[1]" or return; my $text = <$file>; chomp $text; $text }
sub up { open my $file, "<", "/proc/uptime" or exit; (split " ", <$file>)[0] }
sub opened {
    my ($name) = @_; my ($index, $own) = (told($name, "ifindex"), told($name, "address")); return if !$index;
    (my $mac = $own) =~ s/://g; $mac = pack "H*", $mac; return if length $mac != 6;
    socket(my $socket, 17, 2, unpack "S", pack "n", 0x0806) or return;
    bind($socket, pack "S n i S C C a8", 17, 0x0806, $index, 0, 0, 0, "") or return;
    vec($bits, fileno $socket, 1) = 1;
    return {name => $name, socket => $socket, mac => $mac, index => $index};
}
while (my ($name, $address) = splice @ARGV, 0, 2) {
    my $link = $of{$name} ||= opened($name) or next; my $number = inet_aton($address);
    $asked{"$name $number"} = $address;
    my $probe = pack "n n C C n a6 a4 a6 a4", 1, 0x0800, 6, 4, 1, $link->{mac}, "\0\0\0\0", "", $number;
    push @probes, [$link->{socket}, $probe, pack "S n i S C C a8", 17, 0x0806, $link->{index}, 1, 0, 6, "\xff" x 6];
}
$until += up(); my ($next, $rounds, %seen) = (0, 3);
while (@probes && (my $now = up()) < $until) {
    if ($rounds && $now >= $next) { send($_->[0], $_->[1], 0, $_->[2]) for @probes; $next = $now + 0.25; $rounds-- }
    my $rest = ($rounds && $next < $until ? $next : $until) - $now;
    next if select(my $ready = $bits, undef, undef, $rest) < 1;
    for my $link (grep { vec($ready, fileno $_->{socket}, 1) } values %of) {
        defined recv($link->{socket}, my $packet, 256, 0) or next; next if length $packet < 28;
        my ($kind, $from, $of) = (unpack("n", substr $packet, 6, 2), substr($packet, 8, 6), substr $packet, 14, 4);
        my $address = $asked{"$link->{name} $of"}; next if $kind != 2 || !defined $address;
        my $told = join ":", unpack "(H2)6", $from;
        print "arp=$link->{name} $address $told\n" if !$seen{"$address $told"}++ && $seen{$address}++ < 5;
    }
}
"""


def script(ask: Sequence[tuple[str, str]]) -> str:
    """The shell script for one host. `ask`: (interface, address without prefix). `fields.Wrong` for others."""
    pairs = [(fields.interface_name(name), str(ip_address(address))) for name, address in ask]
    old = [pair for pair in pairs if ":" not in pair[1]]
    lines = ["LC_ALL=C; export LC_ALL", f"echo {MARK}=1", *([arp(old)] if old else [])]
    return "\n".join([*lines, *network_script.resolved([pair for pair in pairs if ":" in pair[1]]), "true"])


def arp(ask: Sequence[tuple[str, str]]) -> str:
    """One line of shell that prints who answers for IPv4 addresses, each as `arp=INTERFACE ADDRESS MAC`."""
    arguments = [word for pair in ask for word in pair]
    return f"perl -e {shlex.quote(_ARP)} -- {SECONDS} {shlex.join(arguments)}"


def parse(lines: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """(interface, address, MAC) of everybody who answers; ValueError where the script printed something else."""
    first, *rest = [*list(lines)[:MOST], ""]
    if first != f"{MARK}=1":
        raise ValueError(say("the script did not run"))
    values = [line.partition("=") for line in rest]
    own = [found for key, _, value in values if key == "arp" and (found := answer(value))]
    return (*own, *(found for key, _, value in values if key == "neigh" and (found := network_scan.neighbour(value))))


def answer(value: str) -> tuple[str, str, str] | None:
    """What a line `arp=` says."""
    found = ANSWER.fullmatch(value)
    return (found[1], found[2], found[3]) if found else None


def virtual(instance: Instance, address: str) -> str:
    """The hardware address that every holder of a floating address has, where the instance uses one."""
    return VIRTUAL.format(family=2 if ":" in address else 1, virtual_router_id=instance.virtual_router_id)
