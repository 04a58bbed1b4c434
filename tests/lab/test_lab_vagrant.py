"""The lab for VirtualBox, as far as it can be shown without VirtualBox."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from lab.names import spec
from lab.paths import ROOT
from lab.vagrant import FRESH, Box, NotFresh
from tests import releases

VAGRANTFILE = (ROOT / "Vagrantfile").read_text()


@pytest.mark.no_lab
@pytest.mark.skipif(shutil.which("vagrant") is None, reason="the Debian package vagrant is not installed")
@pytest.mark.parametrize("suite", releases.USUAL)
def test_vagrant_finds_the_file_valid(suite: str, tmp_path: Path) -> None:
    env = {**os.environ, "VAGRANT_HOME": str(tmp_path), "SUITE": suite, "VAGRANT_CHECKPOINT_DISABLE": "1"}
    env["VAGRANT_DOTFILE_PATH"] = str(tmp_path / "dot")
    argv = ["vagrant", "validate", "--ignore-provider"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "validated successfully" in done.stdout


@pytest.mark.no_lab
@pytest.mark.parametrize("name", ["d1", "d2", "client"])
def test_both_labs_have_the_same_addresses_and_ports(name: str) -> None:
    found = re.search(rf'"{name}" => {{ last: (\d+), port: (\d+) }}', VAGRANTFILE)
    assert found is not None
    assert (int(found[1]), int(found[2])) == (spec(name).last, spec(name).port)


@pytest.mark.no_lab
def test_the_provisioning_script_is_valid_shell() -> None:
    subprocess.run(["sh", "-n", "lab/provision.sh"], cwd=ROOT, check=True)


@pytest.mark.no_lab
def test_power_and_cable_are_what_virtualbox_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A VBoxManage that only writes down what it is asked, and says that the machine runs."""
    asked = tmp_path / "asked"
    fake = tmp_path / "VBoxManage"
    fake.write_text(f'#!/bin/sh\necho "$*" >> {asked}\ncase $1 in showvminfo) echo \'VMState="running"\';; esac\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(Box, "id", "uuid-1")
    box = Box(spec("d1"))
    box.link_down()
    box.link_up()
    box.power_on()
    assert box.is_on()
    assert asked.read_text().splitlines() == [
        "controlvm uuid-1 setlinkstate2 off",
        "controlvm uuid-1 setlinkstate2 on",
        "showvminfo uuid-1 --machinereadable",
        "showvminfo uuid-1 --machinereadable",
    ]


@pytest.mark.no_lab
@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("kept", [True, False])
def test_a_machine_with_keepalived_is_not_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, used: bool, kept: bool
) -> None:
    """A VBoxManage that knows a snapshot or none, and an ssh to a machine on which this test's directory is /."""
    asked = tmp_path / "asked"
    there = tmp_path / "etc" / "keepalived"
    listed = f'SnapshotName=\\"{FRESH}\\"' if kept else ""
    vbox = f"""echo "$*" >> {asked}
case $1,$2 in showvminfo,*) echo 'VMState="running"' ;; snapshot,*) echo {listed} ;; esac"""
    moved = f"s#/etc#{tmp_path}/etc#; s#/var#{tmp_path}/var#; s#command -v keepalived#false#"
    ssh = f"""for words; do :; done\nexec sh -c "$(printf %s "$words" | sed '{moved}')\""""
    for name, body in {"VBoxManage": vbox, "ssh": ssh}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    if used:
        there.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(Box, "id", "uuid-1")
    box = Box(spec("d1"))
    if used:
        with pytest.raises(NotFresh, match="keepalived"):
            box.must_be_fresh()
    else:
        box.must_be_fresh()
    if used and not kept:
        with pytest.raises(NotFresh):
            box.keep_fresh()
    else:
        box.keep_fresh()
    taken = any(line.startswith("snapshot uuid-1 take") for line in asked.read_text().splitlines())
    assert taken is (not used and not kept)
