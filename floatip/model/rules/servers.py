"""Rules on the servers themselves: their names and how they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from floatip.model.cluster import Cluster
from floatip.model.messages import any_of, say
from floatip.model.problems import Level, Problem


def names_differ(cluster: Cluster) -> Iterator[Problem]:
    """Two servers with one name: pyinfra would merge them."""
    seen = set()
    for number, node in enumerate(cluster.nodes):
        if node.name and node.name in seen:
            message = say("Server {number} is called {node}, like another server.", number=number + 1, node=node.name)
            yield Problem(f"nodes.{number}", "duplicate-node", message, say("Give each server a name of its own."))
        seen.add(node.name)


def name_is_no_group(cluster: Cluster) -> Iterator[Problem]:
    """A server called like the cluster, which is a group of pyinfra's."""
    for node in cluster.nodes:
        if node.name and node.name in (cluster.name, cluster.name.replace("-", "_")):
            message = say("{node} is the name of a server and of the cluster.", node=node.name)
            yield Problem(f"nodes.{node.name}", "name-clash", message, say("Call one of them something else."))


def one_server_each(cluster: Cluster) -> Iterator[Problem]:
    """Two names that lead to one machine: then there is nothing to fail over to."""
    seen: dict[tuple[object, object], str] = {}
    for node in cluster.nodes:
        connection = dict(node.connection)
        where = (connection.get("ssh_hostname", node.name), connection.get("ssh_port", 22))
        if node.name and where[0] and seen.setdefault(where, node.name) != node.name:
            message = say(
                "The SSH address (ssh_hostname) of {node} leads to {host}, port {port}, like {other}'s: one machine.",
                node=node.name,
                host=where[0],
                port=where[1],
                other=seen[where],
            )
            path = f"nodes.{node.name}.ssh_hostname"
            yield Problem(path, "same-server", message, say("Write the address of each server."))


def not_reached_over_floating(cluster: Cluster) -> Iterator[Problem]:
    """SSH to a floating address reaches whoever leads at the moment."""
    floating = {value.ip for instance in cluster.instances for value in instance.virtual_ipaddress}
    for node in cluster.nodes:
        where = dict(node.connection).get("ssh_hostname")
        if _ip(where) in floating:
            message = say(
                "The SSH address (ssh_hostname) of {node} is {where}, a floating address: it leads to the server "
                "that holds it.",
                node=node.name,
                where=where,
            )
            hint = say("Write the server's own address.")
            yield Problem(f"nodes.{node.name}.ssh_hostname", "ssh-over-floating", message, hint)


def known_before(cluster: Cluster) -> Iterator[Problem]:
    """pyinfra takes the first host key that a server shows, unless it is told not to."""
    key = "ssh_strict_host_key_checking"
    names = [node.name for node in cluster.nodes if node.name and dict(node.connection).get(key) != "yes"]
    if names:
        message = say("The first host key that {names} shows will be trusted.", names=any_of(names))
        hint = say("With {setting} only keys that are in known_hosts are.", setting=f"'{key}': 'yes'")
        yield Problem(f"nodes.{names[0]}.{key}", "first-key-taken", message, hint, Level.INFO)


def takes_part(cluster: Cluster) -> Iterator[Problem]:
    """A server that is in no instance has no reason to be here."""
    for node in cluster.nodes:
        if node.name and cluster.instances and not cluster.instances_of(node.name):
            message = say("{node} takes part in no instance.", node=node.name)
            hint = say(
                "Add one to its vrrp, like {instances}, or remove the server.", instances=cluster.instances[0].name
            )
            yield Problem(f"nodes.{node.name}.vrrp", "idle-server", message, hint)


def _ip(value: object) -> object:
    try:
        return ip_address(str(value))
    except ValueError:
        return None


RULES = (names_differ, name_is_no_group, one_server_each, not_reached_over_floating, known_before, takes_part)
