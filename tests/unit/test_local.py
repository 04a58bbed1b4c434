"""One run at a time for the same servers, whoever started it and however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from floatip import inventory, local
from lab.paths import ROOT

HOLD = """
import sys
from floatip import inventory, local
(read,) = inventory.read(sys.argv[1])
local.hold(read.cluster)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_run_is_told_who_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = ROOT / "inventories" / "lab.py"
    (read,) = inventory.read(file)
    assert read.cluster
    argv = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(local.Busy, match=f"at work on lab .process {other.pid}."):
            local.hold(read.cluster)
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    local.hold(read.cluster)
    local.hold(read.cluster)  # this process has it already
