"""Rules on the servers themselves: their names and how they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from floatip.cluster import Cluster
from floatip.problems import Problem


def names_differ(cluster: Cluster) -> Iterator[Problem]:
    """Two servers with one name: pyinfra would merge them."""
    seen = set()
    for number, node in enumerate(cluster.nodes):
        if node.name and node.name in seen:
            message = f"Server {number + 1} is called {node.name}, like another one."
            yield Problem(f"nodes.{number}", "duplicate-node", message, "Give each server a name of its own.")
        seen.add(node.name)


def name_is_no_group(cluster: Cluster) -> Iterator[Problem]:
    """A server called like the cluster, which is a group of pyinfra's."""
    for node in cluster.nodes:
        if node.name and node.name in (cluster.name, cluster.name.replace("-", "_")):
            message = f"{node.name} is the name of a server and of the cluster."
            yield Problem(f"nodes.{node.name}", "name-clash", message, "Call one of them something else.")


def one_server_each(cluster: Cluster) -> Iterator[Problem]:
    """Two names that lead to one machine: then there is nothing to fail over to."""
    seen: dict[tuple[object, object], str] = {}
    for node in cluster.nodes:
        connection = dict(node.connection)
        where = (connection.get("ssh_hostname", node.name), connection.get("ssh_port", 22))
        if node.name and where[0] and seen.setdefault(where, node.name) != node.name:
            message = (
                f"ssh_hostname of {node.name} leads to {where[0]}, port {where[1]}, like {seen[where]}'s: one machine."
            )
            path = f"nodes.{node.name}.ssh_hostname"
            yield Problem(path, "same-server", message, "Write the address of each server.")


def not_reached_over_floating(cluster: Cluster) -> Iterator[Problem]:
    """SSH to a floating address reaches whoever leads at the moment."""
    floating = {value.ip for instance in cluster.instances for value in instance.virtual_ipaddress}
    for node in cluster.nodes:
        where = dict(node.connection).get("ssh_hostname")
        if _ip(where) in floating:
            message = f"ssh_hostname of {node.name} is {where}, a floating address: that is whoever leads."
            hint = "Write the server's own address."
            yield Problem(f"nodes.{node.name}.ssh_hostname", "ssh-over-floating", message, hint)


def takes_part(cluster: Cluster) -> Iterator[Problem]:
    """A server that is in no instance has no reason to be here."""
    for node in cluster.nodes:
        if node.name and cluster.instances and not cluster.instances_of(node.name):
            message = f"{node.name} takes part in no instance."
            hint = f"Add one to its vrrp, like {cluster.instances[0].name}, or take the server out."
            yield Problem(f"nodes.{node.name}.vrrp", "idle-server", message, hint)


def _ip(value: object) -> object:
    try:
        return ip_address(str(value))
    except ValueError:
        return None


RULES = (names_differ, name_is_no_group, one_server_each, not_reached_over_floating, takes_part)
