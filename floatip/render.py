"""What lands on the servers, as text: the one renderer, for preview, tests and deploy alike.

The values come from a parsed `Cluster`, which holds nothing that keepalived's tokenizer or a shell
could read as more than a word; an undefined name in a template is an error, never empty text.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from floatip.cluster import Cluster, Instance, Member, Script
from floatip.paths import (
    CHANGE,
    CHECK_SCRIPT,
    DRILL_FAILS,
    KEEPALIVED_CONF,
    LOG,
    LOGROTATE_CONF,
    MARKER,
    RSYSLOG_CONF,
    WATCH,
)
from floatip.targets import split_host_port

SCRIPT_USER: Final = "nobody"
TEMPLATES: Final = Path(__file__).resolve().parent.parent / "templates"

__all__ = [
    "CHECK_SCRIPT",
    "KEEPALIVED_CONF",
    "LOG",
    "LOGROTATE_CONF",
    "MARKER",
    "RSYSLOG_CONF",
    "check_script",
    "command_line",
    "keepalived_conf",
    "logrotate_conf",
    "needs_check_script",
    "restart_conf",
    "rsyslog_conf",
    "scripts_of",
    "tracked_interfaces",
    "vmac_interface",
]


def keepalived_conf(cluster: Cluster, node_name: str) -> str:
    """`keepalived.conf` for one server; KeyError where the cluster has none of that name."""
    cluster.node(node_name)
    instances = cluster.instances_of(node_name)
    return _render(
        "keepalived.conf.j2",
        cluster=cluster,
        node=node_name,
        instances=[(instance, _member(instance, node_name), instance.peers(node_name)) for instance in instances],
        scripts=scripts_of(cluster, node_name),
        runs_scripts=bool(scripts_of(cluster, node_name) or _raw_lines(cluster, instances)),
        script_user=SCRIPT_USER,
    )


def rsyslog_conf() -> str:
    """The filter that gives keepalived a log file of its own."""
    return _render("rsyslog.conf")


def logrotate_conf() -> str:
    """Weekly rotation of that file, telling rsyslog to reopen it."""
    return _render("logrotate.conf")


def restart_conf() -> str:
    """What systemd is told: to start keepalived again where it died, and to look for a change that was cut off."""
    return _render("restart.conf", change=CHANGE, watch=WATCH)


def check_script() -> str:
    """The health check that `process`, `tcp` and `http` run; bash alone, mode 0755, owner root."""
    return _render("floatip-check", drill_fails=DRILL_FAILS)


def scripts_of(cluster: Cluster, node_name: str) -> tuple[Script, ...]:
    """The health checks that this server runs, in file order."""
    tracked = {name for instance in cluster.instances_of(node_name) for name in instance.track_script}
    return tuple(script for script in cluster.scripts if script.name in tracked)


def needs_check_script(cluster: Cluster, node_name: str) -> bool:
    """Whether this server's configuration runs `CHECK_SCRIPT`."""
    return any(script.kind != "command" for script in scripts_of(cluster, node_name))


def command_line(script: Script) -> str:
    """What keepalived runs for a health check: words, separated by single blanks."""
    if script.kind == "command":
        return script.target
    if script.kind == "tcp":
        return " ".join((CHECK_SCRIPT, "tcp", *split_host_port(script.target)))
    return f"{CHECK_SCRIPT} {script.kind} {script.target}"


def vmac_interface(instance: Instance) -> str:
    """The interface that keepalived makes for the virtual MAC: `vrrp.101`, for IPv6 `vrrp6.101`."""
    return f"vrrp{6 if instance.family == 6 else ''}.{instance.virtual_router_id}"


def tracked_interfaces(member: Member) -> tuple[str, ...]:
    """The interfaces to track; the member's own is left out, keepalived complains about it."""
    return tuple(name for name in member.track_interface if name != member.interface)


def _member(instance: Instance, node_name: str) -> Member:
    member = instance.member(node_name)
    if member is None:
        raise KeyError(node_name)
    return member


def _raw_lines(cluster: Cluster, instances: tuple[Instance, ...]) -> bool:
    return bool(cluster.extra_lines) or any(instance.extra_lines for instance in instances)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # plain text for keepalived and rsyslog, not HTML
    )
    environment.filters.update(
        command_line=command_line, vmac_interface=vmac_interface, tracked_interfaces=tracked_interfaces
    )
    environment.globals.update(marker=MARKER, log=LOG)
    return environment


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values)
