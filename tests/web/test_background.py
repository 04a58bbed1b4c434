"""Work in the background: whoever wants the same joins it, what is old is done anew, and what fails is raised."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from floatip.hosts import workers
from wizard.hosts import background
from wizard.hosts.background import Background, Task

LONG = 20.0  # seconds; nothing here takes them


def test_whoever_wants_the_same_joins_it() -> None:
    tasks, opened, begun = Background(), threading.Event(), list[int]()

    def work() -> int:
        begun.append(len(begun))
        assert opened.wait(LONG)
        return len(begun)

    first = tasks.task("key", work, 0.0, 0.0)
    assert not first.done and first.get() is None
    with ThreadPoolExecutor(8) as pool:
        others = [pool.submit(tasks.task, "key", work, time.time() + LONG, 0.0) for _ in range(8)]
        assert {id(other.result()) for other in others} == {id(first)}
    opened.set()
    assert tasks.task("key", work, 0.0, LONG) is first
    assert (first.get(), begun) == (1, [0])


def test_what_is_old_or_used_up_is_done_anew() -> None:
    tasks, count = Background(), iter(range(9))

    def wanted(since: float) -> Task[int]:
        return tasks.task("key", lambda: next(count), since, LONG)

    assert [wanted(since).get() for since in (0.0, 0.0, time.time() + 1, 0.0)] == [0, 0, 1, 1]
    tasks.forget("key")
    tasks.forget("nothing")
    assert wanted(0.0).get() == 2


def test_what_fails_is_raised_and_tried_again() -> None:
    tasks, answers = Background(), iter([ValueError("broken"), 7])

    def work() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)  # type: ignore[call-overload, no-any-return]

    failed = tasks.task("key", work, 0.0, LONG)
    assert failed.done and failed.at
    with pytest.raises(ValueError, match="broken"):
        failed.get()
    assert tasks.task("key", work, time.time() + 1, LONG).get() == 7


def test_who_has_answered_is_each_task_s_own() -> None:
    tasks = Background()

    def work(name: str) -> str:
        for tell in workers._heard.get():
            tell(name)
        return name

    found = [tasks.task(name, lambda name=name: work(name), 0.0, LONG) for name in ("d1", "d2")]  # type: ignore[misc]
    assert [task.answered for task in found] == [["d1"], ["d2"]]


@pytest.mark.parametrize("count", [60, 140])
def test_few_results_are_kept_and_none_of_the_last(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    tasks = Background()
    for number in range(count):
        tasks.task(number, lambda: None, 0.0, LONG)
    kept = [number for number in range(count) if tasks.known(number)]
    assert kept == [*range(count)][-background.MOST :]
