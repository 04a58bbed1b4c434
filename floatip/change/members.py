"""Who belongs to a cluster, as each of its servers remembers it: so that a server that was taken out of the inventory,
and that goes on running keepalived, is not forgotten.

The record is one line for the cluster and one for each member:

    1 lab 10.9.1.6 0.2.0
    d1 192.0.2.16 - 10.9.1.16
    d2 192.0.2.61 2222 10.9.1.61

The version of this format, the cluster, its floating addresses, and the floatip that wrote it (0.1 did not say):
whatever a later format has, its line begins and ends in this way. Then name, SSH address, SSH port (`-`: the usual
one) and the server's own addresses in VRRP. A server is not trusted: what does not read just so is no record.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import floatip
from floatip.hosts.host_state import HostState
from floatip.model import address_fields, fields
from floatip.model.cluster import Cluster
from floatip.model.messages import say

VERSION = "1"
MOST = 64  # members that are believed
LONGEST = 8000  # characters of a line
USUAL = 22  # the SSH port
RELEASE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){1,2}[0-9a-z.+]{0,20}", re.ASCII)
FORMAT = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """A member as it is remembered. `port`: 0 where none was said; `addresses`: its own, in VRRP."""

    name: str
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where SSH finds it, in words."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


@dataclass(frozen=True, slots=True)
class Record:
    """What one server remembers. `by`: the floatip that deployed it; nothing where it did not say."""

    cluster: str
    floating: frozenset[str]
    members: tuple[Known, ...]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """A member that the inventory has no more, and the servers that remember it."""

    known: Known
    by: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it was called."""
        return self.known.name


def record(cluster: Cluster, left: Iterable[Left] = ()) -> str:
    """What each server shall remember: its cluster as the inventory has it, and whoever is `left` behind yet."""
    head = f"{VERSION} {cluster.name} {','.join(sorted(cluster.floating))} {floatip.__version__}"
    every = sorted({*_present(cluster), *(leaver.known for leaver in left)})
    lines = (
        f"{member.name} {member.host} {member.port or '-'} {','.join(member.addresses) or '-'}" for member in every
    )
    return "".join(f"{line}\n" for line in (head, *lines))


def parse(text: str | None) -> Record | None:
    """What a server remembers; None where that is nothing, or cannot be understood."""
    head, *lines = (text or "").splitlines() or [""]
    if len(lines) > MOST or any(len(line) > LONGEST for line in (head, *lines)):
        return None
    try:
        version, cluster, floating, *by = head.split(" ")
        members = tuple(_known(*line.split(" ")) for line in lines)
        addresses = frozenset(_addresses(floating))
    except (ValueError, TypeError):  # `fields.Wrong` is a ValueError, a wrong number of words a TypeError
        return None
    said = not by or (len(by) == 1 and RELEASE.fullmatch(by[0]))
    known = version == VERSION and fields.CLUSTER_NAME.fullmatch(cluster) and said
    return Record(cluster, addresses, members, "".join(by)) if known else None


def newer(states: Mapping[str, HostState]) -> dict[str, str]:
    """Server → the floatip that deployed it, for those whose record is of a later format than is known here."""
    texts = {name: (state.text("members") or "")[:LONGEST] for name, state in states.items()}
    heads = {name: text.partition("\n")[0].split(" ") for name, text in texts.items()}
    return {name: said[-1] for name, said in heads.items() if _later(said[0]) and RELEASE.fullmatch(said[-1])}


def _later(version: str) -> bool:
    return bool(FORMAT.fullmatch(version)) and int(version) > int(VERSION)


def concerns(found: Record, cluster: Cluster) -> bool:
    """Whether this record is about this cluster: a file may be renamed, and a server may have come from another one."""
    return found.cluster == cluster.name or bool(found.floating & cluster.floating)


def left_behind(cluster: Cluster, states: Mapping[str, HostState]) -> tuple[Left, ...]:
    """The members that these servers remember and that the inventory has no more, under whatever name."""
    known: dict[str, dict[str, Known]] = {}
    present = _present(cluster)
    for server, state in states.items():
        found = parse(state.text("members"))
        for member in found.members if found and concerns(found, cluster) else ():
            if not any(_same(member, other) for other in present):
                known.setdefault(member.name, {})[server] = member
    return tuple(Left(_most(by.values()), tuple(by)) for _, by in sorted(known.items()))


def _most(entries: Iterable[Known]) -> Known:
    """What most of them say; a server that a run with --limit has left out may remember an older address."""
    return Counter(entries).most_common(1)[0][0]


def _same(member: Known, other: Known) -> bool:
    place = (member.host, member.port or USUAL) == (other.host, other.port or USUAL)
    return member.name == other.name or place or bool(set(member.addresses) & set(other.addresses))


def _present(cluster: Cluster) -> list[Known]:
    found = []
    for node in cluster.nodes:
        data = dict(node.connection)
        own = {
            str(part.address.ip) for instance in cluster.instances_of(node.name) if (part := instance.member(node.name))
        }
        host, port = str(data.get("ssh_hostname", node.name)), int(data.get("ssh_port", 0))
        found.append(Known(node.name, host, port, tuple(sorted(own))))
    return found


def _known(name: str, host: str, port: str, addresses: str) -> Known:
    if not re.fullmatch("-|[1-9][0-9]{0,4}", port):
        raise ValueError(say("no port"))
    number = 0 if port == "-" else fields.whole(port, 1, 65535)
    return Known(
        fields.node_name(name),
        address_fields.host(host),
        number,
        tuple(_addresses(addresses) if addresses != "-" else ()),
    )


def _addresses(text: str) -> list[str]:
    if "%" in text:  # Python takes anything at all behind it
        raise ValueError(say("no address"))
    return [str(ip_address(address)) for address in text.split(",")]
