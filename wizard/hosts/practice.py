"""The lab's hosts, where they are up: how to reach them stands in inventories/lab.py."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from floatip.model import inventory, paths
from floatip.model.instance import FLOATING
from floatip.model.problems import Problem

LAB = paths.ROOT / "inventories" / "lab.py"
NAME = "practice"
"""What a cluster on them is called to begin with."""


def hosts() -> list[list[Any]] | None:
    """The servers with their connections only; None where they are not up, or described in no way we know."""
    found = _found()
    if found is None:
        return None
    made = [[name, {key: value for key, value in data.items() if key != "vrrp"}] for name, data in map(tuple, found[0])]
    return made if all(_answers(data) for _, data in made) else None


def settings() -> dict[str, Any]:
    """What nobody has to type: who looks on during drills, as this computer is not in the lab's network, and an address
    that is free there."""
    _, data = _found() or ((), {})
    client = {"client": data["client"]} if "client" in data else {}
    blocks = data.get("vrrp_instances", {})
    free = {name: {FLOATING: block[FLOATING]} for name, block in blocks.items() if FLOATING in block}
    return {**client, **({"vrrp_instances": free} if free else {})}


def described_by(file: Path) -> bool:
    """Whether this file is the one by which the hosts are known: it stays what it is."""
    try:
        return file.samefile(LAB)
    except OSError:
        return False


def _found() -> tuple[Any, dict[str, Any]] | None:
    try:
        found = inventory.raw(LAB.read_text("utf-8"), LAB.name)
    except (OSError, ValueError):
        return None
    return None if isinstance(found, Problem) else found


def _answers(data: dict[str, Any]) -> bool:
    try:
        with socket.create_connection((str(data["ssh_hostname"]), int(data["ssh_port"])), timeout=0.3):
            return True
    except (OSError, KeyError, ValueError):
        return False
