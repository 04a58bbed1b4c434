"""How the hosts of each state are made: on booted hosts, with the tools that people use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.host import Host
from lab.lab import USUAL, Lab
from lab.layers import PACKAGES, WALLS, State
from lab.shell import run
from lab.story import deploy

INSTALL = f"apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install {' '.join(PACKAGES)}"


def ready(suite: str, directory: Path) -> None:
    """One host with the packages; what is its own (name, addresses, keys) every other host has a file for, too."""
    with Lab.up({"d1": suite}) as lab:
        lab.host("d1").run(INSTALL, timeout=300)
        _keep(lab, directory, "d1")


def walled(suite: str, directory: Path) -> None:
    """A server for every way to keep a firewall."""
    with Lab.up({f"d{number}": suite for number in range(1, len(WALLS) + 1)}, state=State.READY) as lab:
        wall(lab.servers)
        _keep(lab, directory, *lab.containers)


def wall(servers: Sequence[Host]) -> None:
    """Set a firewall up on each of these, of which there are as many as of WALLS."""

    def put_up(host: Host, setup: Path) -> None:
        host.run(f"export DEBIAN_FRONTEND=noninteractive; set -e\n{setup.read_text()}", timeout=300)

    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(put_up, servers, WALLS.values()))


def deployed(suite: str, directory: Path) -> None:
    """Both servers after the deploy of `inventories/lab.py`."""
    with Lab.up(dict.fromkeys(USUAL, suite)) as lab, TemporaryDirectory() as state:
        deploy(Path(state))  # nobody has deployed these hosts, which are gone in a moment
        _keep(lab, directory, "d1", "d2")


def _keep(lab: Lab, directory: Path, *names: str) -> None:
    """Shut the hosts down and copy what they changed, with owners, devices and the overlay's own marks."""
    for name in names:
        host = lab.containers[name]
        host.shut_down()
        run(["cp", "-a", str(host.place / "upper"), str(directory / name)])


MAKERS: dict[State, Callable[[str, Path], None]] = {
    State.READY: ready,
    State.WALLED: walled,
    State.DEPLOYED: deployed,
}
