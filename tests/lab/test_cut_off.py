"""Whatever dies in the middle of a change, the servers agree again by themselves: one holder, one configuration."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from floatip.change import summary
from floatip.change.plan import Kind
from floatip.deploy.lifecycle import interruption
from floatip.model import inventory, paths
from floatip.runs.events import Failure, LeftAlone, Restored, WentOn
from lab import Probe, wait_until
from lab.layers import State
from lab.names import FLOATING, SUITES
from lab.place import Place
from tests.lab import changes, stories
from tests.lab.changes import confs, settled, wanted
from tests.lab.controllers import Controller, Elsewhere, Running, send
from tests.lab.cut_off import FULL, ONE_ELECTION, ROOM, VRIDS, at_rest, begun, finished, leases_end, whole
from tests.lab.measuring import answered_within
from tests.lab.test_killed import killed
from tests.schedule import MachineWasLate


def half_way(place: Place, on: Controller, goal: Path, server: str = "d2", *words: str) -> Running:
    """A deploy that has just changed this server, and not yet the one that comes last, and is stopped there."""
    host = place.host(server)
    before = host.read(changes.CONF)
    run = on.start("pyinfra", "-y", *words, goal, "deploy.py")
    wait_until(f"{server} is changed", lambda: host.read(changes.CONF) != before, timeout=60, every=0.02)
    run.pause()
    if at_rest(place) or (not words and confs(place) == wanted(goal)):
        run.kill()
        raise MachineWasLate("the run was paused only when all servers were changed")
    return run


def test_a_run_that_is_killed(place: Place, here: Controller, tmp_path: Path) -> None:
    """d2 has the address under the new identity, and d1 yet under the old one."""
    before, goal = begun(place, here, tmp_path)
    with Probe(place.client, FLOATING) as probe:
        half_way(place, here, goal).kill()
        status = here.run("floatip", "status", "--json", goal).document
        assert {name: change["what"] for name, change in status["changes"].items()} == {"d1": "deploy", "d2": "deploy"}
        took = whole(place, before)
    answered_within(probe.pings, ONE_ELECTION)
    print(f"whole again after {took:.0f} s; {probe.pings.summary()}")


KINDS: Mapping[str, Mapping[str, Any]] = {
    "reload": {"virtual_ipaddress": [f"{FLOATING}/24", "10.9.1.7/24"]},
    "unicast": {"unicast": True},
    "start-over": {"use_vmac": True},
}


@pytest.mark.parametrize("change", KINDS.values(), ids=KINDS)
def test_each_kind_of_change(place: Place, here: Controller, tmp_path: Path, change: Mapping[str, Any]) -> None:
    before, goal = begun(place, here, tmp_path, **change)
    with Probe(place.client, FLOATING) as probe:
        first = "d1" if "use_vmac" in change else "d2"
        half_way(place, here, goal, first).kill()
        leases_end(place)
        took = whole(place, before)
    answered_within(probe.pings, ONE_ELECTION)
    print(f"whole again {took:.0f} s after its leases; {probe.pings.summary()}")


def test_a_move_that_is_killed(place: Place, here: Controller, tmp_path: Path) -> None:
    """Nothing of it is there afterwards, and the next deploy does not finish it. It is over one advert after d2 has its
    file."""
    before, _ = begun(place, here, tmp_path, adverts=1)
    half_way(place, here, before, "d2", "--data", "floatip_move=VI_1:d2").kill()
    leases_end(place)
    whole(place, before)
    assert all(not host.exists(paths.MOVED) for host in place.servers)
    again = here.run("pyinfra", "-y", before, "deploy.py")
    assert (again.returncode, again.planned.kind, again.planned.moved) == (0, Kind.NOTHING, {})


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak), signal.SIGHUP])
def test_a_run_that_is_asked_to_end(place: Place, here: Controller, tmp_path: Path, how: signal.Signals) -> None:
    """It brings the change to its proof first."""
    _, goal = begun(place, here, tmp_path)
    run = half_way(place, here, goal)
    send(how, [run.child.pid])
    run.go_on()
    finished(place, run, goal)


def test_a_run_that_is_asked_to_end_twice(place: Place, here: Controller, tmp_path: Path) -> None:
    """It leaves the rest to the servers, at once."""
    before, goal = begun(place, here, tmp_path)
    run = half_way(place, here, goal)
    with place.partition():  # so that its proof waits in vain, and it does not end by itself
        send(signal.SIGINT, [run.child.pid])
        run.go_on()
        wait_until("it has said what it waits for", lambda: "Stopping: " in (run.place / "err").read_text())
        until = time.monotonic() + interruption.SAME  # before that it would be taken for the same Ctrl-C
        wait_until("it is another one", lambda: time.monotonic() > until)
        send(signal.SIGINT, [run.child.pid])
        ended = run.end(timeout=20)
    assert ended.returncode == 3, ended.stderr
    whole(place, before, goal)


def test_nothing_was_begun_yet(place: Place, here: Controller, tmp_path: Path) -> None:
    """A run goes on no further than what it tells until somebody has read that: so it cannot have begun anything."""
    before, goal = begun(place, here, tmp_path)
    assert killed(goal, 1, lambda what: what.template == summary.TEST.template, signal.SIGINT)
    assert at_rest(place)
    whole(place, before)


def test_the_controllers_network_is_cut_for_good(place: Place, here: Controller, tmp_path: Path) -> None:
    before, goal = begun(place, here, tmp_path)
    with Elsewhere(tmp_path / "elsewhere") as elsewhere, Probe(place.client, FLOATING) as probe:
        run = half_way(place, elsewhere, goal)
        elsewhere.cut()
        run.go_on()
        ended = run.end()
        assert ended.returncode == 1
        assert ended.all(LeftAlone)[-1].nodes == ("d1", "d2")
        took = whole(place, before, goal)
    answered_within(probe.pings, ONE_ELECTION)
    print(f"whole again {took:.0f} s after the run; {probe.pings.summary()}")


def test_sessions_that_are_ended_while_servers_take_new_ones(place: Place, here: Controller, tmp_path: Path) -> None:
    _, goal = begun(place, here, tmp_path)
    with Probe(place.client, FLOATING) as probe:
        run = half_way(place, here, goal)
        for host in place.servers:
            host.run("pkill -f '^sshd: .*@'; pkill -f '^sshd-session: .*@'", check=False)
        run.go_on()
        finished(place, run, goal)
    answered_within(probe.pings, ONE_ELECTION)


def test_the_holders_power_is_cut(place: Place, here: Controller, tmp_path: Path) -> None:
    """d2 has the address already, under the new identity: so it stays there, and d1 finds its way when it boots."""
    _, goal = begun(place, here, tmp_path)
    d1 = place.host("d1")
    with Probe(place.client, FLOATING) as probe:
        run = half_way(place, here, goal)
        wait_until("d2 has the address too", lambda: place.host("d2").holds(FLOATING))
        d1.power_off()
        run.go_on()
        ended = run.end()
        assert ended.returncode == 1
        assert ended.all(WentOn) == [WentOn("d2", True)], ended.stderr
        assert place.holders(FLOATING) == ["d2"]
        d1.power_on()
        d1.wait_ready()
        took = whole(place, goal)
    answered_within(probe.pings, ONE_ELECTION)
    print(f"whole again {took:.0f} s after d1 was back; {probe.pings.summary()}")


def test_the_backups_power_is_cut(place: Place, here: Controller, tmp_path: Path) -> None:
    """d1 has the address yet under the old identity, and nobody speaks the new one: at this interval d2 waits for two
    seconds before it does."""
    before, goal = begun(place, here, tmp_path, adverts=0.5)
    d2 = place.host("d2")
    mac = d2.mac()
    with Probe(place.client, FLOATING) as probe:
        run = half_way(place, here, goal)
        d2.power_off()
        if place.client.neighbour(FLOATING) == mac:  # then clients wait until the run has noticed: another story
            run.kill()
            d2.power_on()
            d2.wait_ready()
            whole(place, before)
            raise MachineWasLate("d2 had taken the address before its power was cut")
        run.go_on()
        ended = run.end()
        assert ended.returncode == 1
        assert Restored("d2", False, "it does not answer") in ended.all(Restored), ended.stderr
        assert place.holders(FLOATING) == ["d1"]
        d2.power_on()
        d2.wait_ready()
        whole(place, before)
    answered_within(probe.pings, 2 * ONE_ELECTION)  # until d1 says again that it has the address


def test_a_disk_is_full(place: Place, here: Controller, tmp_path: Path) -> None:
    """There was room to keep what d1 had, and there is none to give it what it shall have."""
    before, goal = begun(place, here, tmp_path)
    d1 = place.host("d1")
    with Probe(place.client, FLOATING) as probe:
        run = half_way(place, here, goal)
        d1.run(FULL)
        run.go_on()
        ended = run.end()
        assert (ended.returncode, ended.failed.code, ended.failed.node) == (1, Failure.NOT_ACTIVATED, "d1")
        assert set(ended.all(Restored)) == {Restored("d1", True), Restored("d2", True)}
        whole(place, before)
        d1.run(ROOM)
    answered_within(probe.pings, ONE_ELECTION)
    assert here.run("pyinfra", "-y", before, "deploy.py").planned.kind is Kind.NOTHING


@pytest.mark.parametrize("servers", [3])
@pytest.mark.hosts(State.READY)
def test_three_servers(lab: Place, here: Controller, tmp_path: Path, servers: int) -> None:
    names, both = ("d1", "d2", "d3"), (next(VRIDS), next(VRIDS))
    for vrid in both:
        (tmp_path / str(vrid)).mkdir()
    before, goal = (
        inventory.save(
            stories.cluster(stories.instance(servers=names, vrid=vrid, advert_int=0.1)), tmp_path / str(vrid)
        )
        for vrid in both
    )
    done = here.run("pyinfra", "-y", before, "deploy.py")
    assert done.returncode == 0, done.stderr
    settled(lab)
    with Probe(lab.client, FLOATING) as probe:
        half_way(lab, here, goal, "d3").kill()
        leases_end(lab)
        whole(lab, before, goal)
    answered_within(probe.pings, ONE_ELECTION)


@pytest.mark.parametrize("suite", [SUITES[0], pytest.param(SUITES[-1], marks=pytest.mark.soak)])
@pytest.mark.hosts(State.DEPLOYED)
def test_on_the_other_debians(lab: Place, here: Controller, tmp_path: Path) -> None:
    """The run is killed, and the holder's power is cut: d2 makes up its mind by itself, and d1 when it boots."""
    _, goal = begun(lab, here, tmp_path)
    d1 = lab.host("d1")
    with Probe(lab.client, FLOATING) as probe:
        run = half_way(lab, here, goal)
        wait_until("d2 has the address too", lambda: lab.host("d2").holds(FLOATING))
        d1.power_off()
        run.kill()
        leases_end(lab, "d2")
        d1.power_on()
        d1.wait_ready()
        whole(lab, goal)
    answered_within(probe.pings, ONE_ELECTION)
