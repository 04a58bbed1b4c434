"""What planted servers are like, by the last two digits of their SSH port: what their daemons say, and what stands on
them. What was deployed there is what this computer has noted, as after any deploy."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from floatip.change import origin
from floatip.hosts import host_answer, host_script
from floatip.hosts.daemon import DaemonState, Vrrp
from floatip.hosts.host_state import HostState
from floatip.keepalived import render
from floatip.model.cluster import Cluster
from floatip.runs import deployed
from floatip.runs.lock import process
from floatip.server_side.lease.model import Lease, What

WELL, WATCHED, ILL, REFUSED, SLOW = (11, 12), (13, 14), (21, 22), (23, 24), (31, 32)
TWICE, MOVED, HALF = (41, 42), (51, 52), (61, 62)
"""The ports of d1 and d2, cluster by cluster. At all others, and at the second of HALF, nobody answers."""
LEADS = DaemonState(
    True, 864000, frozenset({"10.9.1.6"}), {"VI_1": Vrrp("master", 150, 7200, {}, 101, 150)}, {"web": True}
)
STANDS_BY = DaemonState(True, 864000, frozenset(), {"VI_1": Vrrp("backup", 100, 7200, {}, 101, 100)}, {"web": True})
FAILS = replace(LEADS, held=frozenset(), instances={"VI_1": Vrrp("fault", 0, 90, {}, 101, 150)}, checks={"web": False})
STOPPED = DaemonState(False, 90, frozenset(), {}, {})
TESTED = Lease("0" * 32, 25, 8, What.DRILL, "", "", process.who())
THERE = "1795900000 VI_1=d2\n"
VITALS = {
    **dict(zip(WELL, (LEADS, STANDS_BY), strict=True)),
    **dict(zip(WATCHED, (replace(LEADS, lease=TESTED), replace(STANDS_BY, lease=TESTED)), strict=True)),
    **dict(zip(ILL + REFUSED, (FAILS, STOPPED) * 2, strict=True)),
    **dict(zip(TWICE, (LEADS, LEADS), strict=True)),
    **dict(zip(MOVED, (replace(STANDS_BY, moved=THERE), replace(LEADS, moved=THERE)), strict=True)),
    HALF[0]: LEADS,
}
OWN = {"d1": "10.9.1.16", "d2": "10.9.1.61"}
PACKAGES = {"keepalived": "1:2.2.7-1+b2", "rsyslog": "8.2302.0-1", "logrotate": "3.21.0-1"}
DEPLOYED = 1795900000  # seconds since the epoch, of every deploy


def kind(data: Mapping[str, Any]) -> int:
    """What its port says of a server: there may be hundreds of each kind."""
    return int(data.get("ssh_port", 22)) % 100


def vitals(name: str, data: Mapping[str, Any]) -> DaemonState | None:
    """What its daemon says, and who has deployed there last; None where nobody answers."""
    found, runs = VITALS.get(kind(data)), _deployed(name, data)
    if found is None or runs is None:
        return found
    who = "admin@elsewhere" if kind(data) in MOVED else process.who()
    then = replace(runs, log_file=not runs.log_file) if kind(data) in MOVED else runs
    return replace(found, deployed=origin.record(then, who, DEPLOYED))


def answer(name: str, data: Mapping[str, Any]) -> list[str] | None:
    """What a deployed server says of itself; None where nobody answers, or nothing was deployed."""
    runs = _deployed(name, data) if kind(data) in VITALS else None
    ports = {dict(node.connection)["ssh_port"]: node.name for node in runs.nodes} if runs else {}
    return lines(runs, ports[data["ssh_port"]]) if runs else None


def lines(cluster: Cluster, name: str) -> list[str]:
    """What the script that finds out what a host is like prints on this server of this cluster."""
    mac = f"02:00:00:00:00:{name[1:]:0>2}"
    own = [{"local": OWN[name], "prefixlen": 24}]
    links = [{"ifname": "eth1", "operstate": "UP", "address": mac, "addr_info": own}]
    head = [f"{host_script.MARK}=1", "uid=0", "os=debian 12", "systemd=1", f"links={json.dumps(links)}"]
    files = {
        "conf": ("640", render.keepalived_conf(cluster, name)),
        "rsyslog": ("644", render.rsyslog_conf()),
        "check": ("755", render.check_script()),
    }
    return [
        *head,
        *(f"package={package} installed {version}" for package, version in PACKAGES.items()),
        *(line for unit in ("keepalived", "rsyslog") for line in _unit(unit)),
        *(f"file={key} {mode}:root:root {_base64(text)}" for key, (mode, text) in files.items()),
        "fw.begin=1",
        "fw.end=1",
    ]


def state(cluster: Cluster, name: str) -> HostState:
    """The same as a value."""
    return host_answer.parse(lines(cluster, name))


def _unit(name: str) -> list[str]:
    return [f"unit=Id={name}.service", "unit=ActiveState=active", "unit=UnitFileState=enabled", "unit="]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _deployed(name: str, data: Mapping[str, Any]) -> Cluster | None:
    record = deployed.of("", [[name, data]])
    return record.cluster if record else None
