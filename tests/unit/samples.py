"""A good cluster as raw values, for tables of cases that spoil one thing each."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from floatip.model.cluster import Cluster
from floatip.model.inventory import loads
from floatip.model.parse import Parsed
from floatip.model.problems import Problem, errors
from lab.paths import ROOT

Raw = dict[str, Any]
Change = Callable[[Raw], object]


def good() -> Raw:
    """Two servers and an IPv4 instance, with everything that a case may want to spoil."""
    return deepcopy(
        {
            "name": "lab",
            "hosts": [_host("d1", 16, 150), _host("d2", 61, 100)],
            "data": {
                "vrrp_instances": {"VI_1": {"virtual_router_id": 101, "virtual_ipaddress": ["10.9.1.6/24"]}},
                "vrrp_scripts": {},
            },
        }
    )


def _host(name: str, last: int, priority: int) -> tuple[str, Raw]:
    member = {"interface": "eth1", "address": f"10.9.1.{last}/24", "priority": priority}
    reached = {"ssh_hostname": f"192.0.2.{last}", "ssh_strict_host_key_checking": "yes"}
    return name, {**reached, "vrrp": {"VI_1": member}}


def put(path: str, value: object) -> Change:
    """A change that sets one value: `d1.ssh_port`, `d1.VI_1.priority`, `VI_1.version`, `data.firewall`, `web.…`."""

    def change(raw: Raw) -> None:
        *parents, last = path.split(".")
        find(raw, parents)[last] = value

    return change


def find(raw: Raw, parents: list[str]) -> Raw:
    """The dict that these names lead to; a health check is added where there is none of that name."""
    hosts = dict(raw["hosts"])
    place: Raw = raw
    for depth, name in enumerate(parents):
        if name in hosts and depth == 0:
            place = hosts[name]
        elif depth == 1 and parents[0] in hosts:
            place = place["vrrp"][name]
        elif name == "data":
            place = raw["data"]
        elif name in raw["data"]["vrrp_instances"]:
            place = raw["data"]["vrrp_instances"][name]
        else:
            place = raw["data"]["vrrp_scripts"].setdefault(name, {})
    return place


def script(**settings: object) -> Change:
    """A change that adds a tracked health check called `web`."""

    def change(raw: Raw) -> None:
        raw["data"]["vrrp_scripts"]["web"] = settings
        raw["data"]["vrrp_instances"]["VI_1"]["track_script"] = ["web"]

    return change


def text(*changes: Change) -> str:
    """The good cluster after these changes, as an inventory."""
    raw = good()
    for change in changes:
        change(raw)
    return f"lab = ({raw['hosts']!r}, {raw['data']!r})"


def practice(directory: Path) -> Path:
    """The lab's inventory in this directory, without the lab's key, which a new checkout does not have."""
    lines = (ROOT / "inventories" / "lab.py").read_text().splitlines(keepends=True)
    file = directory / "lab.py"
    file.write_text("".join(line for line in lines if '"ssh_key"' not in line))
    return file


def parsed(*changes: Change) -> Parsed:
    """What comes of the good cluster after these changes, by way of the text of an inventory."""
    (result,) = loads(text(*changes), "lab.py")
    return result


def lab(*changes: Change) -> Cluster:
    """The same as a cluster."""
    cluster = parsed(*changes).cluster
    assert cluster
    return cluster


def found(*changes: Change) -> set[tuple[str, str]]:
    """The (path, code) of every error after these changes."""
    return {(problem.path, problem.code) for problem in errors(parsed(*changes).problems)}


def problems_at(path: str, *changes: Change) -> list[Problem]:
    """The problems at one path after these changes."""
    return [problem for problem in parsed(*changes).problems if problem.path == path]
