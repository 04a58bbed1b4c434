"""Inventories of the benchmarks: pairs of lab hosts, and one pair with many instances and addresses."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_interface
from pathlib import Path

from floatip.model.cluster import Cluster, Floating, Instance, Member, Node
from floatip.model.inventory import dumps
from lab.names import spec


def pair(number: int, instances: int = 1, addresses: int = 1) -> Cluster:
    """Pair `number` (from 1): hosts d(2n-1) and d(2n), VRIDs and addresses of its own."""
    names = (f"d{2 * number - 1}", f"d{2 * number}")
    nodes = tuple(Node(name, tuple(spec(name).connection.items())) for name in names)
    members = tuple(
        Member(name, "eth1", ip_interface(f"{spec(name).address}/24"), 150 - 50 * rank)
        for rank, name in enumerate(names)
    )
    made = tuple(
        Instance(
            name=f"VI_{index + 1}",
            virtual_router_id=100 + number + 20 * index,
            virtual_ipaddress=tuple(
                Floating(ip_interface(f"10.9.1.{200 + number + 10 * (index + step)}/24")) for step in range(addresses)
            ),
            members=members,
        )
        for index in range(instances)
    )
    return Cluster(f"pair{number}", nodes, made)


def pairs(directory: Path, count: int) -> Path:
    """One inventory with `count` clusters of two."""
    path = directory / f"pairs{count}.py"
    first, *others = (dumps(pair(number)) for number in range(1, count + 1))
    path.write_text("\n\n".join([first, *(text[text.index("\npair") :] for text in others)]))
    return path


def wide(directory: Path) -> Path:
    """The first pair with four instances of three addresses each."""
    first = pair(1)
    broad = pair(1, instances=4)
    instances = tuple(
        replace(
            instance,
            virtual_ipaddress=tuple(Floating(ip_interface(f"10.9.1.{200 + 3 * index + more}/24")) for more in range(3)),
        )
        for index, instance in enumerate(broad.instances)
    )
    path = directory / "wide.py"
    path.write_text(dumps(replace(first, instances=instances)))
    return path
