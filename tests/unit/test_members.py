"""Who belongs to a cluster, as its servers remember it, and who of them the inventory has no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

import floatip
from floatip.change import members
from floatip.change.members import Known
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.survey import run
from floatip.hosts import host_answer
from floatip.hosts.host_state import File, HostState
from floatip.model.cluster import Cluster, Node
from floatip.runs.events import Refusal
from tests.lab import stories

THREE = replace(stories.cluster(stories.instance(servers=("d3", "d1", "d2"))), name="web")
TWO = replace(stories.cluster(stories.instance(servers=("d1", "d2"))), name="web")
D3 = next(member for member in members._present(THREE) if member.name == "d3")
BARE = host_answer.parse(["floatip-state=1", "uid=0", "links=[]"])


def state(record: str | None) -> HostState:
    """A server that remembers this."""
    return replace(BARE, files={} if record is None else {"members": File("644:root:root", record)})


def moved(name: str = "d3", *, host: str = "192.0.2.1", port: int = 22, address: str = "10.9.1.99") -> Cluster:
    """The two, and a third one that has this in common with d3 and nothing else."""
    third = stories.cluster(stories.instance(servers=("d3", "d1", "d2"))).instances[0].member("d3")
    assert third
    member = replace(third, node=name, address=type(third.address)(f"{address}/24"))
    (instance,) = TWO.instances
    node = Node(name, (("ssh_hostname", host), ("ssh_port", port)))
    both = (replace(instance, members=(*instance.members, member)),)
    return replace(TWO, nodes=(*TWO.nodes, node), instances=both)


def test_a_record_comes_back() -> None:
    found = members.parse(members.record(THREE))
    assert found == members.Record("web", frozenset({"10.9.1.6"}), tuple(members._present(THREE)), floatip.__version__)
    assert [member.name for member in found.members] == ["d1", "d2", "d3"]
    assert found.members[2].place == f"127.0.0.1:{D3.port}"


def test_a_server_that_is_reached_by_its_name_and_takes_no_part() -> None:
    lone = replace(TWO, nodes=(*TWO.nodes, Node("d9")))
    found = members.parse(members.record(lone))
    assert found
    assert found.members[-1] == Known("d9", "d9", 0, ())
    assert Known("d9", "fd00::9", 22, ()).place == "[fd00::9]:22"


HEAD = "1 web 10.9.1.6\n"
ODD = [
    *(None, "", "\n", "1\n", "2 web 10.9.1.6\n", "1 web\n", "1 ../web 10.9.1.6\n", "1 web 10.9.1.6%eth1\n"),
    *("1 web 10.9.1.6;id\n", "1  web 10.9.1.6\n", "1 web 10.9.1.6 more\n", "1 web 10.9.1.6 0.2.0 more\n"),
    *(f"{HEAD}d3\n", f"{HEAD}d3 127.0.0.1 22\n", f"{HEAD}d3 127.0.0.1 22 10.9.1.63 more\n", f"{HEAD}\n"),
    *(f"{HEAD}@local 127.0.0.1 22 10.9.1.63\n", f"{HEAD}all 127.0.0.1 22 10.9.1.63\n"),
    *(f"{HEAD}d3 -oProxyCommand=id 22 10.9.1.63\n", f"{HEAD}d3 $(id) 22 10.9.1.63\n"),
    *(f"{HEAD}d3 127.0.0.1 0 10.9.1.63\n", f"{HEAD}d3 127.0.0.1 65536 10.9.1.63\n"),
    *(f"{HEAD}d3 127.0.0.1 ٢٢ 10.9.1.63\n", f"{HEAD}d3 127.0.0.1 22 \x1b[2J\n", f"{HEAD}d3 127.0.0.1 22 1.2.3\n"),
    HEAD + "".join(f"d{number} 127.0.0.1 22 10.9.1.63\n" for number in range(members.MOST + 1)),
    f"{HEAD}d3 127.0.0.1 22 {','.join(['10.9.1.63'] * 1000)}\n",
]


def test_a_record_of_the_first_release_is_one() -> None:
    found = members.parse(HEAD)
    assert found and (found.cluster, found.by) == ("web", "")


LATER = [
    ("2 web 10.9.1.6 0.3.0\n", "0.3.0"),
    ("12 web and something new 1.10.2rc1\n", "1.10.2rc1"),
    ("1 web 10.9.1.6 0.3.0\n", None),  # a later floatip, but the same format
    ("2 web 10.9.1.6 \x1b[2J\n", None),
    ("2\n", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "version"), LATER)
def test_a_server_that_a_later_floatip_deployed(text: str | None, version: str | None) -> None:
    states = {"d1": state(members.record(TWO)), "d2": state(text)}
    assert members.newer(states) == ({"d2": version} if version else {})
    if version is None:
        run._refuse_newer(states)
        return
    with pytest.raises(Refusing, match=f"Use floatip {version} or later") as refused:
        run._refuse_newer(states)
    assert (refused.value.event.code, refused.value.event.nodes) == (Refusal.NEWER, ("d2",))


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_record_counts_for_nothing(text: str | None) -> None:
    assert members.parse(text) is None
    assert members.left_behind(TWO, {"d1": state(text)}) == ()


@pytest.mark.parametrize(
    ("cluster", "left"),
    [
        (THREE, []),
        (TWO, ["d3"]),
        (moved("d3"), []),
        (moved("d4"), ["d3"]),
        (moved("d4", host=D3.host, port=D3.port), []),
        (moved("d4", host=D3.host), ["d3"]),
        (moved("d4", address=D3.addresses[0]), []),
        (replace(TWO, name="other"), ["d3"]),
        (replace(TWO, name="other", instances=stories.cluster(stories.instance(address="10.9.1.8")).instances), []),
    ],
    ids=[
        *("in it", "taken out", "all but its name is new", "another one", "renamed", "another port"),
        *("its address", "the file was renamed", "another cluster"),
    ],
)
def test_who_was_left_behind(cluster: Cluster, left: list[str]) -> None:
    states = {"d1": state(members.record(THREE)), "d2": state(None)}
    assert [(member.name, member.by) for member in members.left_behind(cluster, states)] == [
        (name, ("d1",)) for name in left
    ]


def test_what_most_of_them_remember_counts() -> None:
    text = members.record(THREE)
    states = {"d1": state(text.replace(f" {D3.port} ", " 9 ")), "d2": state(text), "d4": state(text)}
    (found,) = members.left_behind(TWO, states)
    assert (found.known, found.by) == (D3, ("d1", "d2", "d4"))


def test_whoever_was_left_behind_stays_in_the_record() -> None:
    left = members.left_behind(TWO, {"d1": state(members.record(THREE))})
    assert members.record(TWO, left) == members.record(THREE)
    assert members.left_behind(TWO, {"d1": state(members.record(TWO))}) == ()
