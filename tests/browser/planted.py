"""`python -m tests.browser.planted wizard …`: the wizard, and what it starts, with servers that are as planted.

What a server is like stands in its SSH port: those of the clusters `well`, `ill` and `slow`, whose drill never ends.
All others are asked as ever, and nobody answers there.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from floatip import care, drilling, looking, render
from floatip import rounds as rounds_
from floatip.cluster import Cluster
from floatip.doctor import Case, Seen, case
from floatip.doctor.aside import Aside
from floatip.drill import Report
from floatip.host_state import File, HostState, Link
from floatip.rounds import Round
from floatip.vitals import Vitals, Vrrp

WIZARD = "FLOATIP_PLANTED_BY"  # the process whose end ends all others
WELL, ILL, SLOW = (11, 12), (21, 22), (31, 32)
"""The SSH ports of d1 and d2, cluster by cluster."""
OWN = {"d1": "10.9.1.16/24", "d2": "10.9.1.61/24"}
LEADS = Vitals(True, 864000, frozenset({"10.9.1.6"}), {"VI_1": Vrrp("master", 150, 7200, {}, 101, 150)}, {"web": True})
STANDS_BY = Vitals(True, 864000, frozenset(), {"VI_1": Vrrp("backup", 100, 7200, {}, 101, 100)}, {"web": True})
FAILS = replace(LEADS, held=frozenset(), instances={"VI_1": Vrrp("fault", 0, 90, {}, 101, 150)}, checks={"web": False})
STOPPED = Vitals(False, 90, frozenset(), {}, {})
VITALS = {11: LEADS, 12: STANDS_BY, 21: FAILS, 22: STOPPED, 31: LEADS, 32: STANDS_BY}
JOURNAL = (
    "(/etc/keepalived/keepalived.conf: Line 14) Unknown keyword 'prioritty'",
    "keepalived.service: Main process exited, code=exited, status=2/INVALIDARGUMENT",
    "keepalived.service: Failed with result 'exit-code'.",
)


def rounds(hosts: Sequence[tuple[str, Mapping[str, Any]]], every: float, number: int | None = None) -> Iterator[Round]:
    """What is planted, again and again; else what can be had."""
    found = {name: VITALS[data["ssh_port"]] for name, data in hosts if data.get("ssh_port") in VITALS}
    if not found:
        yield from _asked(hosts, every, number)
    while found:
        yield Round(time.time(), found, {})
        if number == 1:
            break
        time.sleep(every)


def look(cluster: Cluster) -> Round:
    """How the servers are, before anything is moved."""
    return next(rounds([(node.name, dict(node.connection)) for node in cluster.nodes], 1, 1))


def examine(cluster: Cluster) -> Case:
    """Everything that a diagnosis wants to know: d1's check fails, d2's file was edited and its daemon has failed."""
    ports = {node.name: dict(node.connection).get("ssh_port") for node in cluster.nodes}
    if not VITALS.keys() & set(ports.values()):
        return _examined(cluster)
    ill = ports["d1"] in ILL
    seen = {name: Seen(_state(cluster, name), VITALS[int(port or 0)]) for name, port in ports.items()}
    if ill:
        edited = seen["d2"].state.files["conf"].text.replace("priority 100", "prioritty 99")
        files = {**seen["d2"].state.files, "conf": File("640:root:root", edited)}
        aside = Aside(result="exit-code", journal=JOURNAL)
        seen["d2"] = replace(seen["d2"], state=replace(seen["d2"].state, files=files), aside=aside, clock=-7300.0)
    return case(cluster, seen, {})


def run(cluster: Cluster, fault: str, node: str | None, instance: str | None, tell: drilling.Tell) -> Report:
    """A drill; that of `slow` goes on for as long as the wizard does."""
    if cluster.name != "slow":
        return _drilled(cluster, fault, node, instance, tell)
    began = time.time() - 12
    heard = [began + one / 50 for one in range(600) if not 4 < one / 50 < 4.6]
    for phase, after in (("looking", -2.0), ("watching", 0.0), ("fault", 4.0), ("undone", 9.0)):
        tell({"at": began + after, "phase": phase})
    tell({"at": began + 12, "heard": heard})
    while Path(f"/proc/{os.environ[WIZARD]}").exists():
        time.sleep(0.5)
    raise SystemExit(1)


def _state(cluster: Cluster, name: str) -> HostState:
    files = {
        "conf": File("640:root:root", render.keepalived_conf(cluster, name)),
        "rsyslog": File("644:root:root", render.rsyslog_conf()),
        "check": File("755:root:root", render.check_script()),
    }
    units = dict.fromkeys(("keepalived", "rsyslog"), ("active", "enabled"))
    packages = {"keepalived": "1:2.2.7-1+b2", "rsyslog": "8.2302.0-1", "logrotate": "3.21.0-1"}
    mac = f"02:00:00:00:00:{name[1:]:0>2}"
    links = (Link("eth1", True, frozenset({OWN[name]}), mac),)
    return HostState(0, "debian", "12", True, packages, units, links, False, files)


_asked, _examined, _drilled = rounds_.rounds, looking.examine, drilling.run

if __name__ == "__main__":
    os.environ.setdefault(WIZARD, str(os.getpid()))
    rounds_.rounds, care.look, looking.examine, drilling.run = rounds, look, examine, run  # type: ignore[assignment]
    from floatip import cli  # now: the wizard takes the names as they are
    from wizard import drills

    drills.PROGRAM = [sys.executable, "-m", "tests.browser.planted"]
    cli.main()
