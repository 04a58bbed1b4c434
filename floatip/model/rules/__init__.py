"""What only shows when values are seen together: between settings, instances and servers.

Most of it the daemon accepts without a word, and then two servers hold the address, or none does.

    addresses   floating addresses and the servers' own
    subnets     the subnets that they share
    placing     the options of floating addresses
    election    priorities, VRIDs, VRRP versions, preemption, interfaces
    foreign     devices of an instance that floatip does not manage
    scripts     health checks
    track_files files with a number that are tracked
    tracking    what instances track by its name
    weights     whether a weight can move the address
    strict      what does not go with `vrrp_strict`
    groups      instances that move together
    routes      routes that move along
    mailing     mail that would never be sent
    fifos       FIFOs that nothing is read from
    raw         raw lines
    servers     names and how the servers are reached

Every rule is a generator over a `Cluster` that may have holes: neutral values (see `reading`) where
a value was wrong, on which the rules stay silent.
"""

from __future__ import annotations

from floatip.model.cluster import Cluster
from floatip.model.problems import Problem
from floatip.model.rules import (
    addresses,
    election,
    fifos,
    foreign,
    groups,
    mailing,
    placing,
    raw,
    routes,
    scripts,
    servers,
    strict,
    track_files,
    weights,
)


def check(cluster: Cluster) -> tuple[Problem, ...]:
    """Every problem between the values of this cluster."""
    modules = (
        *(servers, addresses, placing, election, foreign, groups, routes, scripts, track_files, weights, strict),
        *(mailing, fifos, raw),
    )
    return tuple(problem for module in modules for rule in module.RULES for problem in rule(cluster))
