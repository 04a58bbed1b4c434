"""Inventories are read by several threads of the wizard at once."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from floatip.model.inventory import reading
from lab.paths import ROOT


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Threads that change places while Python builds a tree: something runs whenever it collects garbage."""
    before, every = gc.get_threshold(), sys.getswitchinterval()

    def yields(*_: object) -> None:
        time.sleep(0)

    gc.callbacks.append(yields)
    gc.set_threshold(50)
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(every)
    gc.set_threshold(*before)
    gc.callbacks.remove(yields)


@pytest.mark.usefixtures("interrupted")
def test_threads_read_inventories_at_the_same_time() -> None:
    """Python 3.11 gives a SystemError otherwise: fifty of ten thousand times, measured."""
    text = (ROOT / "inventories" / "lab.py").read_text()
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: len(reading.statements(text, "lab.py")), range(1500)))
    assert set(read) == {len(reading.statements(text, "lab.py"))}
