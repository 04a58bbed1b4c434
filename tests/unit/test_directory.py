"""What two inventories of one directory claim, and what is nobody's business."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.samples import Change, put, text
from tests.unit.test_cli import floatip

OTHER_SERVERS = (
    put("d1.ssh_hostname", "192.0.2.17"),
    put("d2.ssh_hostname", "192.0.2.62"),
    put("d1.VI_1.address", "10.9.1.17/24"),
    put("d2.VI_1.address", "10.9.1.62/24"),
)
ELSEWHERE = (
    put("d1.VI_1.address", "10.9.2.17/24"),
    put("d2.VI_1.address", "10.9.2.62/24"),
    put("VI_1.virtual_ipaddress", ["10.9.2.6/24"]),
)
OTHER_ADDRESS = put("VI_1.virtual_ipaddress", ["10.9.1.7/24"])
OTHER_VRID = put("VI_1.virtual_router_id", 102)
VRID = ("vrrp_instances.VI_1.virtual_router_id", "vrid-elsewhere")
ADDRESS = ("vrrp_instances.VI_1.virtual_ipaddress.0", "address-elsewhere")
SERVERS = {("nodes.d1", "server-elsewhere"), ("nodes.d2", "server-elsewhere")}
LOCAL = (put("d1.ssh_hostname", "127.0.0.1"), put("d2.ssh_hostname", "127.0.0.1"), put("d2.ssh_port", 2222))

# what is otherwise in the file beside it, and what is told
CASES: list[tuple[tuple[Change, ...], set[tuple[str, str]]]] = [
    ((), {VRID, ADDRESS, *SERVERS}),
    (OTHER_SERVERS, {VRID, ADDRESS}),
    ((*OTHER_SERVERS, OTHER_ADDRESS), {VRID}),
    ((*OTHER_SERVERS, OTHER_VRID), {ADDRESS}),
    ((*OTHER_SERVERS, OTHER_ADDRESS, OTHER_VRID), set()),
    ((*OTHER_SERVERS, *ELSEWHERE), set()),
    (LOCAL, set()),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_two_inventories_in_one_directory(tmp_path: Path, changes: tuple[Change, ...], expected: set[object]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(text())
    (tmp_path / "theirs.py").write_text(text(*changes))
    for other in ("broken.py", "README.md", "_draft.py"):
        (tmp_path / other).write_text("lab = (")
    answer = floatip("check", "--json", str(mine))
    assert answer.exit_code == 0, "it is a warning: the other file may be an old one"
    problems = json.loads(answer.stdout)["problems"]
    found = {(problem["path"], problem["code"]) for problem in problems if problem["code"].endswith("-elsewhere")}
    assert found == expected
    assert all(problem["level"] == "warning" for problem in problems if problem["code"].endswith("-elsewhere"))


def test_a_file_is_no_rival_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(text())
    answer = floatip("check", "--json", str(tmp_path / "mine.py"))
    assert "elsewhere" not in answer.stdout


def test_hosts_to_practise_on_have_no_rivals(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(text(*LOCAL))
    (tmp_path / "theirs.py").write_text(text())
    assert "elsewhere" not in floatip("check", "--json", str(tmp_path / "mine.py")).stdout
