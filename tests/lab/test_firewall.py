"""The firewall on real hosts: each manager drops by default, the deploy lets VRRP through and nothing else.

One cluster has a server for every way to keep a firewall: that exactly one of them is master says that
the adverts of each master reach all the others. How the firewalls are set up stands in `firewalls/*.sh`.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from pprint import pformat
from typing import Any

import pytest

from lab import Host, wait_until
from lab.names import FLOATING, SUITES
from lab.paths import ROOT
from lab.place import Place

SETUPS = {path.stem: path for path in sorted((Path(__file__).parent / "firewalls").glob("*.sh"))}

LISTS = """
nft list ruleset 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]*//'
for tool in iptables ip6tables; do ! command -v $tool >/dev/null || $tool -S; done
! pidof -xq firewalld || for half in '' --permanent; do firewall-cmd $half --list-all-zones; done
"""
FILES = "find /etc -type f ! -name '*-' -printf '%p %m %u:%g ' -exec sha256sum '{}' ';' | sed 's| /etc/.*||2' | sort"
OURS = re.compile(r"\b(vrrp|112)\b")


class Firewalled:
    """A server with a firewall, its rules and files as they were before floatip came."""

    def __init__(self, host: Host, manager: str) -> None:
        self.host = host
        self.manager = manager
        host.run("apt-get -qq update")
        host.run(f"export DEBIAN_FRONTEND=noninteractive; set -e\n{SETUPS[manager].read_text()}", timeout=120)
        host.reboot()  # what does not come back by itself shall not count
        self.rules = self.list_rules()
        self.files = host.run(FILES).stdout

    def list_rules(self) -> list[str]:
        """Every rule there is, without counters, in an order that a reboot does not change."""
        return sorted(line.strip() for line in self.host.run(LISTS).stdout.splitlines())

    def added(self) -> list[str]:
        """The rules that came; it fails where one has gone."""
        now = self.list_rules()
        for rule in self.rules:
            assert rule in now, f"{self.manager}: {rule!r} has gone"
            now.remove(rule)
        return now


def inventory(place: Place, path: Path) -> Path:
    """One address for all servers of the lab."""
    hosts: list[tuple[str, dict[str, Any]]] = []
    for number, server in enumerate(place.servers):
        part = {"interface": "eth1", "address": f"{server.spec.address}/24", "priority": 200 - 10 * number}
        connection = {
            "ssh_hostname": "127.0.0.1",
            "ssh_port": server.spec.port,
            "ssh_user": "root",
            "ssh_key": str(ROOT / ".lab/id_ed25519"),
            "ssh_known_hosts_file": str(ROOT / ".lab/known_hosts"),
            "ssh_strict_host_key_checking": "yes",
        }
        hosts.append((server.name, {**connection, "vrrp": {"VI_1": part}}))
    instance = {"virtual_router_id": 101, "virtual_ipaddress": [f"{FLOATING}/24"]}
    path.write_text(
        f'"""Servers with firewalls."""\n\nlab = {pformat((hosts, {"vrrp_instances": {"VI_1": instance}}))}\n'
    )
    return path


def master_is(place: Place, name: str) -> None:
    """Wait until `name` alone holds the address, and see that it stays alone for three adverts."""
    wait_until(f"{name} alone is master", lambda: place.holders(FLOATING) == [name], timeout=20)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        assert place.holders(FLOATING) == [name]


@pytest.mark.parametrize("servers", [len(SETUPS)])
@pytest.mark.parametrize("suite", SUITES)
def test_every_firewall_lets_vrrp_through_and_nothing_else(
    lab: Place, deploy: Any, floatip: Any, tmp_path: Path
) -> None:
    hosts = [Firewalled(host, manager) for host, manager in zip(lab.servers, SETUPS, strict=True)]
    file = inventory(lab, tmp_path / "walls.py")

    deploy(file)

    first, second = hosts[0].host, hosts[1].host
    master_is(lab, first.name)
    added = {one.manager: one.added() for one in hosts}
    for manager, rules in added.items():
        assert rules and all(OURS.search(rule) for rule in rules), manager
        assert all(" accept" in rule or "ACCEPT" in rule or "rich" in rule for rule in rules), manager

    files = {one.manager: one.host.run(FILES).stdout for one in hosts}
    deploy(file)
    assert {one.manager: one.added() for one in hosts} == added
    assert {one.manager: one.host.run(FILES).stdout for one in hosts} == files

    first.run("systemctl stop keepalived")
    master_is(lab, second.name)
    for one in hosts:
        one.host.reboot(wait=False)
    lab.wait_ready()
    master_is(lab, first.name)
    assert {one.manager: one.added() for one in hosts} == added
    deploy(file)
    assert {one.manager: one.host.run(FILES).stdout for one in hosts} == files

    floatip("remove", "--yes", file)
    for one in hosts:
        assert one.list_rules() == one.rules, one.manager
        assert one.host.run(FILES).stdout == one.files, one.manager
