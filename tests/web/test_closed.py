"""Where no server listens: a real child process says what the other tests take for granted."""

from __future__ import annotations

from typing import Any

import pytest

from floatip.hosts import probe
from floatip.hosts.monitor import snapshots, understood
from tests.web.conftest import closed

HOSTS: list[tuple[str, dict[str, Any]]] = [
    (name, {"ssh_hostname": "127.0.0.1", "ssh_port": port, "ssh_user": "root"}) for name, port in (("d1", 1), ("d2", 2))
]


@pytest.mark.usefixtures("network", "forks")
def test_a_look() -> None:
    assert probe.ask(HOSTS) == closed(HOSTS)


@pytest.mark.usefixtures("network", "forks")
def test_a_round() -> None:
    [seen] = snapshots(HOSTS, 0.1, 1)
    expected = understood(closed(HOSTS), dict(HOSTS))
    assert (seen.found, seen.failures) == ({}, expected.failures)
