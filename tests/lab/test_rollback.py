"""What cannot work does not happen: a bad file goes live nowhere, and a change that fails is taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from floatip.change.plan import Kind
from floatip.model import paths
from floatip.runs.events import Cause, Failed, Failure, Restored
from lab import Lab, Probe, wait_until
from lab.layers import State
from lab.names import FLOATING
from lab.paths import LAB, ROOT
from lab.place import Place
from tests import releases
from tests.lab.changes import CONF, FAST, INVENTORY, Journals, confs, inventory, ours, settled, unnoticed
from tests.lab.conftest import Runs, start
from tests.lab.measuring import answered_within
from tests.lab.ran import Ran

nspawn_only = pytest.mark.skipif("config.getoption('--lab') != 'nspawn'", reason="needs the lab's own switch")


@nspawn_only
def test_a_change_that_does_not_settle_is_taken_back(place: Place, deploy: Runs, tmp_path: Path) -> None:
    assert isinstance(place, Lab)
    before = confs(place)
    with Probe(place.client, FLOATING) as probe, nobody_hears(place, 102):
        failed = deploy(inventory(tmp_path, instance={"virtual_router_id": 102}), check=False)
        assert failed.returncode != 0
        held_by_both(failed)
        assert confs(place) == before
        settled(place)
    # Two masters, and one of them lets go: until the other's next gratuitous ARP, a second apart.
    answered_within(probe.pings, 1.5)
    assert deploy(INVENTORY).planned.kind is Kind.NOTHING


@nspawn_only
def test_a_change_while_nobody_hears_anybody_is_taken_back(place: Place, deploy: Runs, tmp_path: Path) -> None:
    before = confs(place)
    with place.partition():
        wait_until("both have the address", lambda: place.holders(FLOATING) == ["d1", "d2"])
        with unnoticed(place):
            failed = deploy(inventory(tmp_path, member={"d2": {"priority": 90}}), check=False)
        assert failed.returncode != 0
        assert failed.failed.code is Failure.NOT_SETTLED
        assert failed.all(Restored) == [Restored("d2", True)]
        assert confs(place) == before
    settled(place)


@nspawn_only
def test_a_disk_that_is_full_before_a_change(place: Place, deploy: Runs, tmp_path: Path) -> None:
    """d2 has room enough to test the new configuration, but not to keep the old one beside it: nothing is changed."""
    deploy(inventory(tmp_path, instance=FAST))
    settled(place)
    d2, before, journals = place.host("d2"), confs(place), Journals(place)
    d2.run(SMALL)
    changed = inventory(tmp_path, instance={**FAST, "virtual_router_id": 102})
    with unnoticed(place):
        failed = deploy(changed, check=False)
    assert failed.returncode != 0
    assert (failed.failed.code, failed.failed.node) == (Failure.NOT_KEPT, "d2")
    assert failed.all(Restored) == []
    assert confs(place) == before
    assert journals.reloads() == journals.transitions() == {"d1": 0, "d2": 0}
    assert all(host.run("ls -A /etc/keepalived | grep '~$'", check=False).stdout == "" for host in place.servers)
    assert all(not host.exists(paths.CHANGE_DIRECTORY) for host in place.servers)
    d2.run("umount /etc/keepalived")
    deploy(changed)
    settled(place)


@pytest.mark.hosts(State.READY)
@nspawn_only
def test_a_first_run_that_cannot_work_leaves_nothing_running(lab: Place, deploy: Runs, tmp_path: Path) -> None:
    """A wrong line of the operator's own; then a pair that cannot hear each other, which would have two holders."""
    wrong = inventory(tmp_path / "wrong.py", instance={"extra_lines": ["garp_master_dealy 2"]})
    refused = deploy(wrong, check=False)
    assert refused.returncode != 0
    assert refusals(refused) == {"d1", "d2"}
    assert all("garp_master_dealy" in failure.said for failure in refused.all(Failed))
    assert "garp_master_dealy" in refused.stderr
    nothing_runs(lab)
    with lab.partition():
        failed = deploy(inventory(tmp_path / "right.py", instance=FAST), check=False)
        assert failed.returncode != 0
        held_by_both(failed)
        assert set(failed.all(Restored)) == {Restored("d1", True), Restored("d2", True)}
        assert lab.holders(FLOATING) == []
        nothing_runs(lab)
    deploy(INVENTORY)
    settled(lab)


@pytest.mark.hosts(State.DEPLOYED)
@pytest.mark.parametrize("suite", ["bullseye", *releases.USUAL[1:]])  # where `keepalived -t` ends well all the same
def test_a_broken_template_goes_live_nowhere(lab: Place, tmp_path: Path) -> None:
    before, journals = {host.name: ours(host) for host in lab.servers}, Journals(lab)
    with unnoticed(lab):
        answer = broken(tmp_path, "virtual_router_id", "virtual_rooter_id")
        without_a_brace = broken(tmp_path, "virtual_ipaddress {", "virtual_ipaddress")
    for failed in (answer, without_a_brace):
        assert refusals(failed) == {"d1", "d2"}
    assert all("virtual_rooter_id" in failure.said for failure in answer.all(Failed))
    assert "virtual_rooter_id" in answer.stderr
    for host in lab.servers:
        assert sorted(before[host.name].items() ^ ours(host).items()) == []
    assert journals.reloads() == journals.transitions() == {"d1": 0, "d2": 0}
    assert lab.holders(FLOATING) == ["d1"]


# Room for two more files, of one page each.
SMALL = """
set -e; cd /etc; cp -a keepalived /run/small
pages=$(find /run/small -type f | wc -l)
mount -t tmpfs -o mode=755,size=$(((pages + 2) * 4096)) tmpfs /etc/keepalived
cp -a /run/small/. /etc/keepalived/
"""


def refusals(ran: Ran) -> set[str]:
    """The servers whose keepalived does not take the configuration; nothing else went wrong."""
    failed = ran.all(Failed)
    assert {failure.code for failure in failed} == {Failure.REFUSED_BY_DAEMON}
    return {failure.node for failure in failed}


def held_by_both(ran: Ran) -> None:
    """The proof saw two holders, and knows why."""
    failed = ran.failed
    assert (failed.code, failed.cause) == (Failure.NOT_SETTLED, Cause.VRRP_DROPPED)
    assert failed.holders == {FLOATING: ("d1", "d2")}


def nothing_runs(place: Place) -> None:
    """No server has a configuration or a daemon."""
    for host in place.servers:
        assert not host.exists(CONF)
        assert host.run("systemctl is-active keepalived", check=False).stdout.strip() == "inactive"


def broken(directory: Path, right: str, wrong: str) -> Ran:
    """Deploy from a copy of the repository whose template writes one thing for another."""
    copy = directory / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    for name in ("floatip", "templates", "inventories"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "deploy.py", copy)
    (copy / ".lab").symlink_to(LAB)
    template = copy / "templates" / "keepalived.conf.j2"
    text, line = template.read_text(), "{{ line }}"
    assert line in text
    template.write_text(text.replace(line, f"{{{{ line | replace('{right}', '{wrong}') }}}}"))
    answer = start("pyinfra", "-y", "inventories/lab.py", "deploy.py", check=False, timeout=180, cwd=copy)
    assert answer.returncode != 0
    return answer


@contextmanager
def nobody_hears(lab: Lab, virtual_router_id: int) -> Iterator[None]:
    """The switch drops the adverts of one VRID: the second byte after an IP header of twenty."""
    rule = f"add rule bridge lab forward ip protocol 112 @nh,168,8 {virtual_router_id} drop"
    table = ["add table bridge lab", "add chain bridge lab forward { type filter hook forward priority 0; }", rule]
    lab.network.enter(["nft", "-f", "-"], stdin="\n".join(table) + "\n")
    try:
        yield
    finally:
        lab.unblock()
