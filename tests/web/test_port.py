"""A wizard that is started again is where open pages look for it."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests import preloaded
from tests.running import Running, wizard


def started(directory: Path) -> AbstractContextManager[Running]:
    """A wizard that keeps everything in there."""
    return wizard(directory, preloaded.python())


def test_it_comes_back_on_its_port_where_that_is_free(network: None, tmp_path: Path) -> None:
    with started(tmp_path) as first, started(tmp_path) as beside:
        assert first.port != beside.port
    with started(tmp_path) as again:
        assert again.port == beside.port, "the one that was started last"
    with socket.create_server(("127.0.0.1", again.port)), started(tmp_path) as other:
        assert other.port not in (0, again.port)


@pytest.mark.parametrize("text", ["", "x", "0", "22", "99999", "-1", "\u0665" * 4, "1" * 5000])
def test_whatever_stands_where_the_port_was_kept(network: None, tmp_path: Path, text: str) -> None:
    kept = tmp_path / "state" / "floatip" / "port"
    kept.parent.mkdir(parents=True)
    kept.write_text(text)
    with started(tmp_path) as found:
        assert found.port > 1023
        assert kept.read_text() == f"{found.port}\n"


def test_a_state_that_cannot_be_written_hinders_nothing(network: None, tmp_path: Path) -> None:
    (tmp_path / "state" / "floatip" / "port").mkdir(parents=True)
    with started(tmp_path) as found:
        assert found.port
