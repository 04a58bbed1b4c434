"""Who manages a server's interfaces besides ifupdown, and may take away an address that keepalived has put there:
systemd-networkd (for netplan, too) and NetworkManager.

What networkd was measured to do to a floating address, on Debian 11, 12 and 13, is in docs/decisions/services.md.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

GUARD = "90-floatip.conf"
"""What floatip's drop-in for a .network file is called (systemd.network(5))."""
DIRECTORY: Final = "/etc/systemd/network"
KEEPS = ("yes", "true", "1", "on", "y", "t", "static")
"""Values of KeepConfiguration= that concern addresses that networkd did not put there."""
FILE = re.compile(r"/(?:etc|run|lib|usr/lib|usr/local/lib)/systemd/network/([\w.@+-]{1,100}\.network)", re.ASCII)
NETPLAN: Final = "/run/systemd/network/10-netplan-"
INTERFACE = re.compile(r"[^\s/]{1,15}")
MOST, LONGEST = 200, 4000  # lines that are believed of one host, and characters of one
PROBE = rf"""
for floatip_path in /sys/class/net/*/ifindex; do
    [ -d /run/systemd/netif/links ] && read -r floatip_index <"$floatip_path" || continue
    floatip_path=${{floatip_path%/ifindex}}
    [ -f "/run/systemd/netif/links/$floatip_index" ] || continue
    while IFS== read -r floatip_key floatip_value; do
        [ "$floatip_key" = NETWORK_FILE ] && [ -n "$floatip_value" ] || continue
        echo "network=${{floatip_path##*/}} $floatip_value"
        set -- "$floatip_value"
        for floatip_place in /usr/lib /usr/local/lib /run /etc; do
            for floatip_value in "$floatip_place/systemd/network/${{1##*/}}.d/"*.conf; do
                [ ! -f "$floatip_value" ] || [ "${{floatip_value##*/}}" = {GUARD} ] || set -- "$@" "$floatip_value"
            done
        done
        sed -n "s/^[[:space:]]*KeepConfiguration[[:space:]]*=/keep=${{floatip_path##*/}} /p" "$@" 2>/dev/null
        set --
    done <"/run/systemd/netif/links/$floatip_index"
done
for floatip_path in {DIRECTORY}/*.network.d/{GUARD}; do
    [ ! -f "$floatip_path" ] || echo "guard=$(stat -c %a "$floatip_path") $(base64 -w0 <"$floatip_path") $floatip_path"
done
[ ! -d /run/NetworkManager ] || nmcli -t -f DEVICE,STATE device 2>/dev/null | sed 's/^/nm=/'
"""
"""Prints the .network file of each interface that networkd has one for, what that says of KeepConfiguration=, the
drop-ins of floatip, and the devices of NetworkManager with their states."""


@dataclass(frozen=True, slots=True)
class Managers:
    """`networks`: interface → the .network file that networkd has for it; `kept`: interface → the last
    KeepConfiguration= that is not floatip's; `guards`: path → (mode, text) of floatip's drop-ins; `connected`: the
    interfaces that NetworkManager has configured."""

    networks: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    guards: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    connected: frozenset[str] = frozenset()

    def by_netplan(self, interface: str) -> bool:
        """Whether netplan has written networkd's file for this interface."""
        return self.networks.get(interface, "").startswith(NETPLAN)

    def guard(self, interface: str) -> str:
        """Where the drop-in belongs that keeps the addresses of an interface; nothing where none is needed."""
        file = FILE.fullmatch(self.networks.get(interface, ""))
        needed = file and self.kept.get(interface, "no") not in KEEPS
        return f"{DIRECTORY}/{file[1]}.d/{GUARD}" if file and needed else ""


def read(networks: Iterable[str], keeps: Iterable[str], guards: Iterable[str], devices: Iterable[str]) -> Managers:
    """What the probe printed after `network=`, `keep=`, `guard=` and `nm=`; ValueError where a drop-in is no text."""
    return Managers(
        {name: path for name, path in _pairs(networks) if FILE.fullmatch(path)},
        {name: value.strip().lower() for name, value in _pairs(keeps)},
        dict(_guards(list(guards)[:MOST])),
        frozenset(name for name, _, state in (line.partition(":") for line in devices) if _connected(name, state)),
    )


def _pairs(lines: Iterable[str]) -> list[tuple[str, str]]:
    found = [line[:LONGEST].partition(" ") for line in list(lines)[:MOST]]
    return [(name, value) for name, _, value in found if INTERFACE.fullmatch(name)]


def _guards(lines: Iterable[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for line in lines:
        mode, content, path = [*line[:LONGEST].split(" ", 2), "", ""][:3]
        place, _, name = path.rpartition(".d/")
        if name == GUARD and FILE.fullmatch(place) and place.startswith(f"{DIRECTORY}/"):
            yield path, (mode, base64.b64decode(content, validate=True).decode("utf-8", "replace"))


def _connected(name: str, state: str) -> bool:
    """Not what it only has seen ("connected (externally)"), or leaves alone ("unmanaged")."""
    return bool(INTERFACE.fullmatch(name)) and state.startswith("connected") and "externally" not in state
