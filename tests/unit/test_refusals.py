"""What is refused, in words and as a code: the lab's stories assert the codes, and this the words."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from floatip.change import differences, plan
from floatip.change.plan import Obstacle, PlanError
from floatip.cli import main
from floatip.hosts import preflight, probe
from floatip.hosts.daemon import DaemonState, Vrrp
from floatip.hosts.host_state import File, HostState, Link
from floatip.hosts.monitor import Snapshot
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.paths import KEEPALIVED_CONF
from floatip.model.problems import Problem
from floatip.operate import handover, reboot, running, status
from floatip.operate.refusals import Code
from floatip.operate.running import Running, Source
from floatip.runs import pyinfra_run
from lab.paths import ROOT
from tests.unit import test_plan

LAB = str(ROOT / "inventories" / "lab.py")
D1 = HostState(
    0, "debian", "12", True, {}, {}, (Link("eth0", True, frozenset()), Link("eth1", True, frozenset())), False, {}
)


def lab(**change: object) -> Cluster:
    """The cluster of inventories/lab.py, with other settings of its instance."""
    (read,) = inventory.read(Path(LAB))
    assert read.cluster
    (instance,) = read.cluster.instances
    return replace(read.cluster, instances=(replace(instance, **change),))  # type: ignore[arg-type]


def first_problem(code: str, found: HostState) -> Problem:
    """What is wrong with d1."""
    return next(problem for problem in preflight.check(lab(), {"d1": found}) if problem.code == code)


def interfaces(*names: str) -> HostState:
    """d1 with its address on the last of these."""
    links = [Link(name, True, frozenset()) for name in names[:-1]]
    return replace(D1, links=(*links, Link(names[-1], True, frozenset({"10.9.1.61/24"}))))


HOSTS = [
    ("no-such-interface", interfaces("lan0", "ens1"), ("d1 has no interface 'eth1'.", "It has 'lan0', 'ens1'.")),
    ("address-not-on-interface", interfaces("eth1"), ("d1 has no address 10.9.1.16/24 on eth1.", "'10.9.1.61/24'")),
    ("not-root", replace(D1, uid=1000), ("d1: the SSH user is not root.", "'_sudo': True")),
    ("no-apt", replace(D1, os="fedora", system="Fedora 43", apt=False), ("d1 runs Fedora 43, which has", "Debian")),
    (
        "untested-system",
        replace(D1, os="ubuntu", system="Ubuntu 24.04.1 LTS"),
        ("d1 runs Ubuntu 24.04.1", "11, 12 and"),
    ),
    ("untested-system", replace(D1, os="raspbian", release="12"), ("d1 runs raspbian 12.", "what the server reports")),
    ("untested-system", replace(D1, release="14"), ("d1 runs Debian 14.", "11, 12 and 13")),
    ("untested-system", replace(D1, release=""), ("d1 runs Debian without a release number.", "11, 12 and 13")),
    ("untested-keepalived", replace(D1, offered="1:2.0.19-2"), ("d1: keepalived 2.0.19 is old.", "2.1.5")),
    (
        "foreign-configuration",
        replace(D1, files={"conf": File("600:root:root", "! mine\n")}),
        (f"d1 already has a {KEEPALIVED_CONF} that floatip did not write.", "floatip deploy FILE --replace"),
    ),
]


@pytest.mark.parametrize(("code", "found", "words"), HOSTS, ids=[f"{row[0]}-{row[2][0]}" for row in HOSTS])
def test_a_host_that_is_not_what_the_inventory_says(code: str, found: HostState, words: tuple[str, str]) -> None:
    problem = first_problem(code, found)
    assert words[0] in problem.message
    assert words[1] in problem.hint


def test_a_slip_is_known_for_what_it_is() -> None:
    cluster = lab()
    (instance,) = cluster.instances
    slipped = replace(instance, members=tuple(replace(member, interface="eht1") for member in instance.members))
    (problem,) = preflight.check(replace(cluster, instances=(slipped,)), {"d1": interfaces("eth0", "eth1")})
    assert "Did you mean 'eth1'?" in problem.hint


def test_a_limit_that_leaves_somebody_out() -> None:
    changed = test_plan.wanted(1, virtual_router_id="102")
    with pytest.raises(PlanError, match=r"--limit leaves out d2\. Run it again without --limit\.") as refused:
        plan.make(test_plan.cluster(), changed, {"d1": test_plan.live("d1", "d1")})
    assert (refused.value.code, refused.value.nodes) == (Obstacle.LEFT_OUT, ("d2",))


def vitals(state: str, *, well: bool = True) -> DaemonState:
    """A server with a health check `web`, whose daemon is in this state."""
    held = frozenset({"10.9.1.6"}) if state == "master" else frozenset[str]()
    seen = {} if state == "stopped" else {"VI_1": Vrrp(state, 100, 60.0, {})}  # type: ignore[arg-type]
    return DaemonState(state != "stopped", 60.0, held, seen, {"web": well})


UNFIT = [
    (vitals("stopped"), Code.NOT_RUNNING, "d2 cannot take over: keepalived is not running."),
    (vitals("fault", well=False), Code.CHECK_FAILS, "d2 cannot take over: its health check web fails."),
    (None, Code.NOT_ASKED, "Could not check d2: no route"),
]


@pytest.mark.parametrize(("found", "code", "reason"), UNFIT, ids=[row[1] for row in UNFIT])
@pytest.mark.parametrize(
    "command", [["move", LAB, "d2"], ["reboot", LAB, "d1"], ["drill", LAB, "--yes"]], ids=lambda words: words[0]
)
def test_nobody_takes_over_who_is_not_well(
    monkeypatch: pytest.MonkeyPatch, found: DaemonState | None, code: Code, reason: str, command: list[str]
) -> None:
    answers = {"d1": vitals("master"), **({"d2": found} if found else {})}
    seen = Snapshot(0.0, answers, {} if found else {"d2": "no route"})
    monkeypatch.setattr(handover, "look", lambda cluster: seen)
    monkeypatch.setattr(running, "of", lambda clusters: [Running(Source.FILE, cluster) for cluster in clusters])
    monkeypatch.setattr("floatip.cli.running.only", lambda file, as_json: lab(track_script=("web",)))
    plain, answer = CliRunner().invoke(main, command), CliRunner().invoke(main, [*command, "--json"])
    assert (plain.exit_code, plain.stdout, plain.stderr.splitlines()[-1]) == (1, "", f"error: {reason}")
    error = {"code": code, "node": "d2", "message": reason}
    assert (answer.exit_code, json.loads(answer.stdout)) == (1, {"ok": False, "error": error})


def test_a_server_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "of", lambda clusters: [Running(Source.FILE, cluster) for cluster in clusters])
    answer = CliRunner().invoke(main, ["move", LAB, "nobody", "--json"])
    assert json.loads(answer.stdout)["error"]["code"] == Code.NO_SUCH_SERVER
    assert (answer.exit_code, answer.stderr) == (2, "error: nobody is not one of the servers.\n")


def test_several_clusters_in_a_file(tmp_path: Path) -> None:
    text = Path(LAB).read_text()
    other = text.partition("\nlab = ")[2].replace("d1", "e1").replace("d2", "e2").replace("101", "102")
    other = other.replace("2216", "2217").replace("2261", "2262")
    (tmp_path / "two.py").write_text(f"{text}\nother = {other.replace('10.9.1.', '10.9.2.')}")
    answer = CliRunner().invoke(main, ["move", str(tmp_path / "two.py"), "d1", "--json"])
    assert json.loads(answer.stdout)["error"]["code"] == "several-clusters"
    assert answer.exit_code == 2


STATUS: list[tuple[tuple[str, ...], dict[str, Any], status.Code, status.Cause | None]] = [
    (("master", "backup"), {}, status.Code.HELD, None),
    (("backup", "master"), {}, status.Code.NOT_PREFERRED, None),
    (("master", "master"), {}, status.Code.TWICE, status.Cause.VRRP_DROPPED),
    (("stopped", "stopped"), {}, status.Code.NOBODY, status.Cause.NONE_RUNS),
    (("backup", "backup"), {}, status.Code.NOBODY, status.Cause.ELECTION),
    (("fault", "fault"), {}, status.Code.NOBODY, status.Cause.NONE_FIT),
    (("fault", "fault"), {"well": False}, status.Code.NOBODY, status.Cause.CHECKS_FAIL),
    (("master",), {}, status.Code.MAYBE_TWICE, None),
    (("backup",), {}, status.Code.MAYBE_NOBODY, None),
]


@pytest.mark.parametrize(("kinds", "more", "code", "cause"), STATUS)
def test_the_status_as_a_code(
    kinds: tuple[str, ...], more: dict[str, Any], code: status.Code, cause: status.Cause | None
) -> None:
    found = {name: vitals(kind, **more) for name, kind in zip(("d1", "d2"), kinds, strict=False)}
    (row,) = status.read(lab(track_script=("web",)), found)
    assert (row.code, row.cause_code) == (code, cause)
    assert bool(row.cause) == bool(cause)


def test_a_status_after_a_move_and_of_refused_adverts() -> None:
    moved = {"d1": vitals("backup"), "d2": replace(vitals("master"), moved="1 VI_1=d2\n")}
    (row,) = status.read(lab(), moved)
    assert (row.code, row.sentence) == (status.Code.MOVED, "d2 holds 10.9.1.6: it was moved there on purpose.")
    deaf = replace(vitals("master"), instances={"VI_1": Vrrp("master", 100, 60.0, {"addr_list_err": 3})})
    (row,) = status.read(lab(), {"d1": deaf, "d2": vitals("master")})
    assert row.cause_code is status.Cause.ADVERTS_REFUSED


def test_what_a_person_reads_when_all_went_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyinfra_run, "run", lambda *words, **more: pyinfra_run.Result(0))
    assert CliRunner().invoke(main, ["remove", LAB, "--yes"]).stdout == "● d1, d2: nothing of floatip is left.\n"
    monkeypatch.setattr(handover, "plan_absence", lambda cluster, node: {"VI_1": "d2"})
    monkeypatch.setattr(handover, "reserved", lambda cluster, what: nullcontext("the run"))
    monkeypatch.setattr(reboot, "reboot", lambda cluster, file, node, lease: None)
    monkeypatch.setattr(reboot, "await_health", lambda cluster, node: None)
    assert CliRunner().invoke(main, ["reboot", LAB, "d1"]).stdout == (
        "● d1 was rebooted, and everything is where it was.\n"
    )


def test_drift_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, HostState | str] = {"d1": D1, "d2": D1}
    monkeypatch.setattr(probe, "states", lambda clusters: found)
    lines = ["--- now", "+++ then", "-    priority 99", "+    priority 100"]
    monkeypatch.setattr(differences, "of", lambda cluster, found: {"d1": [], "d2": lines})
    well, other = (
        "● d1: as the inventory says",
        ["▲ d2: not what the inventory says", *(f"    {line}" for line in lines)],
    )
    answer = CliRunner().invoke(main, ["check", LAB, "--live"])
    assert (answer.exit_code, answer.stdout.splitlines()) == (1, [well, *other])
    found["d2"] = "It is off."
    answer = CliRunner().invoke(main, ["check", LAB, "--live"])
    assert (answer.exit_code, answer.stdout.splitlines()) == (3, [well, "? d2: It is off."])
