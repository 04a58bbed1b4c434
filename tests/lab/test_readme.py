"""Every command of the README and of the pages after it, typed as it stands there, in a shell of its own, by somebody
who has installed floatip.

Not here: `make test` and `make wizard`, of which this is a part or which install packages; Vagrant's; and `pipx`, for
which `tests.installed` does what it does. The wizard is started, entered and stopped.
"""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from lab.layers import State
from lab.names import FLOATING
from lab.paths import KEY, KNOWN_HOSTS, ROOT
from lab.place import Place
from tests.installed import Installed
from tests.lab import changes
from tests.lab.changes import CONF, FAST, settled

ELSEWHERE = ("make ", "vagrant ", "pytest ", "pipx ", "pyinfra inventories/lab.py deploy.py", "floatip adopt root@")
LINK = re.compile(r"http://127\.0\.0\.1:[0-9]+/start/\S+")


PAGES = ("README.md", "docs/start.md", "docs/article.md", "docs/drill.md", "docs/maintain.md")
"""In the order in which they are read; the last command of the last one takes everything away."""
TRANSLATED = ("start.md", "article.md", "course.md", "drill.md", "maintain.md")


def commands(*pages: str) -> list[str]:
    """Those of the indented blocks, each once, without what is said of them."""
    texts = [(ROOT / page).read_text("utf-8") for page in pages]
    plain = [re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL) for text in texts]
    lines = [line for text in plain for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE)]
    return list(dict.fromkeys(line.partition("  #")[0].strip() for line in lines))


class Shell:
    """A terminal with somebody at it, who answers yes, and stops what goes on for ever once it has shown something."""

    def __init__(self, installed: Installed, directory: Path) -> None:
        self.environment = installed.surroundings(
            PATH=f"{installed.environment}/bin:{os.environ['PATH']}", TERM="xterm", BROWSER="true"
        )
        self.directory = directory

    def type(self, line: str) -> tuple[int, str]:
        """The exit code, and all that was shown."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            ["env", "--default-signal=INT", "bash", "--noprofile", "--norc", "-c", line],  # which `make test &` ignores
            cwd=self.directory,
            env=self.environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as child:
            os.close(theirs)
            shown, stopped = "", False
            for piece in _pieces(ours):
                shown += piece
                self._answer(ours, piece)
                if not stopped and self._seen_enough(line, shown):
                    os.killpg(child.pid, signal.SIGINT)  # once: the second would end Python while it ends
                    stopped = True
            _end(child)
        os.close(ours)
        return child.returncode, shown

    @staticmethod
    def _answer(terminal: int, piece: str) -> None:
        if "[y/N]" in piece:
            os.write(terminal, b"y\n")
        elif "Press enter" in piece or re.search(r" \[[^]]+\]: $", piece):  # the obvious answer
            os.write(terminal, b"\n")

    @staticmethod
    def _seen_enough(line: str, shown: str) -> bool:
        """Whether what goes on for ever has shown something."""
        if "--watch" in line:
            return FLOATING in shown
        if "floatip wizard" in line and (link := LINK.search(shown)) and "Stop with Ctrl-C" in shown:
            assert urlopen(link[0], timeout=20).status == 200
            return True
        return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """Wait for what has closed its terminal; what has not, for all the time it had, is killed."""
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def _pieces(terminal: int) -> Iterator[str]:
    """What is shown, as it comes, until there is nobody who would show anything, or for too long."""
    until = time.monotonic() + 180
    with suppress(OSError):  # the other end is closed
        while select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
            if not (piece := os.read(terminal, 65536)):
                return
            yield piece.decode("utf-8", "replace")


@pytest.mark.no_lab
def test_the_commands_are_found() -> None:
    found = commands(*PAGES)
    assert "make test" in found and "make wizard" in found and "pipx install ." in found
    assert {line.split()[1] for line in found if line.startswith("floatip ")} >= {
        "check",
        "deploy",
        "status",
        "remove",
        "wizard",
    }


@pytest.mark.no_lab
def test_the_readme_is_short() -> None:
    for name in ("README.md", "README.ru.md"):
        assert len((ROOT / name).read_text("utf-8").splitlines()) <= 80


@pytest.mark.no_lab
def test_the_commands_are_the_same_in_russian() -> None:
    russian = {"README.md": "README.ru.md", **{f"docs/{name}": f"docs/ru/{name}" for name in TRANSLATED}}
    for english, other in russian.items():
        assert commands(english) == commands(other), other


@pytest.mark.hosts(State.READY)
def test_every_command(lab: Place, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    shell = Shell(Installed(tmp_path_factory.mktemp("installed")), tmp_path)
    (tmp_path / "inventories").mkdir()
    file = changes.inventory(tmp_path / "inventories" / "web.py", instance=FAST)
    text = (
        file.read_text()
        .replace("'.lab/id_ed25519'", repr(str(KEY)))
        .replace("'.lab/known_hosts'", repr(str(KNOWN_HOSTS)))
    )
    file.write_text(text.replace("\nlab = ", "\nweb = "))
    for number, name in enumerate(("one", "other"), 1):
        code, conf = shell.type(f"floatip render inventories/web.py --node d{number} >{name}.conf")
        assert code == 0, conf
    for line in commands(*PAGES):
        if line.startswith(ELSEWHERE):
            continue
        code, shown = shell.type(line)
        assert code == 0, f"{line}\n{shown}"
        if line == "floatip deploy inventories/web.py":
            settled(lab)
    assert lab.holders(FLOATING) == [] and not any(host.exists(CONF) for host in lab.servers)
