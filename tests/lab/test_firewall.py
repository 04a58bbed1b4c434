"""The firewall on real hosts: each manager drops by default, the deploy lets VRRP through and nothing else.

One cluster has a server for every way to keep a firewall: that exactly one of them is master says that
the adverts of each master reach all the others. How the firewalls are set up stands in `lab/firewalls/*.sh`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pprint import pformat
from typing import Any

import pytest

from floatip import firewall
from floatip.firewall import places, planning
from lab import Host, LabError, wait_until
from lab.layers import WALLS, State
from lab.names import DEFAULT_SUITE, FLOATING, SUITES
from lab.place import Place
from tests.lab.stories import stays

LISTS = """
nft list ruleset 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]*//'
for tool in iptables ip6tables; do ! command -v $tool >/dev/null || $tool -S; done
"""
# Without the file that keepalived 2.3 itself writes when it starts.
FILES = r"""
set -- -type f ! -path '/etc/iproute2/*' ! -name '*-'
{ find /etc "$@" -printf '%p %m %u:%g\n'; find /etc "$@" -exec sha256sum '{}' +; } | sort
"""
# firewalld 0.9 says that it has started before its rules are there.
LOADED = """
! systemctl is-enabled -q firewalld 2>/dev/null || timeout 50 sh -c 'until firewall-cmd -q --state; do sleep 0.1; done'
"""
OURS = re.compile(r"\b(vrrp|112)\b")


class Firewalled:
    """A server with a firewall, its rules and files as they were before floatip came. It has been booted since the
    firewall was set up: what does not come back by itself shall not count."""

    def __init__(self, host: Host, manager: str) -> None:
        self.host = host
        self.manager = manager
        self.host.run(LOADED)
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

    def plan(self, peers: Sequence[firewall.Peer]) -> firewall.Plan:
        """What the host needs, asked as a deploy asks."""
        answer = self.host.run(f"{firewall.PROBE}\nfloatip_firewall").stdout
        return firewall.plan(firewall.observe(answer.splitlines()), peers)

    def is_as_before(self) -> bool:
        """Whether every rule and every file is what it was."""
        return self.list_rules() == self.rules and self.host.run(FILES).stdout == self.files

    def must_be_as_before(self) -> None:
        """Say what is not."""
        assert self.list_rules() == self.rules, self.manager
        assert self.host.run(FILES).stdout.splitlines() == self.files.splitlines(), self.manager


def inventory(place: Place, path: Path) -> Path:
    """One address for all servers of the lab."""
    hosts: list[tuple[str, dict[str, Any]]] = []
    for number, server in enumerate(place.servers):
        part = {"interface": "eth1", "address": f"{server.spec.address}/24", "priority": 200 - 10 * number}
        hosts.append((server.name, {**server.spec.connection, "vrrp": {"VI_1": part}}))
    instance = {"virtual_router_id": 101, "virtual_ipaddress": [f"{FLOATING}/24"]}
    path.write_text(
        f'"""Servers with firewalls."""\n\nlab = {pformat((hosts, {"vrrp_instances": {"VI_1": instance}}))}\n'
    )
    return path


def master_is(place: Place, name: str) -> None:
    """Wait until `name` alone holds the address, and see that it stays alone for longer than a deaf one would wait."""
    wait_until(f"{name} alone is master", lambda: place.holders(FLOATING) == [name], timeout=20)
    stays(place, name, seconds=4)


def the_timer_takes_everything_back(host: Firewalled) -> None:
    """Nobody comes back over a new connection after the rules for all kinds of peers were added."""
    peers: list[firewall.Peer] = [("eth1", "10.9.1.77", False), ("eth1", "fd00:9:1::77", False)]
    peers.append(("eth1", "fd00:9:1::78", True))
    plan = host.plan(peers)
    assert plan.script and plan.arm, host.manager
    host.host.run(after(600, plan.arm))  # longer than a busy machine takes for what follows
    host.host.run(plan.script)
    host.host.run(plan.script)
    there = host.plan(peers)  # the timer of this run, and nothing else, is left to be seen to
    assert (there.script, there.arm, there.needed) == (planning.DISARM, None, plan.needed), host.manager
    host.host.run(after(1, plan.arm))
    try:
        wait_until(
            f"the rules of {host.manager} are taken back",
            lambda: not host.host.exists(places.UNDO_DIRECTORY) and host.is_as_before(),  # firewalld is slow to tell
            timeout=60,
            every=1,
        )
    except LabError:
        host.must_be_as_before()
        raise
    assert host.plan(peers).needed == plan.needed


def after(seconds: int, arm: str) -> str:
    """The script that arms the timer, with another time."""
    own = f"--on-active={planning.UNDO_SECONDS} "
    assert own in arm
    return arm.replace(own, f"--on-active={seconds} ")


WHOLE = [
    pytest.param(suite, whole, id=f"{suite}-{'whole' if whole else 'usual'}", marks=[pytest.mark.soak] if later else [])
    for suite in SUITES
    for whole, later in ([(True, False)] if suite == DEFAULT_SUITE else [(False, False), (True, True)])
]
"""Whether the timers that take rules back are seen to, too: in `make test` on the usual Debian."""


@pytest.mark.hosts(State.WALLED)
@pytest.mark.parametrize("servers", [len(WALLS)])
@pytest.mark.parametrize(("suite", "whole"), WHOLE)
def test_every_firewall_lets_vrrp_through_and_nothing_else(
    lab: Place, deploy: Any, floatip: Any, tmp_path: Path, whole: bool
) -> None:
    file = inventory(lab, tmp_path / "walls.py")
    with ThreadPoolExecutor() as side_by_side:
        hosts = list(side_by_side.map(Firewalled, lab.servers, WALLS))
        if whole:
            list(side_by_side.map(the_timer_takes_everything_back, hosts))

    deploy(file)

    first, second = hosts[0].host, hosts[1].host
    master_is(lab, first.name)
    added = {server.manager: server.added() for server in hosts}
    for manager, rules in added.items():
        assert rules and all(OURS.search(rule) for rule in rules), manager
        assert all(" accept" in rule or "ACCEPT" in rule or "rich" in rule for rule in rules), manager
    files = {server.manager: server.host.run(FILES).stdout for server in hosts}

    first.run("systemctl stop keepalived")
    master_is(lab, second.name)
    for host in hosts:
        host.host.reboot(wait=False)
    lab.wait_ready()
    master_is(lab, first.name)
    assert {server.manager: server.added() for server in hosts} == added
    deploy(file)
    assert {server.manager: server.added() for server in hosts} == added
    assert {server.manager: server.host.run(FILES).stdout for server in hosts} == files

    floatip("remove", "--yes", file)
    for server in hosts:
        server.must_be_as_before()
