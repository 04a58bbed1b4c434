"""What runs when an instance changes its state: programs of the servers, and files that floatip ships."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from floatip.change import differences, pins, plan, requirements, shipping, summary
from floatip.change.summary import actions
from floatip.deploy.steps import removal
from floatip.hosts import host_answer, preflight, programs
from floatip.hosts.host_script import SHIPPED
from floatip.hosts.host_state import File, HostState
from floatip.hosts.programs import Program
from floatip.keepalived.adopt import Code, adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.parse import Parsed
from floatip.model.paths import SCRIPTS
from floatip.model.problems import Level
from floatip.model.settings.programs import place
from floatip.model.settings.scripts import OURS, Runs, shipped
from floatip.operate import doctor
from tests.unit.samples import found, parsed, problems_at, put, text

AT = "vrrp_instances.VI_1.notify_master"
UP = "#!/bin/sh\nexit 0\n"


def master(value: object) -> Any:
    """A change: what runs once a server is MASTER."""
    return put("VI_1.notify_master", value)


GOOD = [
    ("/usr/local/bin/up", "/usr/local/bin/up", "nobody", "/usr/local/bin/up"),
    ("/usr/local/bin/up a=1 b", "/usr/local/bin/up a=1 b", "nobody", "/usr/local/bin/up a=1 b"),
    ("up.sh now", "up.sh now", "nobody", "up.sh now"),
    ({"run": "up.sh", "user": "root"}, "up.sh", "root", {"run": "up.sh", "user": "root"}),
    ({"run": "/bin/up", "user": "nobody"}, "/bin/up", "nobody", "/bin/up"),
    ('"/bin/up now" www-data adm', "/bin/up now", "www-data adm", {"run": "/bin/up now", "user": "www-data adm"}),
    ('"up.sh"', "up.sh", "nobody", "up.sh"),
]


@pytest.mark.parametrize(("raw", "run", "user", "plain"), GOOD)
def test_what_runs_and_as_whom(raw: object, run: str, user: str, plain: object) -> None:
    cluster = parsed(master(raw)).cluster
    assert cluster
    notify = cluster.instances[0].notify_master
    assert notify
    assert (notify.run, notify.user) == (run, user)
    assert inventory.loads(inventory.dumps(cluster), "lab.py")[0].cluster == cluster
    row = next(line for line in inventory.dumps(cluster).splitlines() if "notify_master" in line)
    assert (repr(run) if isinstance(plain, str) else '"user"').strip("'\"") in row.replace('"', "'") or run in row


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            "-x",
            "../up.sh",
            "dir/up.sh",
            "~/up",
            "up.sh $(id)",
            "up.sh 'a'",
            "up.sh\n}",
            "/bin/up  x",
            "/bin/",
            "!up",
        ),
        *(
            {},
            {"run": "/bin/up", "as": "root"},
            {"user": "root"},
            {"run": "/bin/up", "user": "$(id)"},
            {"run": 1},
            5,
            [],
        ),
        *('"/bin/up', '"/bin/up" a b c', '"/bin/up" ;id', '"/bin/$x" root'),
    ],
)
def test_what_is_none_is_refused(raw: object) -> None:
    assert {path for path, _ in found(master(raw))} == {AT}


def test_root_is_a_warning() -> None:
    raw = {"run": "/bin/up", "user": "root"}
    assert [(problem.code, problem.level) for problem in problems_at(AT, master(raw))] == [
        ("runs-as-root", Level.WARNING)
    ]
    assert problems_at(AT, master("/bin/up")) == []


def beside(directory: Path, raw: object = "up.sh now", content: str | bytes | None = UP) -> Parsed:
    """The good cluster with this notify_master, and what is in up.sh beside its inventory."""
    (directory / "lab.py").write_text(text(master(raw)))
    if content is not None:
        (directory / "up.sh").write_bytes(content if isinstance(content, bytes) else content.encode())
    (result,) = inventory.read(directory / "lab.py")
    return result


def cluster_of(directory: Path, content: str = UP, raw: object = "up.sh now") -> Cluster:
    """Its cluster."""
    cluster = beside(directory, raw, content).cluster
    assert cluster
    return cluster


def test_another_text_is_another_file(tmp_path: Path) -> None:
    first, other = cluster_of(tmp_path), cluster_of(tmp_path, UP + "# changed\n")
    assert first == other
    (path,), (changed,) = shipped(first, "d1"), shipped(other, "d1")
    assert path.startswith(f"{SCRIPTS}/up.sh.")
    assert path != changed
    assert f'    notify_master "{path} now"\n' in keepalived_conf(first, "d1")
    assert keepalived_conf(first, "d1") != keepalived_conf(other, "d1")
    assert differences.differs(keepalived_conf(first, "d1"), keepalived_conf(other, "d1"))
    assert "    script_user nobody\n" in keepalived_conf(first, "d1")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "no-file"),
        (b"#!/bin/sh\n\xff", "not-a-script"),
        (b"\x7fELF\0", "not-a-script"),
        ("echo\n", "not-a-script"),
        ("#!/bin/sh\n" + "#" * 70000, "not-a-script"),
        ("", "not-a-script"),
    ],
)
def test_a_file_that_cannot_be_shipped(tmp_path: Path, content: str | bytes | None, code: str) -> None:
    problems = [(problem.path, problem.code, problem.level) for problem in beside(tmp_path, content=content).problems]
    assert problems == [(AT, code, Level.WARNING if code == "no-file" else Level.ERROR)]


def host(files: dict[str, File] | None = None) -> HostState:
    """A server with these files."""
    lines = ["floatip-state=1", "uid=0", "links=[]", "fw.begin=1", "fw.end=1"]
    return replace(host_answer.parse(lines), files=files or {})


def has(cluster: Cluster, mode: str = "755:root:root") -> dict[str, File]:
    """The files of a server that has what the cluster ships."""
    return {f"{SHIPPED}{path.rpartition('/')[2]}": File(mode, text) for path, text in shipped(cluster, "d1").items()}


def test_it_is_put_there_once_and_taken_away_again(tmp_path: Path) -> None:
    cluster, bare = cluster_of(tmp_path), parsed().cluster
    assert bare
    (path,) = shipped(cluster, "d1")
    assert shipping.wanting(cluster, "d1", host()) == {path: UP}
    assert shipping.wanting(cluster, "d1", host(has(cluster))) == {}
    assert shipping.wanting(cluster, "d1", host(has(cluster, "777:root:root"))) == {path: UP}
    assert shipping.left(cluster, "d1", host(has(cluster))) == []
    assert shipping.left(bare, "d1", host(has(cluster))) == [path]
    assert path in (removal.files_script(host(has(cluster))) or "")
    assert SCRIPTS not in (removal.files_script(host()) or "")
    other = cluster_of(tmp_path, UP + "# changed\n")
    assert shipping.left(other, "d1", host(has(cluster))) == [path]


def test_what_somebody_changed_there_is_seen(tmp_path: Path) -> None:
    cluster = cluster_of(tmp_path)
    (key,) = has(cluster)
    spoilt = {key: File("755:root:root", UP + "rm -rf /\n")}
    lines = list(shipping.differences(cluster, "d1", host(spoilt)))
    assert "-rm -rf /" in lines
    assert list(shipping.differences(cluster, "d1", host(has(cluster)))) == []


def test_the_steps_name_it(tmp_path: Path) -> None:
    """In the words of the deploy; of a server that has it, nothing."""
    cluster = cluster_of(tmp_path)
    wanted = {name: keepalived_conf(cluster, name) for name in ("d1", "d2")}
    for files, named in ((None, True), (has(cluster), False)):
        states = {name: host(files) for name in wanted}
        steps = requirements.steps(cluster, wanted, states)
        listed = [
            action.what for action in actions(cluster, wanted, states, steps, pins.known(cluster, pins.noted(states)))
        ]
        assert (summary.SHIP in listed) == named
        assert summary.NO_SCRIPTS not in listed
    assert steps.kind is plan.Kind.START


def test_a_real_shell_puts_and_removes_it(tmp_path: Path) -> None:
    """Read by another user, whatever the umask."""
    place_ = tmp_path / "floatip-scripts"
    cluster = cluster_of(tmp_path)
    words = (shipping.put(shipped(cluster, "d1")) or "").replace(SCRIPTS, str(place_)).replace("chown root:root", ":")
    subprocess.run(["dash", "-c", f"umask 077; {words}"], check=True)
    (made,) = place_.iterdir()
    assert made.read_text() == UP
    assert (made.stat().st_mode & 0o777, place_.stat().st_mode & 0o777) == (0o755, 0o755)
    gone = "\n".join(shipping.away([str(made)])).replace(SCRIPTS, str(place_))
    subprocess.run(["dash", "-c", gone], check=True)
    assert not place_.exists()


def test_a_server_tells_what_it_has() -> None:
    known = host_answer.parse(["floatip-state=1", "uid=0", "links=[]", f"file={SHIPPED}up.sh.0123 755:root:root aGk="])
    assert known.text(f"{SHIPPED}up.sh.0123") == "hi"
    for odd in ("../x", "a b", "$(id)"):
        with pytest.raises(ValueError, match="malformed"):
            host_answer.parse(["floatip-state=1", "uid=0", "links=[]", f"file={SHIPPED}{odd} 755:root:root aGk="])


def test_what_is_asked_of_the_servers(tmp_path: Path) -> None:
    theirs, ours = parsed(master("/bin/up now")).cluster, cluster_of(tmp_path)
    as_root = cluster_of(tmp_path, raw={"run": "up.sh", "user": "root"})
    assert theirs
    assert programs.asked(theirs, "d1") == (Runs("nobody", "/bin/up", AT),)
    assert programs.asked(ours, "d1") == ()
    assert programs.asked(as_root, "d1") == (Runs("root", OURS, AT),)


def test_the_doctor_says_what_is_not_run_and_why(tmp_path: Path) -> None:
    cluster = cluster_of(tmp_path)
    absent = replace(host(), programs={Runs("nobody", "/bin/up", AT): Program(65534, False, False)})
    assert [problem.code for problem in preflight.programs("d1", absent)] == [preflight.Code.NO_SUCH_PROGRAM]
    assert doctor.Code.SCRIPT_NOT_RUN in doctor.Code
    assert list(shipping.wanting(cluster, "d1", absent)) == [place(cluster.instances[0].notify_master)]  # type: ignore[arg-type]


GLOBAL = "global_defs {\n script_user nobody\n}\n"
ADOPTED = [
    ("notify_master /bin/up", {"run": "/bin/up", "user": "root"}, None),
    ('notify_master "/bin/up now"', {"run": "/bin/up now", "user": "root"}, None),
    ('notify_master "/bin/up now" www-data adm', {"run": "/bin/up now", "user": "www-data adm"}, None),
    ('notify_master "/bin/up > /tmp/x"', None, 'notify_master "/bin/up > /tmp/x"'),
    ("notify_master up.sh", {"run": "up.sh", "user": "root"}, None),
]


@pytest.mark.parametrize(("line", "kept", "raw"), ADOPTED)
def test_it_is_imported_with_its_user(line: str, kept: object, raw: str | None) -> None:
    written = f"vrrp_instance VI_1 {{\n{line}\n}}\n"
    data = adopt({"d1": written}, {}).data["vrrp_instances"]["VI_1"]
    assert data.get("notify_master") == kept
    assert data.get("extra_lines") == ([raw] if raw else None)
    again = adopt({"d1": GLOBAL + written}, {})
    if isinstance(kept, dict) and kept["user"] == "root":
        assert again.data["vrrp_instances"]["VI_1"]["notify_master"] == kept["run"]
    assert [finding.code for finding in again.findings if finding.code is not Code.KEPT] == []
