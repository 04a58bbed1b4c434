"""A server is known by its host key, or nothing is done: from the terminal, with every kind of known_hosts file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.names import FLOATING
from lab.paths import KNOWN_HOSTS
from lab.place import Place
from tests.lab.changes import CONF, inventory
from tests.lab.conftest import Labs, Runs


def hashed(file: Path) -> None:
    """As `HashKnownHosts yes` writes it."""
    subprocess.run(["ssh-keygen", "-H", "-f", str(file)], check=True, capture_output=True)
    assert "127.0.0.1" not in file.read_text()


def swapped(file: Path) -> None:
    """The key of d1 for d2, and the other way round."""
    (first, key), (other, another) = (line.rsplit(" ", 1) for line in file.read_text().splitlines()[:2])
    file.write_text(f"{first} {another}\n{other} {key}\n")


def swapped_and_hashed(file: Path) -> None:
    """Both."""
    swapped(file)
    hashed(file)


def away(file: Path) -> None:
    """Not even its directory is there."""
    file.unlink()
    file.parent.rmdir()


def empty(file: Path) -> None:
    """Nobody is known."""
    file.write_text("")


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A file with the keys of the lab's servers, d1's first, and none of its own place."""
    lines = sorted(line for line in KNOWN_HOSTS.read_text().splitlines() if ":2216" in line or ":2261" in line)
    assert len(lines) == 2
    file = tmp_path / "ssh" / "known_hosts"
    file.parent.mkdir()
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


@pytest.fixture(scope="module")
def clean(labs: Labs) -> Iterator[Place]:
    """One lab for all of them: nothing is changed there."""
    yield labs.up()
    labs.down()


def trusting(known: Path, tmp_path: Path) -> Path:
    """The lab's inventory, with that file."""
    return inventory(tmp_path, host={key: {"ssh_known_hosts_file": str(known)} for key in ("d1", "d2")})


UNKNOWN, CHANGED = "No host key for [127.0.0.1]", "Host key for 127.0.0.1 does not match."


@pytest.mark.parametrize(
    ("spoilt", "why"), [(away, UNKNOWN), (empty, UNKNOWN), (swapped, CHANGED), (swapped_and_hashed, CHANGED)]
)
def test_whoever_is_not_known_is_left_alone(
    clean: Place, deploy: Runs, floatip: Runs, known: Path, tmp_path: Path, spoilt: Callable[[Path], None], why: str
) -> None:
    spoilt(known)
    before = known.read_text() if known.exists() else None
    file = trusting(known, tmp_path)
    refused = deploy(file, check=False)
    assert refused.returncode != 0
    assert refused.stderr.count(f"({why}") + refused.stderr.count(f"(StrictPolicy: {why}") == 2, refused.stderr
    asked = floatip("status", file, "--json", check=False)
    assert asked.returncode == 3
    assert set(json.loads(asked.stdout)["failures"]) == {"d1", "d2"}
    assert (known.read_text() if known.exists() else None) == before  # nobody was added in passing
    for host in clean.servers:
        assert host.run(f"test -e {CONF}", check=False).returncode == 1


@pytest.mark.parametrize("written", [hashed, lambda file: None], ids=["hashed", "plain"])
def test_whoever_is_known_is_served(
    clean: Place, deploy: Runs, known: Path, tmp_path: Path, written: Callable[[Path], None]
) -> None:
    written(known)
    answer = deploy(trusting(known, tmp_path), "--dry")
    assert "Traceback" not in answer.stderr
    assert clean.holders(FLOATING) == []
