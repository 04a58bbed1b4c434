"""What a server keeps of a change, and that it decides in perl just what the model decides."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floatip.deploy.operations import pending
from floatip.hosts import daemon, daemon_script
from floatip.model import paths
from floatip.server_side import shell
from floatip.server_side.lease.model import What
from floatip.server_side.pending import change, model, voices
from floatip.server_side.pending.change import Brief, Change, Files
from floatip.server_side.pending.model import Known, Now, Voice, Way
from tests.examples import examples
from tests.unit.test_plan import text

RUN = "0123456789abcdef" * 2
OLD, NEW, OTHER = Voice("eth1", 101, 2, 4, True), Voice("eth1", 102, 2, 4, True), Voice("e,h$(id)", 103, 3, 6, False)
BRIEF = Brief(RUN, What.MOVE, 1_800_000_000, 63, True, "ann@desk")
KNOWN = Known({"VI_1": OLD, "VI_2": OTHER}, {"VI_1": NEW, "VI_2": OTHER}, frozenset({"10.9.1.61"}), 0.5)
CHANGE = Change(
    BRIEF,
    KNOWN,
    Files("old\n", None, None),
    Files("new\n", None, "2 VI_1=d2\n"),
    {"old\n": Way.BACK, "new\n": Way.ON, "between\n": Way.ON},
    {"VI_1": frozenset({"10.9.1.6"})},
)


def test_whose_it_is() -> None:
    written = change.write(CHANGE)
    assert change.read(written) == change.brief(written.splitlines()[1]) == BRIEF
    assert change.described("d1", BRIEF).startswith(
        "A change is in progress on d1: a move by ann@desk, started 2027-01-15"
    )
    assert change.as_dict(BRIEF)["within_seconds"] == 63


HOSTILE = [None, "", "floatip-change 1\n", "floatip-change 2\n" + change.brief_line(BRIEF), "run x", "\0" * 50_000]
HOSTILE += ["floatip-change 1\n" + change.brief_line(BRIEF).replace("ann", "\x1b[2Jann")]


@pytest.mark.parametrize("said", HOSTILE)
def test_what_cannot_be_understood_is_none(said: str | None) -> None:
    assert change.read(said) is None
    lines = [f"{daemon_script.MARK}=1", "links=[]", "up=1.0", f"change={(said or '')[:100]}"]
    assert daemon.parse(lines).change is None


def test_how_masters_sound() -> None:
    assert voices.of(text("d1")) == {"VI_1": Voice("eth1", 101, 2, 4, True)}
    assert voices.of(text("d1", virtual_router_id="102", version="3"))["VI_1"] == Voice("eth1", 102, 3, 4, True)
    assert voices.of("vrrp_instance VI_1 {\n    interface eth1\n}\n") == {}
    assert voices.of("vrrp_instance VI_1\n{ interface eth1 }") == voices.of("") == {}
    assert voices.advert_int(text("d1", advert_int="2.5")) == 2.5
    assert voices.advert_int("") == 1.0


# The twins


class Twin:
    """A server that is only a directory, with `watch.pl` and this change."""

    def __init__(self, root: Path, brief: Change) -> None:
        self.root = root
        (root / "run").mkdir(parents=True)
        for kind, (path, _) in change.PLACES.items():
            for way, files in ((Way.BACK, brief.previous), (Way.ON, brief.wanted)):
                if (said := files.texts()[kind]) is not None:
                    self.write(change.kept(brief.brief.run, way, kind), said)
                    if way is Way.BACK:
                        self.write(path, said)
        self.write(paths.CHANGE, change.write(brief))
        self.write(paths.WATCH, pending.watcher())
        if not brief.known.proved:
            self.write(paths.UNPROVED, "")

    def write(self, path: str, said: str) -> None:
        """A file below the root."""
        where = self.root / path.lstrip("/")
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(said)

    def files(self) -> dict[str, str]:
        """Path → text, of everything but the stubs."""
        found = (path for path in self.root.rglob("*") if path.is_file() and path.parent.name != "bin")
        return {f"/{path.relative_to(self.root)}": path.read_text() for path in found}

    def run(self, *words: str, said: str = "", **stubs: str) -> str:
        """What the program prints; `stubs`: commands in the place of the system's."""
        for name, body in stubs.items():
            self.write(f"/bin/{name.replace('_', '-')}", f"#!/bin/sh\n{body}\n")
            (self.root / "bin" / name.replace("_", "-")).chmod(0o755)
        path = {"PATH": f"{self.root}/bin:/usr/bin:/bin", "ROOT": str(self.root)}
        perl, watch = shutil.which("perl") or "perl", self.root / paths.WATCH.lstrip("/")
        done = subprocess.run(
            [perl, str(watch), *words], input=said, env=path, capture_output=True, text=True, check=False, timeout=30
        )
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout


KNOWNS = [
    KNOWN,
    Known({"VI_1": OLD, "VI_2": OLD}, {"VI_1": NEW, "VI_2": NEW}, KNOWN.members, 1.0),
    replace(KNOWN, wanted=KNOWN.previous),
]


def looks() -> Iterator[Now]:
    """Everything that can be seen."""
    voices = [(voice, source) for voice in (OLD, NEW) for source in ("10.9.1.61", "10.9.1.99")]
    sounds = [frozenset[tuple[Voice, str]](), *(frozenset({voice}) for voice in voices), frozenset(voices)]
    for side, leads, said in product(Way, ((), ("VI_1",), ("VI_1", "VI_2")), sounds):
        yield Now(side, frozenset(leads), said)


def asked(now: Now) -> str:
    """A look, as perl reads it."""
    leads = [f"leads {name}" for name in now.leads]
    return "\n".join([*leads, *(f"voice {voice} {source}" for voice, source in now.voices), f"side {now.live}\n"])


@pytest.mark.parametrize("known", KNOWNS)
@pytest.mark.parametrize("proved", [True, False])
def test_perl_decides_as_the_model(tmp_path: Path, known: Known, proved: bool) -> None:
    known, every = replace(known, proved=proved), list(looks())
    answers = Twin(tmp_path, replace(CHANGE, known=known)).run("decide", said="".join(map(asked, every))).splitlines()
    for now, answer in zip(every, answers, strict=True):
        expected = (model.decide(known, now), int(model.certain(known, now)), model.seconds(known, now.live))
        assert answer.split() == [str(way) for way in expected], now


SYSTEMCTL = 'echo "$*" >>"$ROOT/told"; case $1 in show) echo ${STATE:-active} ;; esac'
IP = 'echo "2: eth1    inet 10.9.1.6/24 scope global secondary eth1"'


@pytest.mark.parametrize("proved", [False, True])
def test_a_server_that_is_left_alone(tmp_path: Path, proved: bool) -> None:
    """No identity changes, so it need not listen."""
    known = Known({"VI_1": OLD}, {"VI_1": OLD}, KNOWN.members, 0.01, proved=proved)
    twin = Twin(tmp_path, replace(CHANGE, known=known))
    twin.write(paths.KEEPALIVED_CONF, "between\n")
    twin.write(paths.PENDING, "")
    twin.write(paths.LEASE, f"1 {RUN} 1 1 deploy - - ann@desk\n")
    (tmp_path / "etc/keepalived/keepalived.conf").chmod(0o600)
    twin.run("timer", RUN, systemctl=SYSTEMCTL, ip="exit 0")
    files = twin.files()
    calls = files.pop("/told").split("\n")
    way = CHANGE.wanted if proved else CHANGE.previous
    assert {path: said for path, said in files.items() if said} == {
        path: said for (path, _), said in zip(change.PLACES.values(), way.texts().values(), strict=True) if said
    }
    assert [line for line in calls if line.startswith("reload")] == ["reload keepalived.service"]
    assert (tmp_path / "etc/keepalived/keepalived.conf").stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_none_of_the_change_is_left_as_it_is(tmp_path: Path) -> None:
    twin = Twin(tmp_path, CHANGE)
    twin.write(paths.KEEPALIVED_CONF, "somebody's\n")
    said = twin.run("timer", RUN, systemctl=SYSTEMCTL, ip=IP)
    assert "left as it is" in said
    files = twin.files()
    assert files[paths.KEEPALIVED_CONF] == "somebody's\n"
    assert (paths.CHANGE in files, "/told" in files) == (False, False)


def test_another_runs_change_is_none_of_its_business(tmp_path: Path) -> None:
    twin = Twin(tmp_path, CHANGE)
    before = twin.files()
    assert twin.run("timer", "f" * 32, systemctl=SYSTEMCTL, ip=IP) == ""
    assert {path: said for path, said in twin.files().items() if path in before} == before


def test_at_boot_only_after_a_boot(tmp_path: Path) -> None:
    """Whoever restarts the daemon in the middle of a change is not in the way."""
    known = Known({"VI_1": OLD}, {"VI_1": OLD}, KNOWN.members, 0.01)
    twin = Twin(tmp_path, replace(CHANGE, known=known))
    twin.write(paths.KEEPALIVED_CONF, "between\n")
    twin.write(paths.WATCHED, "")
    run = {"systemctl": SYSTEMCTL, "ip": "exit 0", "systemd_run": 'echo "$*" >>"$ROOT/started"'}
    twin.run("boot", **run)
    assert twin.files()[paths.KEEPALIVED_CONF] == "between\n"
    (tmp_path / paths.WATCHED.lstrip("/")).unlink()
    twin.run("boot", **run)
    files = twin.files()
    assert (files[paths.KEEPALIVED_CONF], paths.CHANGE in files, paths.WATCHED in files) == ("old\n", True, True)
    assert f"timer {RUN}" in files["/started"]


@given(st.binary(max_size=400))
@examples(40)
def test_whatever_stands_in_the_file(said: bytes) -> None:
    assert change.read(said.decode("latin-1")) is None or said.startswith(b"floatip-change 1\n")


def test_it_is_small_and_needs_little() -> None:
    assert set(re.findall(r"^use ([A-Za-z:]+)", pending.watcher(), re.MULTILINE)) == {
        "strict",
        "warnings",
        "Fcntl",
        "Socket",
    }
    assert shell.checksum("old\n") in change.write(CHANGE)
