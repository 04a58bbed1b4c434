"""A second network behind the servers, which are routers between the two of them: each server has a cable in both.

The near network is the lab's own, with the client in it; of the far one a further host is a part, that is in no other.
"""

from __future__ import annotations

from lab.container import Container
from lab.lab import Lab
from lab.names import HostSpec
from lab.network import Network

BRIDGE = "br-far"
NEAR, FAR = "10.9.1", "10.9.2"


def address(spec: HostSpec) -> str:
    """The address of a host in the far network."""
    return f"{FAR}.{spec.last}"


def between(lab: Lab, far: str, gateways: tuple[str, str]) -> None:
    """Lay the cables: all servers but `far` get an eth2, the eth1 of that one is plugged in there. `gateways`: the
    floating addresses, near and far, by way of which client and far host reach each other."""
    lab.network.enter(["ip", "-batch", "-"], stdin=_BRIDGE)
    for host in lab.containers.values():
        if host.name == far:
            lab.network.enter(["ip", "link", "set", f"vb-{far}", "master", BRIDGE])
            _inside(host, f"address flush dev eth1\naddress add {address(host.spec)}/24 dev eth1\n")
            _inside(host, f"route add {NEAR}.0/24 via {gateways[1]}\n")
        elif host.name == "client":
            _inside(host, f"route add {FAR}.0/24 via {gateways[0]}\n")
        else:
            _cable(lab.network, host)


def plug(network: Network, server: str, up: bool) -> None:
    """Plug a server's eth2 in, or pull it out."""
    network.enter(["ip", "link", "set", f"vf-{server}", "up" if up else "down"])


def _cable(network: Network, host: Container) -> None:
    name = f"vf-{host.name}"
    network.enter(["ip", "link", "add", name, "type", "veth", "peer", "name", "eth2", "netns", str(host.leader)])
    network.enter(["ip", "link", "set", name, "master", BRIDGE, "up"])
    _inside(host, f"address add {address(host.spec)}/24 dev eth2\nlink set eth2 up\n")
    host.run("echo 1 > /proc/sys/net/ipv4/ip_forward")


def _inside(host: Container, batch: str) -> None:
    host.run("ip -batch -", stdin=batch)


_BRIDGE = f"""\
link add {BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0
link set {BRIDGE} up
"""
