"""Health checks that are files beside the inventory: shipped like the scripts of notify, and run as their user."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from floatip.change import differences, shipping
from floatip.cli import main
from floatip.deploy.operations import trials
from floatip.deploy.steps import checks
from floatip.hosts import programs
from floatip.hosts.host_script import SHIPPED
from floatip.hosts.host_state import File
from floatip.keepalived.adopt import commands
from floatip.keepalived.render import command_line, keepalived_conf, needs_check_script
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.paths import SCRIPTS
from floatip.model.problems import Level
from floatip.model.settings.scripts import OURS, Runs, shipped
from floatip.operate.doctor import Code
from floatip.operate.doctor.causes.daemon import script_not_run
from floatip.operate.doctor.model import Case
from tests.unit.samples import found, lab, problems_at, script, text
from tests.unit.test_doctor_recordings import FILES, judged
from tests.unit.test_notifying import host

AT = "vrrp_scripts.web.command"
FIT = "#!/bin/sh\nexit 0\n"


def beside(directory: Path, content: str = FIT, **settings: object) -> Cluster:
    """The good cluster with a check that is a file beside its inventory."""
    (directory / "lab.py").write_text(text(script(command="fit.sh now", **settings)))
    (directory / "fit.sh").write_text(content)
    (parsed,) = inventory.read(directory / "lab.py")
    assert parsed.cluster
    return parsed.cluster


def test_it_is_shipped_where_its_server_runs_it(tmp_path: Path) -> None:
    cluster = beside(tmp_path)
    ((path, content),) = shipped(cluster, "d1").items()
    assert content == FIT
    assert path.startswith(f"{SCRIPTS}/fit.sh.")
    assert f'    script "{path} now"\n' in keepalived_conf(cluster, "d1")
    assert not needs_check_script(cluster, "d1")
    assert f"{path} now" in trials.script(cluster.scripts)
    assert inventory.loads(inventory.dumps(cluster), "lab.py")[0].cluster == cluster


def test_another_text_is_another_check(tmp_path: Path) -> None:
    """Which the plan sees as a change of the file, and the deploy as a check to try."""
    before, after = beside(tmp_path), beside(tmp_path, FIT + "# changed\n")
    live, wanted = keepalived_conf(before, "d1"), keepalived_conf(after, "d1")
    assert differences.differs(live, wanted)
    assert [check.name for check in checks.changed(after, "d1", live)] == ["web"]
    assert checks.changed(before, "d1", live) == ()


def test_it_goes_with_its_check(tmp_path: Path) -> None:
    cluster = beside(tmp_path)
    files = {f"{SHIPPED}{Path(path).name}": File("755:root:root", FIT) for path in shipped(cluster, "d1")}
    assert shipping.wanting(cluster, "d1", host(files)) == {}
    assert shipping.left(cluster, "d1", host(files)) == []
    assert shipping.left(lab(), "d1", host(files)) == list(shipped(cluster, "d1"))
    untracked = replace(cluster, instances=(replace(cluster.instances[0], track_script=()),))
    assert shipped(untracked, "d1") == {}


@pytest.mark.parametrize("raw", ["dir/fit.sh", "../fit.sh", "fit.sh $HOME", "fit.sh 'now'", "-x", "~/fit"])
def test_what_is_no_file_beside_it(raw: str) -> None:
    assert (AT, "bad-command") in found(script(command=raw))


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    """By who is asked whether it can be deployed; the status goes on without."""
    beside(tmp_path)
    (tmp_path / "fit.sh").unlink()
    (parsed,) = inventory.read(tmp_path / "lab.py")
    assert [
        (problem.path, problem.code, problem.level) for problem in parsed.problems if problem.code == "no-file"
    ] == [(AT, "no-file", Level.WARNING)]
    assert parsed.cluster
    answer = CliRunner().invoke(main, ["check", str(tmp_path / "lab.py")])
    assert answer.exit_code == 2
    assert "fit.sh" in answer.output


def test_root_is_a_warning_and_its_user_is_looked_for(tmp_path: Path) -> None:
    where = "vrrp_scripts.web.user"
    as_root = script(command="fit.sh", user="root")
    assert [(problem.code, problem.level) for problem in problems_at(where, as_root)] == [
        ("runs-as-root", Level.WARNING)
    ]
    assert programs.asked(beside(tmp_path), "d1") == ()
    assert programs.asked(beside(tmp_path, user="daemon"), "d1") == (Runs("daemon", OURS, where),)


def test_the_doctor_misses_it(tmp_path: Path) -> None:
    healthy = judged(next(path for path in FILES if path.name == "bookworm-healthy.json"))
    cluster = beside(tmp_path)
    findings = list(script_not_run(Case(cluster, {}, healthy.seen, {})))
    assert {(remark.code, remark.node) for remark in findings} == {
        (Code.SCRIPT_NOT_RUN, "d1"),
        (Code.SCRIPT_NOT_RUN, "d2"),
    }
    assert all(command_line(cluster.scripts[0]).split(" ")[0] in remark.what for remark in findings)


def test_imported_commands_are_programs_of_the_servers() -> None:
    """Where keepalived would look for a name along its path, no file beside the inventory is meant."""
    assert commands.plain("fit.sh now") == ("command", "/usr/bin/fit.sh now")
    assert commands.plain("Fit.sh") is None
    assert commands.typed("command fit.sh now") == ("command", "fit.sh now")
