"""A save that is killed, at every line of it: the file is the old one or the new one, whole; the next save works."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from floatip import inventory
from floatip.cluster import Cluster
from lab.paths import ROOT
from wizard.drafts import Draft, Drafts
from wizard.files import Inventories

WATCHED = ("/inventory/__init__.py", "/wizard/drafts.py", "/tempfile.py")


def killed_at(number: int, save: Callable[[], object]) -> bool:
    """Save in a child process that gets SIGKILL before its line `number`; whether it came so far."""
    child = os.fork()
    if child == 0:
        left = [number]

        def trace(frame: FrameType, event: str, _: object) -> Any:
            if not frame.f_code.co_filename.endswith(WATCHED):
                return None
            left[0] -= event == "line"
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            save()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def lab() -> Cluster:
    """The article's."""
    (parsed,) = inventory.read(ROOT / "inventories" / "lab.py")
    assert parsed.cluster
    return parsed.cluster


@pytest.mark.parametrize("before", ["nothing", "an older one"])
def test_an_inventory(tmp_path: Path, before: str) -> None:
    old, new = lab(), replace(lab(), log_file=False)
    texts = {inventory.dumps(old) if before != "nothing" else None, inventory.dumps(new)}
    target, seen, number = tmp_path / "lab.py", set(), 0
    while True:
        target.unlink(missing_ok=True)
        if before != "nothing":
            inventory.save(old, tmp_path)
        number += 1
        if not killed_at(number, lambda: inventory.save(new, tmp_path)):
            break
        found = target.read_text() if target.exists() else None
        assert found in texts, number
        assert Inventories(tmp_path).names() == ([] if found is None else ["lab"])
        seen.add(found)
    assert number > 20
    assert seen == texts, "it was killed only before, or only after the one moment that counts"
    assert target.read_text() == inventory.dumps(new)


def test_a_draft(tmp_path: Path) -> None:
    drafts, number, seen = Drafts(tmp_path), 0, set()
    key = drafts.new(name="old", data={"n": 0}).key
    while True:
        drafts.save(Draft(key, "old", data={"n": number}), drafts.get(key).version)
        version, number = drafts.get(key).version, number + 1
        if not killed_at(number, partial(drafts.save, Draft(key, "new" * 5000), version)):
            break
        (found,) = drafts.all()
        assert (found.name, found.version) in (("old", version), ("new" * 5000, version + 1)), number
        seen.add(found.name[:3])
    assert number > 20
    assert seen == {"old", "new"}
    assert drafts.get(key).name == "new" * 5000
