"""What the status page says of what was found: a row a case; unknown is never good."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from floatip import inventory
from floatip.host_state import HostState, parse
from lab.paths import ROOT
from wizard import status

VIP = "10.9.1.6"
CASES = [
    (("backup", "master"), "good", "d2 holds 10.9.1.6, though d1 is preferred."),
    (("master", "backup"), "good", "d1 holds 10.9.1.6."),
    (("master", "stopped"), "good", "d1 holds 10.9.1.6."),
    (("master", "master"), "bad", "d1 and d2 hold 10.9.1.6 at the same time."),
    (("master", "unknown"), "unknown", "d1 holds 10.9.1.6; whether d2 does too is not known."),
    (("backup", "unknown"), "unknown", "Nobody that answers holds 10.9.1.6; d2 may."),
    (("unknown", "unknown"), "unknown", "Nobody that answers holds 10.9.1.6; d1 and d2 may."),
    (("backup", "backup"), "bad", "Nobody holds 10.9.1.6: an election may be under way."),
    (("stopped", "stopped"), "bad", "Nobody holds 10.9.1.6: keepalived runs on none of them."),
]


def state(kind: str) -> HostState:
    """A host that holds the address, runs without it, or does not run keepalived."""
    addresses = [{"local": VIP, "prefixlen": 24}] if kind == "master" else []
    links = json.dumps([{"ifname": "eth1", "operstate": "UP", "addr_info": addresses}])
    found = parse(["floatip-state=1", "uid=0", f"links={links}"])
    return replace(found, units={"keepalived": ("inactive" if kind == "stopped" else "active", "enabled")})


@pytest.mark.parametrize(("kinds", "verdict", "sentence"), CASES)
def test_the_verdict(kinds: tuple[str, str], verdict: str, sentence: str) -> None:
    (read,) = inventory.read(ROOT / "inventories" / "lab.py")
    assert read.cluster
    found = {name: state(kind) for name, kind in zip(("d1", "d2"), kinds, strict=True) if kind != "unknown"}
    (row,) = status.read(read.cluster, found)
    assert (row.address, row.verdict) == (VIP, verdict)
    assert row.sentence.startswith(sentence)
    assert tuple(node[1] for node in row.nodes) == kinds
