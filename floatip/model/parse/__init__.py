"""Raw values in, a `Cluster` or a list of all problems out: the one way into the model.

Wizard, command line, deploy and hand-edited inventories all come through `parse`.

    nodes      the servers
    instances  vrrp_instances         addresses  virtual_ipaddress
    foreign    devices in them that floatip does not manage
    scripts    vrrp_scripts           raw_lines  extra_lines
    groups     vrrp_sync_group        track_files  track_files
    rows       settings by their rows in the table
    reading    collects the problems

Single values are read by `fields` and `targets`; what only shows when values are seen together by `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from floatip.model import fields
from floatip.model.cluster import Cluster, Member, Node, SyncGroup
from floatip.model.messages import Said, say
from floatip.model.parse.groups import read_groups
from floatip.model.parse.instances import instance_names, read_instances
from floatip.model.parse.nodes import CONNECTION, Host, connection
from floatip.model.parse.reading import Raw, Reading, join
from floatip.model.parse.rows import Block, keys
from floatip.model.parse.scripts import read_scripts
from floatip.model.parse.track_files import read_track_files
from floatip.model.problems import Problem, errors
from floatip.model.rules import check
from floatip.model.settings import CLUSTER
from floatip.model.tracking import TrackFile

FEWEST, MOST = 2, 8
GROUP_KEYS = ("vrrp_instances", "vrrp_scripts", *keys(CLUSTER))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of an input. `cluster` is None exactly where an error stands among the problems."""

    cluster: Cluster | None
    problems: tuple[Problem, ...]
    name: str = ""


def parse(name: str, hosts: Sequence[object], data: Mapping[str, object]) -> Parsed:
    """Read one cluster: `hosts` as pyinfra has them, (name, host data) pairs, and the group data."""
    reading = Reading()
    reading.take("name", say("The name of the cluster"), fields.cluster_name, name, "")
    group = reading.mapping("", say("The group data"), data)
    _group_keys(reading, group)
    instances_raw = group.get("vrrp_instances", {})
    nodes, members = _read_hosts(reading, hosts, instance_names(instances_raw))
    cluster = Cluster(
        name=name if isinstance(name, str) else "",
        nodes=nodes,
        instances=read_instances(reading, "vrrp_instances", instances_raw, members),
        scripts=read_scripts(reading, "vrrp_scripts", group.get("vrrp_scripts", {})),
        **_settings(reading, group),
    )
    problems = (*reading.problems, *check(cluster))
    return Parsed(None if errors(problems) else cluster, problems, name if isinstance(name, str) else "")


def _group_keys(reading: Reading, group: Raw) -> None:
    per_server = [key for key in group if key in CONNECTION or key == "vrrp"]
    for key in per_server:
        message = say("The group data has {key}, which belongs to each server.", key=key)
        reading.add(join("", key), "misplaced", message, say("Move it into the data of every server."))
    rest = {key: value for key, value in group.items() if key not in per_server}
    reading.keys("", say("The group data"), rest, GROUP_KEYS, ("vrrp_instances",))
    if "vrrp_instances" in group and group["vrrp_instances"] == {}:
        reading.add(
            "vrrp_instances", "no-instance", say("vrrp_instances is empty."), say("Add an instance, like VI_1.")
        )


def _settings(reading: Reading, group: Raw) -> dict[str, Any]:
    def client(raw: object) -> tuple[tuple[str, str | int | bool], ...]:
        return connection(reading, "client", say("client"), raw)

    def groups(raw: object) -> tuple[SyncGroup, ...]:
        return read_groups(reading, "vrrp_sync_group", raw)

    def files(raw: object) -> tuple[TrackFile, ...]:
        return read_track_files(reading, "track_files", raw)

    readers = {"client": client, "vrrp_sync_group": groups, "track_files": files}
    return Block(reading, "", group, _of_the_cluster).values(CLUSTER, readers)


def _of_the_cluster(key: str) -> Said:
    return say("extra_lines of the cluster") if key == "extra_lines" else say("{name}", name=key)


def _servers(count: int) -> Said:
    return say("1 server") if count == 1 else say("{count} servers", count=count)


def _read_hosts(
    reading: Reading, raw: object, instances: tuple[str, ...]
) -> tuple[tuple[Node, ...], dict[str, list[Member]]]:
    hosts = reading.items("nodes", say("The list of servers"), raw)
    if not FEWEST <= len(hosts) <= MOST:
        message = say(
            "The cluster has {count}, but needs {fewest} to {most}.",
            count=_servers(len(hosts)),
            fewest=FEWEST,
            most=MOST,
        )
        reading.add("nodes", "server-count", message, say("A floating address needs two servers or more."))
    nodes: list[Node] = []
    members: dict[str, list[Member]] = {}
    for number, host in enumerate(hosts):
        node = Host(reading, number, host, instances)
        nodes.append(Node(node.name, node.connection(), **node.settings()))
        for instance, member in node.members():
            members.setdefault(instance, []).append(member)
    return tuple(nodes), members
