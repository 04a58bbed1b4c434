"""FIFOs for all changes of state, and the programs that read them: shipped, checked and imported as those of notify."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.deploy.steps import removal
from floatip.hosts import programs
from floatip.hosts.host_state import File
from floatip.keepalived.adopt import Code, adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model import inventory
from floatip.model.inventory import dumps, loads
from floatip.model.paths import SCRIPTS
from floatip.model.problems import Level
from floatip.model.settings.scripts import Runs, shipped
from tests.unit.samples import Change, found, lab, problems_at, put, text
from tests.unit.test_notifying import host

FIFO = put("data.notify_fifo", "/run/keepalived.fifo")


def program(value: object) -> Change:
    """What reads it."""
    return put("data.notify_fifo_script", value)


def test_they_stand_behind_the_user_whose_they_are() -> None:
    lines = keepalived_conf(lab(FIFO, program("/usr/local/bin/read now")), "d1").splitlines()
    first = lines.index("    script_user nobody")
    assert lines[first + 1 : first + 3] == [
        '    notify_fifo "/run/keepalived.fifo"',
        '    notify_fifo_script "/usr/local/bin/read now"',
    ]
    assert "    script_user nobody" in keepalived_conf(lab(put("data.vrrp_notify_fifo", "/run/x")), "d1")


def test_they_are_written_and_read_again() -> None:
    cluster = lab(
        put("data.notify_fifo", "/run/a www-data adm"),
        program({"run": "read.sh", "user": "root"}),
        put("data.vrrp_notify_fifo", "/run/b"),
    )
    assert loads(dumps(cluster), "lab.py")[0].cluster == cluster
    assert '    notify_fifo "/run/a" www-data adm\n' in keepalived_conf(cluster, "d1")


def test_a_file_beside_the_inventory(tmp_path: Path) -> None:
    (tmp_path / "lab.py").write_text(text(FIFO, program("read.sh now")))
    (tmp_path / "read.sh").write_text("#!/bin/sh\n")
    (parsed,) = inventory.read(tmp_path / "lab.py")
    assert parsed.cluster
    ((path, content),) = shipped(parsed.cluster, "d2").items()
    assert content == "#!/bin/sh\n"
    assert path.startswith(f"{SCRIPTS}/read.sh.")
    assert f'    notify_fifo_script "{path} now"\n' in keepalived_conf(parsed.cluster, "d2")
    (tmp_path / "read.sh").unlink()
    (parsed,) = inventory.read(tmp_path / "lab.py")
    assert ("notify_fifo_script", "no-file") in {(problem.path, problem.code) for problem in parsed.problems}


def test_what_is_asked_of_the_servers() -> None:
    cluster = lab(FIFO, program({"run": "/bin/read now", "user": "root"}))
    assert programs.asked(cluster, "d1") == (Runs("root", "/bin/read", "notify_fifo_script"),)
    problems = problems_at("notify_fifo_script", FIFO, program({"run": "/bin/read", "user": "root"}))
    assert [(problem.code, problem.level) for problem in problems] == [("runs-as-root", Level.WARNING)]


@pytest.mark.parametrize(
    "raw",
    ["run/x", "/", "/run/x;id", "/run/../x", '/run/"x"', "/run/x a b c", "/run/x $(id)", "/run/x ", 5, [], "/run/x\n"],
)
def test_what_is_no_fifo(raw: object) -> None:
    assert {path for path, _ in found(put("data.notify_fifo", raw))} == {"notify_fifo"}


def test_a_program_without_a_fifo_and_one_fifo_for_both() -> None:
    assert found(program("/bin/read")) == {("notify_fifo_script", "no-fifo")}
    other = put("data.vrrp_notify_fifo", "/run/keepalived.fifo root")
    assert found(FIFO, other) == {("vrrp_notify_fifo", "same-fifo")}
    assert found(FIFO, program("/bin/read"), put("data.vrrp_notify_fifo", "/run/other")) == set()


def test_its_program_can_read_it() -> None:
    """keepalived's umask leaves it to its owner."""
    theirs = program({"run": "/bin/read", "user": "www-data adm"})
    assert '    notify_fifo "/run/keepalived.fifo" www-data adm\n' in keepalived_conf(lab(FIFO, theirs), "d1")
    own = put("data.notify_fifo", "/run/keepalived.fifo daemon")
    problems = problems_at("notify_fifo", own, theirs)
    assert [(problem.code, problem.level) for problem in problems] == [("fifo-unreadable", Level.WARNING)]
    assert '    notify_fifo "/run/keepalived.fifo" daemon\n' in keepalived_conf(lab(own, theirs), "d1")
    assert problems_at("notify_fifo", FIFO, theirs) == []
    assert problems_at("notify_fifo", own, program({"run": "/bin/read", "user": "root"})) == []


def test_a_fifo_that_keepalived_leaves_behind_is_removed() -> None:
    conf = keepalived_conf(
        lab(put("data.notify_fifo", "/run/a=b daemon"), put("data.vrrp_notify_fifo", "/run/c")), "d1"
    )
    script = removal.stop_script(host({"conf": File("640:root:root", conf)})) or ""
    assert "if [ -p /run/a=b ]; then rm -f /run/a=b; fi" in script
    assert "if [ -p /run/c ]; then rm -f /run/c; fi" in script
    assert "[ -p " not in (
        removal.stop_script(host({"conf": File("640:root:root", keepalived_conf(lab(), "d1"))})) or ""
    )


def test_where_everybody_may_make_files() -> None:
    problems = problems_at("notify_fifo", put("data.notify_fifo", "/tmp/x"))
    assert [(problem.code, problem.level) for problem in problems] == [("open-fifo", Level.WARNING)]
    assert problems_at("notify_fifo", FIFO) == []


GLOBAL = "global_defs {\n%s\n}\nvrrp_instance VI_1 {\n}\n"
ADOPTED = [
    (
        "notify_fifo /run/a\nnotify_fifo_script /bin/read",
        {"notify_fifo": "/run/a root", "notify_fifo_script": {"run": "/bin/read", "user": "root"}},
    ),
    (
        'script_user nobody\nvrrp_notify_fifo "/run/a"\nvrrp_notify_fifo_script "/bin/read now"',
        {"vrrp_notify_fifo": "/run/a", "vrrp_notify_fifo_script": "/bin/read now"},
    ),
    (
        "script_user www\nnotify_fifo /run/a root\nnotify_fifo_script /bin/read me",
        {"notify_fifo": "/run/a root", "notify_fifo_script": {"run": "/bin/read", "user": "me"}},
    ),
]


@pytest.mark.parametrize(("lines", "kept"), ADOPTED)
def test_they_are_imported_as_whose_they_were(lines: str, kept: dict[str, object]) -> None:
    answer = adopt({"d1": GLOBAL % lines}, {})
    assert {key: value for key, value in answer.data.items() if "fifo" in key} == kept
    assert answer.findings == ()


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ("notify_fifo_script /bin/read", ["notify_fifo_script /bin/read"]),
        ("notify_fifo a b c d\nnotify_fifo_script /bin/read", ["notify_fifo a b c d", "notify_fifo_script /bin/read"]),
        (
            "notify_fifo /run/a\nvrrp_notify_fifo /run/a\nvrrp_notify_fifo_script /bin/read",
            ["vrrp_notify_fifo /run/a", "vrrp_notify_fifo_script /bin/read"],
        ),
    ],
)
def test_what_keepalived_passes_over_is_left_out_and_said(lines: str, left: list[str]) -> None:
    answer = adopt({"d1": GLOBAL % f"script_user nobody\n{lines}"}, {})
    assert [(finding.text, finding.code) for finding in answer.findings] == [(text, Code.LEFT) for text in left]
    assert not any(line.split(" ")[0] in answer.data for line in left)
