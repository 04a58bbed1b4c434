"""The doctor on what did not move along, by answers as real hosts give them."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from floatip.hosts import surroundings
from floatip.hosts.daemon import State, Vrrp
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.settings.mailing import host_port
from floatip.model.settings.scripts import named
from floatip.operate.doctor import Code, diagnose, examining
from floatip.operate.doctor.causes.daemon import script_not_run
from floatip.operate.doctor.causes.moving import group_split, mail_fails, route_missing
from floatip.operate.doctor.model import Case, Seen
from lab.names import SUITES
from tests.recorded.doctor_answers import HEALTHY, PLACE
from tests.unit.samples import Change, lab, put, text
from tests.unit.test_doctor_recordings import judged
from tests.unit.test_track_files import of_two

ALERT: tuple[Change, ...] = (
    put("VI_1.smtp_alert", True),
    put("data.smtp_server", "127.0.0.1:2525"),
    put("data.notification_email", ["root"]),
)


def seen(suite: str, **aside: Any) -> dict[str, Seen]:
    """What a healthy pair answered, with something else in what is asked beside."""
    healthy = judged(PLACE / f"{suite}-{HEALTHY}.json").seen
    return {**healthy, "d1": replace(healthy["d1"], aside=replace(healthy["d1"].aside, **aside))}


LAST = [
    (["smtp fd 15 returned write error"], True),  # 2.2.7, of 127.0.0.1 without a mail server
    (["SMTP connection ERROR to [127.0.0.1]:2525."], True),
    (["Timeout connecting SMTP server [192.0.2.25]:25."], True),
    (["Error processing MAIL cmd on SMTP server [192.0.2.25]:25. SMTP status code = 550"], True),
    (["Timeout reading data to remote SMTP server [192.0.2.25]:25."], True),
    (["Cannot send data to remote SMTP server [192.0.2.25]:25."], True),
    (["Can not read data from remote SMTP server [192.0.2.25]:25."], True),
    (["Remote SMTP server [192.0.2.25]:25 has closed the connection."], True),
    (["SMTP connection ERROR to [127.0.0.1]:2525.", "SMTP alert successfully sent."], False),
    (["SMTP alert successfully sent.", "Error reading data from remote SMTP server [192.0.2.25]:25."], True),
    (["Remote SMTP server [192.0.2.25]:25 connected."], False),
    ([], False),
]


@pytest.mark.parametrize(("lines", "fails"), LAST)
def test_the_last_mail_counts(lines: Sequence[str], fails: bool) -> None:
    """As keepalived 2.1.5 and later write it (smtp.c)."""
    case = Case(lab(*ALERT), {}, seen("bookworm", journal=("(VI_1) Entering MASTER STATE", *lines)), {})
    assert [(finding.code, finding.node) for finding in mail_fails(case)] == (
        [(Code.MAIL_FAILS, "d1")] if fails else []
    )
    silent = Case(lab(), {}, case.seen, {})
    assert list(mail_fails(silent)) == []


@pytest.mark.parametrize(("mail", "fails"), [(None, False), (True, False), (False, True)])
def test_a_mail_server_that_refuses_at_once(mail: bool | None, fails: bool) -> None:
    """Of which keepalived says nothing, or not which server it was."""
    found = list(mail_fails(Case(lab(*ALERT), {}, seen("bookworm", mail=mail), {})))
    assert [(finding.code, finding.node) for finding in found] == ([(Code.MAIL_FAILS, "d1")] if fails else [])


@pytest.mark.parametrize(
    ("server", "asked"),
    [("mail", ["mail", "25"]), ("[::1]:2525", ["::1", "2525"]), ("::1", ["::1", "25"]), ("mail:26", ["mail", "26"])],
)
def test_the_mail_server_is_connected_to_where_there_is_one(server: str, asked: list[str]) -> None:
    assert host_port(server) == asked
    assert "/dev/tcp" not in surroundings.script([])
    assert f" {asked[0]} {asked[1]} 2>" in surroundings.script([], mail=asked)
    (question, _) = examining.questions([lab(*ALERT, put("data.smtp_server", server))])
    assert question[2]["mail"] == asked
    (question, _) = examining.questions([lab()])
    assert "mail" not in question[2]


@pytest.mark.parametrize("code", [0, 1])
def test_what_a_server_tells_of_it(code: int) -> None:
    assert surroundings.parse([f"{surroundings.MARK}=1", f"mail={code}"]).mail is (code == 0)
    assert surroundings.parse([f"{surroundings.MARK}=1"]).mail is None


def test_a_real_shell_connects_or_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert connects(port) == "mail=0"
    assert connects(port) == "mail=1"


def connects(port: str) -> str:
    """What the line of the script prints that asks for mail."""
    (line,) = (line for line in surroundings.script([], mail=["127.0.0.1", port]).splitlines() if "/dev/tcp" in line)
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.strip()


WAY, RULE = "198.51.100.0/24 dev eth1 no_track", "from 198.51.100.0/24 table 100 priority 1000"
THERE = {"dst": "198.51.100.0/24", "dev": "eth1", "protocol": "keepalived", "scope": "link", "flags": []}
RULES = [
    {"priority": 0, "src": "all", "table": "local"},
    {"priority": 1000, "src": "198.51.100.0", "srclen": 24, "table": "100"},
]


def routes(*lines: object) -> Any:
    """The kernel's answer, by way of the parser."""
    found = [f"routes={json.dumps(line)}" for line in lines]
    return surroundings.parse([f"{surroundings.MARK}=1", *found]).routes


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (routes([THERE], [], RULES, []), []),
        (routes([], [], RULES, []), [WAY]),
        (routes([THERE], [], RULES[:1], []), [RULE]),
        (routes(), []),  # nobody asked
        (routes("x", {}, None, 5), [WAY, RULE]),
    ],
)
def test_the_holder_has_its_routes(answer: Any, missing: list[str]) -> None:
    cluster = lab(put("VI_1.virtual_routes", [WAY]), put("VI_1.virtual_rules", [RULE]))
    found = list(route_missing(Case(cluster, {}, seen("bookworm", routes=answer), {})))
    assert [(finding.code, finding.node) for finding in found] == [(Code.ROUTE_MISSING, "d1")] * len(missing)
    assert all(line in finding.what for line, finding in zip(missing, found, strict=True))


def test_a_server_is_asked_for_routes_only_where_it_has_some() -> None:
    assert "proto 18" not in surroundings.script([("eth1", "10.9.1.6")])
    assert "proto 18" in surroundings.script([], routes=True)


@pytest.mark.parametrize(
    ("states", "split"),
    [
        (("master", "master"), False),
        (("backup", "backup"), False),
        (("master", "backup"), True),
        (("fault", "master"), True),
        (("backup", "fault"), False),  # an election of the group, and no address is apart
    ],
)
def test_a_group_that_is_split(states: tuple[State, State], split: bool) -> None:
    healthy = seen("bookworm")
    first: Vrrp = healthy["d1"].daemon.instances["VI_1"]
    both = {name: replace(first, state=state) for name, state in zip(("VI_1", "VI_2"), states, strict=True)}
    d1 = replace(healthy["d1"], daemon=replace(healthy["d1"].daemon, instances=both))
    found = list(group_split(Case(lab(of_two(["load"], ["load"])), {}, {**healthy, "d1": d1}, {})))
    assert [(finding.code, finding.node) for finding in found] == ([(Code.GROUP_SPLIT, "d1")] if split else [])


def with_script(directory: Path) -> Cluster:
    """A pair that ships a program."""
    (directory / "lab.py").write_text(text(put("VI_1.notify_master", "up.sh")))
    (directory / "up.sh").write_text("#!/usr/bin/nothing\n")
    (parsed,) = inventory.read(directory / "lab.py")
    assert parsed.cluster
    return parsed.cluster


def test_what_the_kernel_did_not_start(tmp_path: Path) -> None:
    cluster = with_script(tmp_path)
    (path,) = named(cluster, "d1")
    line = f"Error exec-ing command '{path}', error 2: No such file or directory"
    case = Case(cluster, {}, seen("bookworm", journal=("x", line, "Error exec-ing command '/bin/other', error 2")), {})
    lines = [finding for finding in script_not_run(case) if finding.evidence]
    assert [(finding.code, finding.node, finding.evidence) for finding in lines] == [
        (Code.SCRIPT_NOT_RUN, "d1", (line,))
    ]


@pytest.mark.parametrize("suite", SUITES)
def test_a_healthy_pair_is_left_alone(suite: str) -> None:
    assert diagnose(judged(PLACE / f"{suite}-{HEALTHY}.json")) == []
