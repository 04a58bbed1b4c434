"""A file with a number moves the address, by its weight; keepalived creates it where it is asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.change.plan import Kind
from floatip.keepalived.forecast import Happens
from lab import wait_until
from lab.layers import State
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import FAST, inventory
from tests.lab.conftest import Runs

LOAD = "/run/load"


@pytest.mark.hosts(State.READY)
def test_a_number_in_a_file_moves_the_address(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    d1, d2 = lab.servers
    file = {"file": LOAD, "weight": -2, "init_file": 0}
    tracking = {**FAST, "track_file": ["load"]}
    made = inventory(tmp_path, instance=tracking, group={"track_files": {"load": file}})
    deploy(made)
    stories.settles(lab, "d1")
    for host in lab.servers:
        wait_until("the file is made", lambda host=host: host.exists(LOAD) and host.read(LOAD).strip() == "0")  # type: ignore[misc]
    assert deploy(made).changes == []
    document = floatip("check", made, "--explain", "--json").document["events"]
    (number,) = (event["what"].split(" ")[-1].rstrip(".") for event in document if event["code"] == Happens.NUMBER)
    d1.write(LOAD, f"{int(number) - 1}\n")
    stories.stays(lab, "d1", seconds=1)
    d1.write(LOAD, f"{number}\n")
    stories.settles(lab, "d2")
    d2.write(LOAD, "127\n")  # -254: out
    stories.settles(lab, "d1")
    d2.write(LOAD, "0\n")
    stories.settles(lab, "d2")
    d1.run(f"rm {LOAD}")
    stories.settles(lab, "d1")

    whole = inventory(tmp_path, instance=tracking, group={"track_files": {"load": {"file": LOAD, "weight": 0}}})
    run = deploy(whole)
    assert run.planned.kind == Kind.RELOAD
    stories.settles(lab, "d1")
    d1.write(LOAD, "1\n")
    stories.settles(lab, "d2")
    d1.write(LOAD, "0\n")
    stories.settles(lab, "d1")
    floatip("remove", whole, "--yes")
    assert d1.read(LOAD).strip() == "0", "it is not floatip's"
    for host in lab.servers:
        host.run(f"rm -f {LOAD}")
