"""Servers that are followed by one child process, each at its own pace; who is wanted, by the pages that are open."""

from __future__ import annotations

import queue
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from floatip.hosts import workers
from floatip.hosts.following import Following, Wanted
from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster, Node
from lab import wait_until
from tests.unit.samples import parsed
from wizard.hosts import monitors
from wizard.hosts.monitors import Watchers


def way(port: int) -> dict[str, Any]:
    """To a server that does not answer."""
    return {"ssh_hostname": "127.0.0.1", "ssh_port": port}


@pytest.mark.programs
def test_one_child_follows_whoever_is_wanted() -> None:
    following = Following()
    looks = following.looks()
    try:
        wanted = time.time()
        following.want({"one": (way(1), 0.4)})
        times = [next(looks).at for _ in range(4)]
        assert times[-1] - wanted >= 3 * 0.4  # however late the first answer has come
        following.want({"two": (way(2), 0.2)})
        found: list[str] = []
        while len(found) < 20 and found[-3:] != ["two"] * 3:
            found += next(looks).failures
        assert found[-3:] == ["two"] * 3
    finally:
        looks.close()  # type: ignore[attr-defined]
        following.end()


@pytest.mark.programs
def test_it_ends_with_whoever_has_started_it() -> None:
    talk = workers.Talk([workers.FOLLOW])
    process = talk._child.process
    assert process.stdin
    process.stdin.close()
    assert process.wait(30) == 0
    talk.end()


def test_whoever_says_nonsense_has_failed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "a_child_of_ours.py").write_text("import os\nprint(os.getpid())\nprint('Hello')\ninput()")
    talk = workers.Talk(["a_child_of_ours"])
    answers = talk.answers()
    process = next(answers)
    with pytest.raises(workers.Failed):
        next(answers)
    talk.end()
    assert subprocess.run(["ps", "-p", str(process)], capture_output=True, check=False).returncode == 1


class Fake:
    """Servers that answer when they are told to. `wanted`: every wish; `made`: how many were started."""

    made: list[Fake]

    def __init__(self) -> None:
        self.made.append(self)
        self.wanted: list[Wanted] = []
        self.told: queue.Queue[Snapshot | None] = queue.Queue()
        self.ended = False

    def want(self, wanted: Wanted) -> None:
        """Remember it."""
        self.wanted.append(wanted)

    def looks(self) -> Iterator[Snapshot]:
        """What it was told to say, until it is ended."""
        while not self.ended and (look := self.told.get()):
            yield look

    def stop(self) -> None:
        """No more answers come."""
        self.told.put(None)

    def end(self) -> None:
        """Remember it."""
        self.ended = True


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Fake]]:
    """Those that were started. No thread outlives its test: it would read inventories beside whatever runs then."""
    made: list[Fake] = []
    monkeypatch.setattr(Fake, "made", made, raising=False)
    monkeypatch.setattr(monitors, "Following", Fake)
    yield made
    for child in made:
        child.told.put(None)


def cluster(number: int) -> Cluster:
    """One of many, whose servers have the names of all others."""
    made = parsed().cluster
    assert made
    nodes = tuple(Node(name, tuple(way(10 * number + at).items())) for at, name in enumerate(("d1", "d2")))
    return replace(made, name=f"c{number}", nodes=nodes)


def paces(wanted: Wanted) -> dict[int, float]:
    """Port → seconds between two looks."""
    return {int(data["ssh_port"]): every for data, every in wanted.values()}


def answer(child: Fake, at: float) -> None:
    """Of all that are wanted; nobody answers."""
    child.told.put(Snapshot(at, {}, dict.fromkeys(child.wanted[-1], "No answer.")))


def test_one_child_for_all_and_no_server_more_often_than_every_two_seconds(children: list[Fake]) -> None:
    watchers, ten = Watchers(), [cluster(number) for number in range(10)]
    assert watchers.glances(ten) == [None] * 10
    assert watchers.newest(ten[3], 0) is None
    (child,) = children
    assert set(paces(child.wanted[-1]).values()) == {monitors.EVERY} and len(child.wanted[-1]) == 20
    answer(child, time.time())
    wait_until("all are known", lambda: None not in watchers.glances(ten))
    assert all(seen and set(seen.failures) == {"d1", "d2"} for seen in watchers.glances(ten))
    assert len(child.wanted) == 1  # the same wish is not said again
    fifty = [cluster(number) for number in range(50)]
    watchers.glances(fifty)
    assert set(paces(child.wanted[-1]).values()) == {10.0} and len(child.wanted[-1]) == 100
    assert len(children) == 1


def test_what_no_page_shows_is_asked_less_often_and_then_nobody(
    children: list[Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    watchers, first, second = Watchers(), cluster(1), cluster(2)
    watchers.glances([first, second])
    (child,) = children
    now[0] += monitors.SHOWN + 1
    watchers.glances([first])
    assert paces(child.wanted[-1]) == {10: 2.0, 11: 2.0, 20: monitors.SLOW, 21: monitors.SLOW}
    now[0] += monitors.FORGOTTEN + 1
    answer(child, time.time())
    wait_until("nobody is wanted", lambda: child.ended)
    assert child.wanted[-1] == {}
    watchers.glances([second])
    assert len(children) == 2 and set(paces(children[-1].wanted[-1])) == {20, 21}


def test_nobody_is_asked_once_more_for_a_page_that_was_closed(
    children: list[Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child ends when it is time, and not with its next look, which may be long in coming."""
    monkeypatch.setattr(monitors, "FORGOTTEN", 0.3)
    watchers, first = Watchers(), cluster(1)
    watchers.glances([first])
    (child,) = children
    wait_until("it has ended without a look", lambda: child.ended)
    assert child.wanted[-1] == {}
    watchers.glances([first])
    assert len(children) == 2 and set(paces(children[-1].wanted[0])) == {10, 11}


def test_an_old_look_says_nothing_about_now(children: list[Fake]) -> None:
    watchers, first = Watchers(), cluster(1)
    watchers.glances([first])
    answer(children[0], time.time() - monitors.EVERY - monitors.STALE - 1)
    assert watchers.newest(first, 0.2) is None
    answer(children[0], time.time())
    assert watchers.newest(first, 30)


def test_a_child_that_has_died_is_followed_by_another(children: list[Fake]) -> None:
    watchers, first = Watchers(), cluster(1)
    watchers.glances([first])
    children[0].told.put(None)
    wait_until("it has ended", lambda: children[0].ended)
    wait_until("there is another one", lambda: len(watchers.glances([first])) == len(children) - 1)
