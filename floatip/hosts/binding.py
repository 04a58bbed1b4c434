"""Services that bind an address: who listens on one, whose file names one, and whether the kernel lets them do so
before the address is there (`ip_nonlocal_bind`, the kernel's ip-sysctl.rst)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

MOST = 200  # lines that are believed of one host
FAMILIES: Final = (4, 6)
PROBE = rf"""
for floatip_family in {" ".join(map(str, FAMILIES))}; do
    floatip_value= # dash takes what it reads there for a line that has no end
    {{ read -r floatip_value <"/proc/sys/net/ipv$floatip_family/ip_nonlocal_bind"; }} 2>/dev/null || :
    [ -z "$floatip_value" ] || echo "nonlocal=$floatip_family $floatip_value"
done
ss -Hltn 2>/dev/null | sed -En 's/^LISTEN +[0-9]+ +[0-9]+ +([^ ]+):([0-9]+) .*/listens=\2 \1/p;{MOST}q'
for floatip_path in /etc/haproxy /etc/nginx /etc/apache2/ports.conf; do
    [ ! -e "$floatip_path" ] || set -- "$@" "$floatip_path"
done
[ $# = 0 ] || grep -REso '^[[:space:]]*(bind|[Ll]isten)[[:space:]]+[^;[:space:]]+' "$@" | sed 's/^/binds=/;{MOST}q'
set --
"""
"""Prints the two switches of the kernel, the address and port of each listening socket, and the files of HAProxy, nginx
and Apache that name an address, each as they write it."""


@dataclass(frozen=True, slots=True, order=True)
class Binding:
    """A service that needs an address. `where`: the file that names it, or the port that something listens on."""

    address: str
    where: str


def switches(lines: Iterable[str]) -> dict[int, bool]:
    """Family → whether the kernel lets services bind an address that is not there; without those that it has not."""
    found = (line.split(" ") for line in lines)
    return {int(parts[0]): parts[1] != "0" for parts in found if len(parts) == 2 and parts[0] in ("4", "6")}


def bindings(listens: Iterable[str], binds: Iterable[str]) -> tuple[Binding, ...]:
    """Everything that needs a certain address; what binds all of them needs none."""
    return tuple(sorted({*_listening(list(listens)[:MOST]), *_configured(list(binds)[:MOST])}))


def _listening(lines: Iterable[str]) -> Iterator[Binding]:
    for line in lines:
        port, _, address = line.partition(" ")
        if port.isdecimal() and len(port) <= 5:
            yield from _binding(address.partition("%")[0], port)


def _configured(lines: Iterable[str]) -> Iterator[Binding]:
    """`FILE:  bind 10.9.1.6:80,ipv4@10.9.1.7:443` (HAProxy), `FILE: listen [fd00::6]:80` (nginx), `Listen` (Apache)."""
    for line in lines:
        file, _, statement = line.partition(":")
        if re.fullmatch(r"/etc/[\w./@+-]{1,100}", file, re.ASCII):
            for places in statement.split()[-1:]:
                for word in places.split(","):
                    yield from _binding(re.sub(r"^ipv[46]@|:[0-9-]{1,11}$", "", word), file)


def _binding(text: str, where: str) -> Iterator[Binding]:
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return
    if "%" not in text and not (found.is_unspecified or found.is_loopback):
        yield Binding(str(found), where)
