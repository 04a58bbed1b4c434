"""What a survey of one cluster has come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyinfra.api import Host

from floatip import firewall
from floatip.change import plan as planner
from floatip.change.pins import Moves
from floatip.deploy.survey.departure_plan import NOBODY, Departures
from floatip.hosts.host_state import HostState
from floatip.model.cluster import Cluster


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """One cluster of the run: what it shall be, what was found, what will be done.

    `asked`: the cluster as the inventory has it, whatever was moved. `states`, `wanted` and `firewalls` hold the hosts
    of this run only (`--limit`).
    """

    cluster: Cluster
    hosts: Mapping[str, Host]
    states: Mapping[str, HostState]
    wanted: Mapping[str, str]
    firewalls: Mapping[str, firewall.Plan]
    plan: planner.Plan
    moves: Moves
    asked: Cluster
    departures: Departures = NOBODY
