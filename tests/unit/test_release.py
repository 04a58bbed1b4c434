"""What a release says of itself: one version wherever it stands, and a manual page of every command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import floatip
from floatip.cli import main
from lab.paths import ROOT
from tests.release import agreement, manual

LOG = "# Changes\n\n## Unreleased\n\n## 0.2.0\n\n- one\n\n## 0.1.0\n"
WRONG = [
    ("0.2.1", LOG, ["v0.2.1"], "", "newest version in CHANGELOG.md is 0.2.0, not 0.2.1"),
    ("0.2.0", LOG, [], "", "the tags (none), not v0.2.0"),
    ("0.2.0", LOG, ["v0.1.0"], "", "the tags v0.1.0, not v0.2.0"),
    ("0.2.0", LOG.replace("## Unreleased\n\n", ""), ["v0.2.0"], "", "does not begin with Unreleased"),
    ("0.2.0", LOG.replace("ed\n", "ed\n\n- two\n"), ["v0.2.0"], "", "belong to no version"),
    ("0.2.0", LOG, ["v0.2.0"], " M deploy.py", "deploy.py"),
]


@pytest.mark.parametrize(("version", "log", "tags", "changed", "words"), WRONG)
def test_a_release_that_does_not_agree(version: str, log: str, tags: list[str], changed: str, words: str) -> None:
    assert agreement.disagreements("0.2.0", LOG, ["v0.2.0"]) == []
    assert words in " ".join(agreement.disagreements(version, log, tags, changed))


def test_the_newest_version_of_the_changelog_is_that_of_the_file() -> None:
    version, log = floatip.__version__, (ROOT / "CHANGELOG.md").read_text()
    said = agreement.disagreements(version, log, [f"v{version}"])
    assert not [line for line in said if "belong to no version" not in line]


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"floatip, version {floatip.__version__}\n"


def test_the_manual_has_every_command_and_option() -> None:
    page = manual.page()
    for name, command in manual.commands().items():
        assert f'.SS "floatip {name}' in page
        for option in command.params:
            for word in option.opts if option.param_type_name == "option" else ():
                assert word.replace("-", "\\-") in page
    if groff := shutil.which("groff"):
        done = subprocess.run(
            [groff, "-Kutf8", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell: str, tmp_path: Path) -> None:
    script = CliRunner().invoke(main, ["completion", shell])
    assert script.exit_code == 0 and "_FLOATIP_COMPLETE" in script.stdout
    if shell != "bash":
        return
    program = tmp_path / "floatip"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m floatip "$@"\n')
    program.chmod(0o700)
    asked = "COMP_WORDS=(floatip dep) COMP_CWORD=1; _floatip_completion floatip; echo ${COMPREPLY[@]}"
    done = subprocess.run(
        ["bash", "-c", f"{script.stdout}\n{asked}"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "deploy"
