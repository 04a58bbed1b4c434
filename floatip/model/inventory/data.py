"""A cluster as the plain values of an inventory: what `parse` reads, with defaults left out."""

from __future__ import annotations

from collections.abc import Iterable

from floatip.model.cluster import Cluster, Instance, Member, Node
from floatip.model.settings import CHECKS, CLUSTER, INSTANCE, MEMBER, NODE, Setting
from floatip.model.tracking import Script

Plain = dict[str, object]


def hosts_data(cluster: Cluster) -> list[tuple[str, Plain]]:
    """pyinfra's hosts: (name, host data) pairs."""
    return [(node.name, _host(cluster, node)) for node in cluster.nodes]


def group_data(cluster: Cluster) -> Plain:
    """pyinfra's group data: what holds for the whole cluster."""
    data: Plain = {"vrrp_instances": {instance.name: _instance(instance) for instance in cluster.instances}}
    if cluster.scripts:
        data["vrrp_scripts"] = {script.name: _script(script) for script in cluster.scripts}
    return {**data, **_settings(CLUSTER, cluster)}


def _host(cluster: Cluster, node: Node) -> Plain:
    parts = ((instance.name, instance.member(node.name)) for instance in cluster.instances)
    return {
        **dict(node.connection),
        **_settings(NODE, node),
        "vrrp": {name: _member(member) for name, member in parts if member},
    }


def _member(member: Member) -> Plain:
    return _settings(MEMBER, member)


def _instance(instance: Instance) -> Plain:
    return _settings(INSTANCE, instance)


def _script(script: Script) -> Plain:
    return {script.kind: script.target, **_settings(CHECKS, script)}


def _settings(rows: Iterable[Setting], owner: object) -> Plain:
    return {row.key: row.plain(owner) for row in rows if row.given(owner)}
