"""What lands on the servers, as text: the one renderer, for preview, tests and deploy alike.

The values come from a parsed `Cluster`, which holds nothing that keepalived's tokenizer or a shell
could read as more than a word; an undefined name in a template is an error, never empty text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from floatip.model.cluster import Cluster, Instance, Member, SyncGroup
from floatip.model.notify import SCRIPT_USER
from floatip.model.paths import (
    CHANGE,
    CHECK_SCRIPT,
    DRILL_FAILS,
    KEEPALIVED_CONF,
    LOG,
    LOGROTATE_CONF,
    MARKER,
    RSYSLOG_CONF,
    WATCH,
    shipped,
)
from floatip.model.settings import BLOCK, CHECKS, FILES, GLOBAL, KINDS, Place, Scope, Setting
from floatip.model.settings.announcing import REPEAT, WITH_VMAC
from floatip.model.settings.fifos import FIFOS
from floatip.model.settings.kinds import command
from floatip.model.settings.notifying import NOTIFY
from floatip.model.settings.scripts import notified
from floatip.model.settings.values import Lines, Many
from floatip.model.tracking import Script, TrackFile

FIRST_KINDS: Final = {"process": 3, "tcp": 4, "http": 3}
"""Those that the check script has always known → how many words they have."""

__all__ = [
    "CHECK_SCRIPT",
    "KEEPALIVED_CONF",
    "LOG",
    "LOGROTATE_CONF",
    "MARKER",
    "RSYSLOG_CONF",
    "check_script",
    "command_line",
    "groups_of",
    "keepalived_conf",
    "logrotate_conf",
    "needs_check_script",
    "restart_conf",
    "rsyslog_conf",
    "scripts_of",
    "vmac_interface",
]


def keepalived_conf(cluster: Cluster, node_name: str) -> str:
    """`keepalived.conf` for one server; KeyError where the cluster has none of that name."""
    node = cluster.node(node_name)
    instances = cluster.instances_of(node_name)
    return _render(
        "keepalived.conf.j2",
        cluster=cluster,
        node=node_name,
        router_id=node.router_id or node_name,
        blocks=[(instance, _block(instance, _member(instance, node_name))) for instance in instances],
        scripts=[(script, _said(CHECKS, script)) for script in scripts_of(cluster, node_name)],
        files=[(file, _said(FILES, file)) for file in cluster.track_files if _is_tracked(file, instances)],
        groups=[(group, weighs, _said(NOTIFY, group)) for group, weighs in groups_of(cluster, node_name)],
        globals=[*_globals(cluster, instances), *cluster.global_lines],
        fifos=_said(FIFOS, cluster),
        last=list(cluster.extra_lines),
        runs_scripts=_runs_scripts(cluster, node_name),
        script_user=SCRIPT_USER,
    )


def rsyslog_conf(user: str = "root") -> str:
    """The filter that gives keepalived a log file of its own. `user`: who rsyslog writes as."""
    return _render("rsyslog.conf", user=user)


def logrotate_conf(user: str = "root") -> str:
    """Weekly rotation of that file, telling rsyslog to reopen it."""
    return _render("logrotate.conf", user=user)


def restart_conf() -> str:
    """What systemd is told: to start keepalived again where it died, and to look for a change that was cut off."""
    return _render("restart.conf", change=CHANGE, watch=WATCH)


def check_script(scripts: Iterable[Script] = ()) -> str:
    """What looks for every kind of health check but `command`; mode 0755, owner root. `scripts`: those of the cluster.

    It knows the later kinds only where one of these is of such a kind: a cluster without them keeps its file.
    """
    return _render("floatip-check", drill_fails=DRILL_FAILS, later=any(_is_later(script) for script in scripts))


def _is_later(script: Script) -> bool:
    return KINDS[script.kind].scripted and (
        script.kind not in FIRST_KINDS or len(command(script)) > FIRST_KINDS[script.kind]
    )


def scripts_of(cluster: Cluster, node_name: str) -> tuple[Script, ...]:
    """The health checks that this server runs, in file order."""
    tracked = {name for instance in cluster.instances_of(node_name) for name in instance.track_script}
    return tuple(script for script in cluster.scripts if script.name in tracked)


def groups_of(cluster: Cluster, node_name: str) -> list[tuple[SyncGroup, bool]]:
    """The groups of instances that this server takes part in, and whether weights count in them: keepalived passes
    over a check with a weight otherwise."""
    names = {instance.name for instance in cluster.instances_of(node_name)}
    mine = [group for group in cluster.vrrp_sync_group if names >= set(group.instances)]
    return [(group, _weighs(cluster, group)) for group in mine]


def _weighs(cluster: Cluster, group: SyncGroup) -> bool:
    """Wherever something is tracked: without it 2.1.5 forgets interfaces, checks and files, with a weight or not
    (`vrrp_complete_instance`)."""
    mine = [instance for instance in cluster.instances if instance.name in group.instances]
    interfaces = any(member.track_interface for instance in mine for member in instance.members)
    return interfaces or any(instance.track_script or instance.track_file for instance in mine)


def _is_tracked(file: TrackFile, instances: Iterable[Instance]) -> bool:
    return any(file.name in instance.track_file for instance in instances)


def needs_check_script(cluster: Cluster, node_name: str) -> bool:
    """Whether this server's configuration runs `CHECK_SCRIPT`."""
    return any(KINDS[script.kind].scripted for script in scripts_of(cluster, node_name))


def command_line(script: Script) -> str:
    """What keepalived runs for a health check: words, separated by single blanks."""
    return " ".join(command(script))


def vmac_interface(instance: Instance) -> str:
    """The interface that keepalived makes for the virtual MAC: `vrrp.101`, for IPv6 `vrrp6.101`."""
    return f"vrrp{6 if instance.family == 6 else ''}.{instance.virtual_router_id}"


def _block(instance: Instance, member: Member) -> list[str]:
    """The lines within a `vrrp_instance`, by the rows of the table."""
    owners = {Scope.INSTANCE: instance, Scope.MEMBER: member}
    known = {"instance": instance, "member": member, "senders": instance.senders(member.node)}
    rows = sorted(BLOCK, key=lambda row: row.place)
    return [line for row in rows for line in _lines(row, owners[row.scope], known)]


def _globals(cluster: Cluster, instances: tuple[Instance, ...]) -> list[str]:
    """The lines within `global_defs`; a virtual MAC address brings defaults of its own."""
    vmac = any(instance.use_vmac for instance in instances)
    other = {key: value for key, value in WITH_VMAC.items() if vmac and not (cluster.vrrp_min_garp and key == REPEAT)}
    rows = [row for row in GLOBAL if row.place is not Place.SCRIPTS]
    found = [(row, [f"{row.key} {other[row.key]}"] if row.key in other else []) for row in rows]
    return [line for row, default in found for line in (_lines(row, cluster, {}) or default)]


def _said(rows: Iterable[Setting], owner: object) -> list[str]:
    return [line for row in rows for line in _lines(row, owner, {})]


def _lines(row: Setting, owner: object, known: Mapping[str, object]) -> list[str]:
    value: Any = row.shown(owner) if row.shown else row.of(owner)
    if not row.always and value == row.default:
        return []
    if isinstance(row.value, Lines):
        return list(value)
    if row.template:
        return _compiled(row.template).render(known).splitlines()
    if isinstance(row.value, Many):
        return [
            line
            for word in row.rendered
            for line in (f"{word} {{", *(f"    {row.value.item.words(item)}" for item in value), "}")
        ]
    return [f"{word} {row.value.words(value)}".rstrip() for word in row.rendered]


def _member(instance: Instance, node_name: str) -> Member:
    member = instance.member(node_name)
    if member is None:
        raise KeyError(node_name)
    return member


def _runs_scripts(cluster: Cluster, node_name: str) -> bool:
    """Whether it counts who runs scripts; a FIFO belongs to him too."""
    instances = cluster.instances_of(node_name)
    return (
        bool(scripts_of(cluster, node_name) or cluster.notify_fifo or cluster.vrrp_notify_fifo)
        or _raw_lines(cluster, instances)
        or any(True for _ in notified(cluster, instances))
    )


def _raw_lines(cluster: Cluster, instances: tuple[Instance, ...]) -> bool:
    return bool(cluster.extra_lines or cluster.global_lines) or any(instance.extra_lines for instance in instances)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # plain text for keepalived and rsyslog, not HTML
    )
    environment.filters.update(command_line=command_line, vmac_interface=vmac_interface)
    environment.globals.update(marker=MARKER, log=LOG)
    return environment


@cache
def _compiled(template: str) -> Template:
    return _environment().from_string(template)


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values)
