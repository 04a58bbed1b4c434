"""A server that was taken out of the inventory is not forgotten: it is dismissed, its address handed over first, or it
is known to be gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from floatip.change import summary
from floatip.model import inventory, paths
from floatip.model.cluster import Cluster
from floatip.runs.events import Proved, Refusal, Remark
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import INVENTORY, Journals, Snapshot, left, snapshot, unnoticed
from tests.lab.conftest import Labs, Runs
from tests.lab.test_removal import traces


@pytest.fixture
def place(labs: Labs) -> Iterator[Place]:
    """Three servers that have the packages."""
    yield labs.up(servers=3, state=State.READY)
    labs.down()


def wanted(*servers: str, stays: bool, vrid: int = 101) -> Cluster:
    """The cluster of these servers, by preference. `stays`: no election takes the address away from whoever has it, and
    a server only hears those that it was told of."""
    instance = stories.instance(servers=servers, vrid=vrid, advert_int=0.1, nopreempt=stays)
    return stories.cluster(replace(instance, unicast=stays))


def without_d3(directory: Path, *, stays: bool = False, vrid: int = 101) -> Path:
    """The inventory after d3 was taken out of it."""
    (directory / "after").mkdir()
    return inventory.save(wanted("d1", "d2", stays=stays, vrid=vrid), directory / "after")


def three(place: Place, directory: Path, *, stays: bool = False) -> None:
    """All three are a cluster, and d3 has the address."""
    stories.deployed(place, wanted("d3", "d1", "d2", stays=stays), directory)
    stories.settles(place, "d3")


def looks(place: Place) -> Mapping[str, Snapshot]:
    """The servers as they are now."""
    return {host.name: snapshot(host) for host in place.servers if host.is_on()}


def unchanged(place: Place, before: Mapping[str, Snapshot]) -> bool:
    """Whether they still are."""
    return all(before[name].differences(look) == [] for name, look in looks(place).items())


def knows(host: Host, name: str) -> bool:
    """Whether a server remembers another one."""
    return any(line.startswith(f"{name} ") for line in host.read(paths.MEMBERS).splitlines())


@pytest.mark.parametrize("stays", [False, True], ids=["returns", "stays"])
def test_it_hands_its_address_over_and_goes(place: Place, deploy: Runs, tmp_path: Path, stays: bool) -> None:
    d1, d2, d3 = place.servers
    fresh = snapshot(d3)
    three(place, tmp_path, stays=stays)
    renamed = not stays  # a change of all the others as well, whose order depends on who has the address by then
    file = without_d3(tmp_path, stays=stays, vrid=102 if renamed else 101)
    before = looks(place)
    for options in ([], ["--dry"]):
        answer = deploy(file, *options, check=False)
        assert (answer.returncode, answer.refused.code, answer.refused.nodes) == (1, Refusal.LEFT_BEHIND, ("d3",))
    stories.settles(place, "d3")
    assert unchanged(place, before)
    deploy(file, "--dry", "--data", "floatip_dismiss=d3")
    stories.settles(place, "d3")
    assert unchanged(place, before)
    with stories.Looks(place) as seen, unnoticed(place, hands=1):
        answer = deploy(file, "--data", "floatip_dismiss=d3")
        stories.settles(place, "d1")
    assert not any("d3" in look for look in seen.twice)
    assert renamed or not seen.twice
    assert [(proof.address, proof.holder) for proof in answer.all(Proved)] == [(FLOATING, "d1")]
    assert not stories.runs(d3)
    assert left(fresh, snapshot(d3)) == []
    assert traces(d3) == []
    assert not d3.exists("/run/floatip")
    assert [stories.runs(host) for host in (d1, d2)] == [True, True]
    assert [knows(host, name) for host in (d1, d2) for name in ("d1", "d2", "d3")] == [True, True, False] * 2
    before, journals = looks(place), Journals(place)
    assert deploy(file).changes == []
    assert unchanged(place, before)
    assert not any(journals.transitions().values())


def test_one_that_does_not_answer_is_forgotten_only_where_it_is_gone(
    place: Place, deploy: Runs, tmp_path: Path
) -> None:
    d1, d2, d3 = place.servers
    three(place, tmp_path)
    file = without_d3(tmp_path)
    before = looks(place)

    def refused(option: str) -> tuple[int, Refusal, tuple[str, ...]]:
        answer = deploy(file, "--data", option, check=False)
        return answer.returncode, answer.refused.code, answer.refused.nodes

    assert refused("floatip_dismiss=d1") == (1, Refusal.OPTION, ("d1",))
    assert refused("floatip_forget=d3") == (1, Refusal.STILL_THERE, ("d3",))  # it answers
    d3.run("systemctl stop ssh.socket ssh.service")
    assert refused("floatip_dismiss=d3") == (1, Refusal.UNREACHABLE, ("d3",))
    assert refused("floatip_forget=d3") == (1, Refusal.STILL_THERE, ("d3",))  # it is heard
    stories.settles(place, "d3")
    assert all(before[host.name].differences(snapshot(host)) == [] for host in (d1, d2))
    d3.power_off()
    stories.settles(place, "d1")
    assert refused("floatip_dismiss=d3") == (1, Refusal.UNREACHABLE, ("d3",))
    assert deploy(file, "--limit", "d1").returncode == 0
    assert [knows(host, "d3") for host in (d1, d2)] == [True, True]
    answer = deploy(file, "--data", "floatip_forget=d3")
    assert "forgotten" in [remark.code for remark in answer.all(Remark)]
    assert [knows(host, "d3") for host in (d1, d2)] == [False, False]
    assert deploy(file).changes == []
    stories.settles(place, "d1")
    assert [stories.runs(host) for host in (d1, d2)] == [True, True]


@pytest.mark.hosts(State.DEPLOYED)
def test_servers_that_remember_nobody_yet_are_told_once(lab: Place, deploy: Runs) -> None:
    for host in lab.servers:
        host.run(f"rm {paths.MEMBERS}")
    journals = Journals(lab)
    answer = deploy(INVENTORY)
    assert [(begin.what, nodes) for begin, nodes in answer.changes] == [(summary.MEMBERS, ("d1", "d2"))]
    assert deploy(INVENTORY).changes == []
    assert not any([*journals.transitions().values(), *journals.reloads().values()])
