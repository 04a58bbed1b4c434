"""Whose configuration a server carries: this cluster's under whatever name, another cluster's, or nobody's."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_interface

import pytest

from floatip.change import members, ownership
from floatip.hosts import host_answer
from floatip.hosts.codes import Code
from floatip.hosts.host_state import File, HostState
from floatip.keepalived import render
from floatip.model.cluster import Cluster, Floating
from floatip.model.problems import errors
from tests.unit import samples

LAB = samples.lab()
BARE = host_answer.parse(["floatip-state=1", "uid=0", "links=[]"])


def other(address: str = "10.9.1.7") -> Cluster:
    """Another cluster of the same servers."""
    (instance,) = LAB.instances
    floating = (Floating(ip_interface(f"{address}/24")),)
    return replace(LAB, name="web", instances=(replace(instance, virtual_ipaddress=floating, virtual_router_id=7),))


def carries(cluster: Cluster, *, record: bool = True, conf: str | None = None) -> HostState:
    """A server that this cluster was deployed to; `record`: it remembers the members, as since 0.2."""
    texts = {"conf": render.keepalived_conf(cluster, "d1") if conf is None else conf}
    texts |= {"members": members.record(cluster)} if record else {}
    return replace(BARE, files={key: File("640:root:root", text) for key, text in texts.items()})


@pytest.mark.parametrize("record", [True, False])
def test_another_cluster_s_is_an_error(record: bool) -> None:
    (problem,) = errors(ownership.problems(LAB, {"d1": carries(other(), record=record), "d2": BARE}))
    assert (problem.path, problem.code) == ("nodes.d1", Code.OTHER_CLUSTER)
    assert "web" in problem.message and "floatip remove" in problem.hint and "--replace" in problem.hint


OURS = {
    "the same": carries(LAB),
    "the same, of the first release": carries(LAB, record=False),
    "another address": carries(replace(other(), name="lab")),
    "another address, of the first release": carries(replace(other(), name="lab"), record=False),
    "another name": carries(replace(LAB, name="web")),
    "another name, of the first release": carries(replace(LAB, name="web"), record=False),
    "nothing": BARE,
    "a hand-made file": carries(other(), conf="vrrp_instance X {\n}\n"),
    "only a record": carries(other(), conf=""),
    "nonsense": carries(other(), record=False, conf="# Managed by floatip\n# Cluster $(id), server d1\n"),
}


@pytest.mark.parametrize("state", OURS.values(), ids=OURS)
def test_what_is_this_cluster_s_or_nobody_s_is_none(state: HostState) -> None:
    assert list(ownership.problems(LAB, {"d1": state})) == []
