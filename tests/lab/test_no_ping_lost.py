"""A client that asks a hundred times a second notices no change of the configuration.

Where the address changes hands on the way, one ping each time may be lost; where it stays, none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from lab.shell import Completed
from tests.lab.changes import CONF, INVENTORY, Journals, inventory, settled, unnoticed
from tests.lab.conftest import Labs, Runs, start

SECOND = "10.9.1.7"


@pytest.fixture(scope="module")
def running(labs: Labs) -> Iterator[Place]:
    """One lab for all stories of this module."""
    yield labs.up(state=State.DEPLOYED)
    labs.down()


@pytest.fixture
def pyinfra() -> Runs:
    """`pyinfra ARGS…`, without an answer to its questions."""

    def run(*args: str | Path, check: bool = True, timeout: float = 180) -> Completed:
        return start("pyinfra", *args, check=check, timeout=timeout)

    return run


@pytest.fixture
def pair(running: Place, deploy: Runs) -> Place:
    """The pair as inventories/lab.py has it, at rest; most of the time it is already."""
    deploy(INVENTORY)
    settled(running)
    return running


def test_a_second_run_changes_nothing_and_nobody_notices(pair: Place, deploy: Runs) -> None:
    journals = Journals(pair)
    with unnoticed(pair):
        answer = deploy("--json", INVENTORY)
    report = json.loads(answer.stdout)
    assert all(not one["success"] and not one["error"] for one in report["results"]["operations"])
    assert "Nothing will be changed" in answer.stderr
    assert {name: journals.lines(name) for name in ("d1", "d2")} == {"d1": [], "d2": []}
    assert pair.holders(FLOATING) == ["d1"]


CHANGES: list[tuple[str, Mapping[str, Any], str]] = [
    ("another-address", {"instance": {"virtual_ipaddress": [f"{FLOATING}/24", f"{SECOND}/24"]}}, "reload"),
    ("slower-adverts", {"instance": {"advert_int": 2}}, "reload"),
    ("another-vrid", {"instance": {"virtual_router_id": 102}}, "identity"),
    ("unicast", {"instance": {"unicast": True}}, "identity"),
    ("version-3", {"instance": {"version": 3}}, "identity"),
    ("sub-second-adverts", {"instance": {"advert_int": 0.1}}, "identity"),
    ("virtual-mac", {"instance": {"use_vmac": True}}, "start over"),
]


@pytest.mark.parametrize(("change", "kind"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_change_and_its_way_back_cost_no_answer(
    pair: Place, deploy: Runs, tmp_path: Path, change: Mapping[str, Any], kind: str
) -> None:
    before = confs(pair)
    changed = inventory(tmp_path, **change)
    journals = Journals(pair)
    for goal in (changed, INVENTORY):
        with unnoticed(pair, hands=0 if kind == "reload" else 2):
            answer = deploy(goal)
            settled(pair)
        assert f"VI_1: {kind}" in answer.stderr
        assert (confs(pair) == before) == (goal == INVENTORY)
    assert journals.starts() == {"d1": 0, "d2": 0}
    if kind == "reload":
        assert journals.reloads() == {"d1": 2, "d2": 2}
        assert journals.transitions() == {"d1": 0, "d2": 0}


def test_a_change_on_one_node_reloads_only_that_node(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    journals = Journals(pair)
    with unnoticed(pair):
        deploy(inventory(tmp_path, member={"d2": {"priority": 120}}))
    assert "    priority 120\n" in pair.host("d2").read(CONF)
    assert journals.reloads() == {"d1": 0, "d2": 1}
    assert journals.lines("d1") == []
    assert journals.transitions() == {"d1": 0, "d2": 0}


def test_another_preferred_node_takes_the_address_without_a_gap(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    with unnoticed(pair, hands=2):
        deploy(inventory(tmp_path, member={"d2": {"priority": 200}}))
        settled(pair, "d2")
        deploy(INVENTORY)
        settled(pair, "d1")


def test_a_dry_run_says_what_a_client_will_notice_and_touches_nothing(
    pair: Place, pyinfra: Runs, tmp_path: Path
) -> None:
    before, journals = confs(pair), Journals(pair)
    notices = {
        "unchanged": (INVENTORY, "Nothing will be changed; a client notices nothing."),
        "reload": (inventory(tmp_path / "a.py", instance={"advert_int": 2}), "The daemons reload, one node at a time"),
        "identity": (inventory(tmp_path / "b.py", instance={"virtual_router_id": 9}), "change their VRRP identity"),
        "over": (inventory(tmp_path / "c.py", instance={"use_vmac": True}), "handed to another node while its holder"),
    }
    for path, notice in notices.values():
        assert notice in pyinfra("--dry", path, "deploy.py").stderr
    assert confs(pair) == before
    assert (journals.lines("d1"), journals.lines("d2")) == ([], [])


def test_a_diff_shows_the_changed_line(pair: Place, pyinfra: Runs, tmp_path: Path) -> None:
    before = confs(pair)
    changed = inventory(tmp_path, member={"d1": {"priority": 160}})
    said = plain(pyinfra("--dry", "--diff", changed, "deploy.py").stderr)
    assert [line.strip() for line in said if "priority" in line] == ["-     priority 150", "+     priority 160"]
    assert confs(pair) == before


def test_a_limit_leaves_the_others_alone(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    d1 = pair.host("d1").read(CONF)
    journals = Journals(pair)
    with unnoticed(pair):
        deploy("--limit", "d2", inventory(tmp_path, member={"d1": {"priority": 160}, "d2": {"priority": 90}}))
    assert "    priority 90\n" in pair.host("d2").read(CONF)
    assert (pair.host("d1").read(CONF), journals.lines("d1")) == (d1, [])


def test_a_limit_refuses_what_all_must_do_together(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    before, journals = confs(pair), Journals(pair)
    answer = deploy("--limit", "d2", inventory(tmp_path, instance={"virtual_router_id": 102}), check=False)
    assert answer.returncode != 0
    assert "VI_1 changes in a way that all its nodes must make together, and d1 is left out." in answer.stderr
    assert "without --limit" in answer.stderr
    assert confs(pair) == before
    assert (journals.lines("d1"), journals.lines("d2")) == ([], [])


def test_with_json_there_is_one_document_and_the_log_goes_elsewhere(pair: Place, deploy: Runs, tmp_path: Path) -> None:
    answer = deploy("--json", inventory(tmp_path, member={"d2": {"priority": 110}}))
    report = json.loads(answer.stdout)
    changed = {one["name"]: one["success"] for one in report["results"]["operations"] if one["success"]}
    assert changed["Activate the configuration: bring the new file to a backup"] == ["d2"]
    assert report["results"]["failed_hosts"] == []
    assert "Starting operation" in answer.stderr


def confs(place: Place) -> dict[str, str]:
    """Server -> its keepalived.conf."""
    return {host.name: host.read(CONF) for host in place.servers}


def plain(text: str) -> list[str]:
    """Lines without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
