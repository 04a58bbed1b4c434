"""The doctor names what did not move along: a program, mail, a route, the other instance of a group."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from floatip.operate.doctor.model import Code
from lab import LabError, wait_until
from lab.host import Host
from lab.layers import State
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import CONF, FAST, INVENTORY, bound, write
from tests.lab.conftest import Runs

WAY = "198.51.100.0/24 dev eth1 no_track"
TOLD = "/var/tmp/group-told"
GROUP = f'#!/bin/sh\necho "$(id -un) $*" >{TOLD}\n'
BAD = "#!/usr/bin/no-such-interpreter\n"
SPLIT = "sed -i '/^vrrp_sync_group/,/^}/d"


def pair(directory: Path) -> Path:
    """Two instances that move together, with a route, with mail that nobody takes, and a program that cannot start."""
    hosts, data = ast.literal_eval(bound(INVENTORY.read_text()))
    first = {**data["vrrp_instances"]["VI_1"], **FAST}
    second = {**first, "virtual_router_id": 102, "virtual_ipaddress": ["10.9.1.7/24"]}
    broken = {"virtual_routes": [WAY], "smtp_alert": True, "notify_master": "bad.sh"}
    data["vrrp_instances"] = {"VI_1": {**first, **broken}, "VI_2": second}
    mail = {"smtp_server": "127.0.0.1:2525", "notification_email": ["root"]}
    for _, host in hosts:
        host["vrrp"]["VI_2"] = host["vrrp"]["VI_1"]
    both = {"instances": ["VI_1", "VI_2"], "notify_master": "told.sh moved"}
    return write(directory, hosts, {**data, **mail, "vrrp_sync_group": {"both": both}})


def codes(floatip: Runs, file: Path) -> set[tuple[str, str]]:
    """(server, code) of what the doctor finds."""
    found: list[dict[str, Any]] = floatip("doctor", file, "--json", check=False).document["findings"]
    return {(finding["node"], finding["code"]) for finding in found}


def finds(floatip: Runs, file: Path, right: Callable[[set[tuple[str, str]]], bool]) -> None:
    """Wait until what the doctor finds is right: some of it is told by logs, which come later than the fault."""
    found: set[tuple[str, str]] = set()

    def look() -> bool:
        found.clear()
        found.update(codes(floatip, file))
        return right(found)

    try:
        wait_until("the doctor finds what there is", look, timeout=60, every=0.5)
    except LabError as late:
        raise AssertionError(f"{late}; it finds {found}") from None


def has(host: Host, address: str) -> bool:
    """Whether a server has an address."""
    return address in host.run("ip -o address show dev eth1").stdout


@pytest.mark.hosts(State.READY)
def test_what_does_not_move_along(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    d1, d2 = lab.servers
    (tmp_path / "bad.sh").write_text(BAD)
    (tmp_path / "told.sh").write_text(GROUP)
    file = pair(tmp_path)
    deploy(file)
    stories.settles(lab, "d1")
    wait_until("the group's script has run", lambda: d1.exists(TOLD) and d1.read(TOLD) == "nobody moved\n")
    unwell = {Code.MAIL_FAILS, Code.SCRIPT_NOT_RUN}
    finds(
        floatip,
        file,
        lambda found: {("d1", code) for code in unwell} <= found and {code for _, code in found} == unwell,
    )

    d1.run("ip route del 198.51.100.0/24")
    finds(floatip, file, lambda found: ("d1", Code.ROUTE_MISSING) in found)
    floatip("move", file, "d2")
    floatip("move", file, "d1")
    stories.settles(lab, "d1")
    finds(floatip, file, lambda found: ("d1", Code.ROUTE_MISSING) not in found)

    d1.run(f"{SPLIT}' {CONF} && systemctl reload keepalived")
    d2.run(f"{SPLIT}; /^vrrp_instance VI_2/,/^}}/s/priority 100/priority 200/' {CONF} && systemctl reload keepalived")
    wait_until("d2 has one of them", partial(has, d2, "10.9.1.7/"))
    wait_until("d1 has the other one alone", lambda: not has(d1, "10.9.1.7/"))
    split = {("d1", Code.GROUP_SPLIT), ("d2", Code.GROUP_SPLIT), ("d2", Code.DRIFT)}
    finds(floatip, file, split.issubset)
