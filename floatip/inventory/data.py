"""A cluster as the plain values of an inventory: what `parse` reads, with defaults left out."""

from __future__ import annotations

from floatip.cluster import DEFAULT_ADVERT_INT, Cluster, Instance, Member, Node, Script

Plain = dict[str, object]
SCRIPT_NUMBERS = ("interval", "timeout", "fall", "rise", "weight")


def hosts_data(cluster: Cluster) -> list[tuple[str, Plain]]:
    """pyinfra's hosts: (name, host data) pairs."""
    return [(node.name, _host(cluster, node)) for node in cluster.nodes]


def group_data(cluster: Cluster) -> Plain:
    """pyinfra's group data: what holds for the whole cluster."""
    data: Plain = {"vrrp_instances": {instance.name: _instance(instance) for instance in cluster.instances}}
    if cluster.scripts:
        data["vrrp_scripts"] = {script.name: _script(script) for script in cluster.scripts}
    if cluster.firewall != "auto":
        data["firewall"] = cluster.firewall
    if not cluster.log_file:
        data["log_file"] = False
    if cluster.client:
        data["client"] = dict(cluster.client)
    if cluster.extra_lines:
        data["extra_lines"] = list(cluster.extra_lines)
    return data


def _host(cluster: Cluster, node: Node) -> Plain:
    parts = ((instance.name, instance.member(node.name)) for instance in cluster.instances)
    return {**dict(node.connection), "vrrp": {name: _member(member) for name, member in parts if member}}


def _member(member: Member) -> Plain:
    data: Plain = {"interface": member.interface, "address": str(member.address), "priority": member.priority}
    if member.track_interface:
        data["track_interface"] = list(member.track_interface)
    return data


def _instance(instance: Instance) -> Plain:
    advert_int = instance.advert_int
    optional: dict[str, tuple[object, object]] = {
        "advert_int": (int(advert_int) if advert_int.is_integer() else advert_int, DEFAULT_ADVERT_INT),
        "version": (instance.version if instance.version_chosen else None, None),
        "nopreempt": (instance.nopreempt, False),
        "preempt_delay": (instance.preempt_delay, 0),
        "unicast": (instance.unicast, False),
        "use_vmac": (instance.use_vmac, False),
        "track_script": (list(instance.track_script), []),
        "extra_lines": (list(instance.extra_lines), []),
    }
    return {
        "virtual_router_id": instance.virtual_router_id,
        "virtual_ipaddress": [str(value) for value in instance.virtual_ipaddress],
        **{key: value for key, (value, default) in optional.items() if value != default},
    }


def _script(script: Script) -> Plain:
    defaults = Script(script.name, script.kind, script.target)
    numbers = {key: getattr(script, key) for key in SCRIPT_NUMBERS}
    changed = {key: value for key, value in numbers.items() if value != getattr(defaults, key)}
    return {script.kind: script.target, **changed}
