"""One run at a time on the same servers, wherever it is started: the others are told who is there, and what was proven
is true."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from floatip.change.plan import Kind
from floatip.model import paths
from floatip.runs.events import Failed, Failure, Refusal
from floatip.server_side.lease import scripts
from floatip.server_side.lease.model import What
from lab import wait_until
from lab.names import FLOATING
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import INVENTORY, Journals, confs, settled, wanted
from tests.lab.controllers import Controller, Elsewhere, Running

SHORT = (0.0, 0.4, 1.5)
SERIES = tuple(1.5 * number / 19 for number in range(20))
VRIDS = count(120)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    """And another."""
    with Elsewhere(tmp_path / "elsewhere") as other:
        yield other


def wish(path: Path, **connection: object) -> Path:
    """An inventory with a VRID that nobody has used yet: an adverts' interval of a second makes that a change of some
    seconds. `connection`: what else its author says of how the servers are reached."""
    return changes.inventory(
        path, instance={"virtual_router_id": next(VRIDS)}, host={"d1": connection, "d2": connection}
    )


def deploy(on: Controller, file: Path, *options: str) -> Running:
    """Begin a deploy."""
    return on.start("pyinfra", "-y", *options, file, "deploy.py")


def is_live(place: Place, file: Path) -> bool:
    """Whether both servers have what this inventory says."""
    return confs(place) == wanted(file)


def unlocked(place: Place) -> bool:
    """Whether no server has a lease."""
    return all(host.run(f"test ! -e {paths.LEASE}", check=False).returncode == 0 for host in place.servers)


def paused_half_way(place: Place, on: Controller, file: Path) -> Running:
    """A deploy that has changed d2 and not yet d1, and is stopped there."""
    before = place.host("d2").read(changes.CONF)
    run = deploy(on, file)
    wait_until("d2 is changed", lambda: place.host("d2").read(changes.CONF) != before, timeout=60)
    run.pause()
    return run


@pytest.mark.parametrize("delays", [SHORT, pytest.param(SERIES, marks=pytest.mark.soak)], ids=["some", "twenty"])
def test_of_two_at_once_one_wins(
    place: Place, here: Controller, elsewhere: Elsewhere, tmp_path: Path, delays: tuple[float, ...]
) -> None:
    for number, delay in enumerate(delays):
        mine = wish(tmp_path / "mine.py")
        theirs = wish(tmp_path / "theirs.py", ssh_config_file="/dev/null")
        first, second = (here, elsewhere) if number % 2 else (elsewhere, here)
        runs = {mine: deploy(first, mine)}
        until = time.monotonic() + delay
        wait_until("the other one begins", lambda until=until: time.monotonic() >= until, every=0.01)  # type: ignore[misc]
        runs[theirs] = deploy(second, theirs)
        ended = {file: run.end() for file, run in runs.items()}
        won = [file for file, run in ended.items() if run.returncode == 0]
        shown = {file.name: (run.returncode, run.stderr[-3000:]) for file, run in ended.items()}
        assert len(won) == 1, (delay, shown)
        (lost,) = ended.keys() - set(won)
        assert (ended[lost].returncode, ended[lost].refused.code) == (1, Refusal.BUSY), (delay, shown)
        assert is_live(place, won[0]), (delay, shown)
        settled(place)
        assert unlocked(place)
        print(f"{delay:.2f} s apart: {won[0].stem} won")


def test_whoever_is_paused_too_long_has_lost(
    place: Place, here: Controller, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    mine, theirs = wish(tmp_path / "mine.py"), wish(tmp_path / "theirs.py", ssh_config_file="/dev/null")
    run = paused_half_way(place, here, mine)
    refused = deploy(elsewhere, theirs).end()
    assert (refused.returncode, refused.refused.code) == (1, Refusal.BUSY)
    assert f"{getpass.getuser()}@" in refused.refused.message
    assert deploy(elsewhere, theirs, "--dry").end().returncode == 0, "who only looks is not in the way"
    held = elsewhere.run("floatip", "unlock", theirs, "--json")
    assert held.returncode == 1
    assert {(lease["what"], lease["ended"]) for lease in held.document["leases"].values()} == {("deploy", False)}

    def expired() -> bool:
        return elsewhere.run("floatip", "unlock", theirs, "--json").returncode == 0

    wait_until("the leases have expired", expired, timeout=60, every=4)
    taken = deploy(elsewhere, theirs).end()
    assert taken.returncode == 0, taken.stderr
    settled(place)
    journals = Journals(place)
    run.go_on()
    late = run.end()
    assert late.returncode == 1
    assert Failure.LEASE_LOST in [event.code for event in late.all(Failed)], late.stderr
    assert is_live(place, theirs)
    assert place.holders(FLOATING) == ["d1"]
    assert set(journals.transitions().values()) == set(journals.reloads().values()) == {0}


def test_a_lease_is_ended_on_purpose(place: Place, here: Controller, elsewhere: Elsewhere, tmp_path: Path) -> None:
    mine, theirs = wish(tmp_path / "mine.py", ssh_user="admin", _sudo=True), wish(tmp_path / "theirs.py")
    run = paused_half_way(place, here, mine)
    ended = elsewhere.run("floatip", "unlock", theirs, "--yes", "--json")
    assert ended.returncode == 0
    assert [(lease["ended"], bool(lease["from"])) for lease in ended.document["leases"].values()] == [(True, True)] * 2
    assert deploy(elsewhere, theirs).end().returncode == 0
    run.go_on()
    assert run.end().returncode == 1
    assert is_live(place, theirs)
    settled(place)


def test_all_servers_or_none(place: Place, here: Controller, tmp_path: Path) -> None:
    file = wish(tmp_path / "mine.py")
    before = confs(place)
    for held in place.servers:  # the first and the second that the run asks, whichever that is
        held.run(scripts.take("f" * 32, What.DRILL, "-", "ann@desk"))
        refused = deploy(here, file).end()
        assert (refused.returncode, refused.refused.code, refused.refused.nodes) == (1, Refusal.BUSY, (held.name,))
        leases = here.run("floatip", "unlock", file, "--yes", "--json").document["leases"]
        assert {name: lease["who"] for name, lease in leases.items()} == {held.name: "ann@desk"}
        assert unlocked(place)
    assert confs(place) == before


def test_a_killed_run_is_run_again_at_once_where_it_was_started(
    place: Place, here: Controller, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    file = wish(tmp_path / "mine.py")
    run = paused_half_way(place, elsewhere, file)
    run.kill()
    assert not unlocked(place)
    assert deploy(here, file).end().returncode == 0, "the same computer knows that it is dead"
    assert is_live(place, file)
    settled(place)
    assert unlocked(place)


def test_who_looks_or_changes_nothing_takes_none(place: Place, here: Controller, tmp_path: Path) -> None:
    deploy(here, INVENTORY).end()
    settled(place)
    place.host("d1").run("rm -rf /run/floatip; mkdir -m 0700 /run/floatip; touch -d @0 /run/floatip")
    file = wish(tmp_path / "mine.py")
    again = deploy(here, INVENTORY, "--debug").end()
    assert (again.returncode, again.planned.kind) == (0, Kind.NOTHING)
    assert [again.stderr.count(f"Running command on {name}: ") for name in ("d1", "d2")] == [1, 1]
    assert deploy(here, file, "--dry").end().planned.kind is Kind.IDENTITY
    for command in (["status"], ["doctor"], ["check"], ["check", "--live"], ["unlock"]):
        here.run("floatip", *command, file)
    assert place.host("d1").run("stat -c %Y /run/floatip; ls -A /run/floatip").stdout.split() == ["0"]


WAITS = "/etc/systemd/system/keepalived.service.d"
UNTIL_TOLD = """\
[Service]
ExecStartPre=/bin/sh -c 'until [ -e /run/told ]; do sleep 0.1; done'
"""
"""A daemon that begins when the story wants it to: until then the reboot goes on, and waits for it."""


def test_a_reboot_holds_them_all_the_time(place: Place, here: Controller, elsewhere: Elsewhere, tmp_path: Path) -> None:
    deploy(here, INVENTORY).end()
    settled(place)
    d2 = place.host("d2")
    before, file = d2.boot_id(), wish(tmp_path / "theirs.py")
    d2.write(f"{WAITS}/keepalived.conf", UNTIL_TOLD)
    run = here.start("floatip", "reboot", INVENTORY, "d2", "--json")
    wait_until("d2 has rebooted", lambda: d2.boot_id() not in ("", before), timeout=60)
    wait_until("d2 has its lease again", lambda: d2.exists(paths.LEASE), timeout=60)
    refused = deploy(elsewhere, file).end()
    assert (refused.returncode, refused.refused.code) == (1, Refusal.BUSY)
    d2.run(f"rm -r {WAITS}; touch /run/told; systemctl daemon-reload")
    assert run.end().returncode == 0
    settled(place)
    assert unlocked(place)
