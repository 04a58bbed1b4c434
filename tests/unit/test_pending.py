"""Whatever dies in the middle of a change, the servers agree again by themselves: on paper, thousands of cases."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from floatip.server_side.pending import model
from floatip.server_side.pending.model import Way
from tests import examples
from tests.unit.pending_world import World
from tests.unit.test_plan import NODES, cluster, text

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "vrid": {"virtual_router_id": "102"},
    "version": {"version": "3"},
    "unicast": {"unicast_peer": "{\n        10.9.1.99\n    }"},
    "adverts": {"garp_master_delay": "2"},
    "virtual-mac": {"use_vmac": ""},
}
CASES = [(nodes, change, seed) for nodes in (2, 3) for change in CHANGES for seed in range(examples.some(4, 1))]
each = pytest.mark.parametrize(("nodes", "change", "seed"), CASES)


def world(nodes: int, change: str, seed: int) -> World:
    before = {name: text(name) for name in NODES[:nodes]}
    after = {name: text(name, **CHANGES[change]) for name in NODES[:nodes]}
    made = World(cluster(nodes), before, after, random.Random(seed))
    made.run(2)
    return made


def cut_at_every_step(nodes: int, change: str, seed: int) -> Iterator[tuple[World, int]]:
    """The same change again and again, cut off after each of its steps."""
    number, last = 0, 1
    while number <= last:
        built = world(nodes, change, seed * 100 + number)
        steps = built.steps()
        for step in steps[:number]:
            assert built.take(step), step
        yield built, number
        number, last = number + 1, len(steps)


def whole(place: World) -> str:
    """What is not in order; empty where all is."""
    up = [server for server in place.servers.values() if server.on]
    ways = {next((way for way in Way if server.text == server.files[way]), None) for server in up}
    problems = []
    if len(ways) != 1 or None in ways:
        problems.append(f"files: { {server.name: server.way for server in up} }")
    if len(place.holders("VI_1")) != 1:
        problems.append(f"holders: {place.holders('VI_1')}")
    return "; ".join(problems)


def left_alone(place: World, since: float, *what: object) -> None:
    """It is whole in time, and stays that."""
    until, bad = since + model.whole_again(place.advert_int), ""
    place.run(until - place.now)
    for _ in range(60):
        assert (bad := whole(place)) == "", (bad, what)
        place.run(1)


@each
def test_a_run_that_dies_at_any_moment(nodes: int, change: str, seed: int) -> None:
    for place, number in cut_at_every_step(nodes, change, seed):
        place.run(place.rng.uniform(0, 4))
        left_alone(place, place.now, number)


@each
def test_a_server_loses_its_power(nodes: int, change: str, seed: int) -> None:
    for place, number in cut_at_every_step(nodes, change, seed):
        victim = place.rng.choice(list(place.servers.values()))
        victim.on = False
        away, began = place.rng.uniform(3, 60), place.now
        way = place.recover()
        place.run(max(0.0, away - (place.now - began)))
        place.boot(victim)
        left_alone(place, place.now, number, victim.name, way)


@each
def test_a_server_cannot_be_reached_any_more(nodes: int, change: str, seed: int) -> None:
    for place, number in cut_at_every_step(nodes, change, seed):
        victim = place.rng.choice(list(place.servers.values()))
        victim.reachable, began = False, place.now
        way = place.recover()
        left_alone(place, began, number, victim.name, way)


@each
def test_a_run_dies_while_it_forgets(nodes: int, change: str, seed: int) -> None:
    """Where an identity changes, the servers hear each other; elsewhere this may leave two configurations."""
    place = world(nodes, change, seed)
    for step in place.steps():
        assert place.take(step), step
    place.run(8)
    servers = list(place.servers.values())
    for server in servers[: place.rng.randint(0, nodes)]:
        server.known = replace(server.known, proved=True)
    if servers[0].known.renamed:
        left_alone(place, place.now)
