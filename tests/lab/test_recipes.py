"""Every recipe of the documentation, deployed as it stands: the address is where it belongs and leaves a server that
fails, and everything can be taken away again.

Only how the servers are reached is the lab's. The software of a recipe is a stand-in: a few lines of Perl, or a shell
with the name of the process, that answer what the check of the recipe asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from floatip.model import inventory
from floatip.runs.events import Proved
from lab import Lab, routers
from lab.host import Host
from lab.layers import State
from lab.names import spec
from lab.paths import ROOT
from tests.lab import stories
from tests.lab.changes import write
from tests.lab.conftest import Labs, Runs
from tests.lab.test_checks import DNS, SECURE, WEB

RECIPES = ROOT / "inventories" / "recipes"
HOSTS = ("d1", "d2", "d3")
WITHIN = 20


@pytest.fixture(scope="module")
def place(labs: Labs) -> Iterator[Lab]:
    """Three servers for all recipes; the pair of routers has a second network between the first two and the third."""
    lab = labs.up(servers=3, state=State.READY)
    if not isinstance(lab, Lab):
        pytest.skip("the cables of a second network are laid in the lab on this machine only")
    yield lab
    labs.down()


@dataclass(frozen=True)
class StandIn:
    """What answers instead of the software: the command of a service, and the program that it may need."""

    command: str
    program: str


def _web(port: int, status: str = "200 OK") -> StandIn:
    text = WEB.replace("8080", str(port)).replace("203 Fine", status)
    return StandIn("/usr/bin/perl /usr/local/lib/stand-in.pl", text)


STAND_INS: Mapping[str, StandIn] = {
    "haproxy": _web(8404),
    "nginx": StandIn("/usr/local/bin/nginx /usr/local/lib/stand-in.pl", WEB.replace("8080", "80")),
    "kubernetes": StandIn("/bin/sh /usr/local/lib/stand-in.pl 6443", SECURE),
    "course": _web(80),
    "dns": StandIn(
        "/usr/bin/perl /usr/local/lib/stand-in.pl", DNS.replace("5353", "53").replace("\\x04good", "\\x07example")
    ),
}
"""Recipe → what runs on each of its servers; where it fails on the one with the address, that one gives it up."""
STOP, START = "systemctl stop stand-in", "systemctl start stand-in"
PAGE = "/var/www/html/index.html"
BREAK: Mapping[str, Sequence[tuple[str, str]]] = {
    **dict.fromkeys(STAND_INS, ((STOP, START),)),
    "kubernetes": (("sed -i s/200/500/ /run/6443/readyz", "sed -i s/500/200/ /run/6443/readyz"),),
    "course": ((STOP, START), (f"mv {PAGE} /tmp", f"mv /tmp/index.html {PAGE}")),
}
"""Recipe → what breaks it on a server, and what makes it whole again."""


@contextmanager
def deployed(place: Lab, name: str, deploy: Runs, floatip: Runs, path: Path) -> Iterator[dict[str, str]]:
    """The recipe on the lab's servers, proved by the deploy; which host each server of it is. It leaves as it came."""
    file = RECIPES / f"{name}.py"
    found = inventory.raw(file.read_text("utf-8"), file.name)
    assert isinstance(found, tuple)
    servers, data = found
    names = {server: host for (server, _), host in zip(servers, HOSTS, strict=False)}
    here = [(server, {**settings, **spec(names[server]).connection}) for server, settings in servers]
    made = write(path / file.name, here, data)
    try:
        proved = {proof.address: (names[proof.holder], proof.answers) for proof in deploy(made).all(Proved)}
        assert len(proved) == sum(len(instance["virtual_ipaddress"]) for instance in data["vrrp_instances"].values())
        for address, (holder, answers) in proved.items():
            assert answers is not False
            stories.settles(place, holder, address=address)
        yield {address: holder for address, (holder, _) in proved.items()}
        floatip("remove", made, "--yes")
    except BaseException:
        place.reset()
        raise
    for address in proved:
        assert place.holders(address) == []


@contextmanager
def standing_in(place: Lab, stand_in: StandIn) -> Iterator[None]:
    """The service runs on all servers."""
    for host in place.servers:
        host.write("/usr/local/lib/stand-in.pl", stand_in.program)
        host.run("echo fine >/run/page; cp /usr/bin/perl /usr/local/bin/nginx")
        host.run(f"mkdir -p {Path(PAGE).parent}; hostname >{PAGE}")
        host.write("/etc/systemd/system/stand-in.service", f"[Service]\nExecStart={stand_in.command}\n")
        host.run("systemctl daemon-reload && systemctl start stand-in")
    yield
    for host in place.servers:
        host.run(f"{STOP}; rm -r /etc/systemd/system/stand-in.service /usr/local/bin/nginx {Path(PAGE).parent}")


@pytest.mark.parametrize("name", STAND_INS)
def test_the_address_leaves_a_server_whose_software_fails(
    place: Lab, deploy: Runs, floatip: Runs, tmp_path: Path, name: str
) -> None:
    with standing_in(place, STAND_INS[name]), deployed(place, name, deploy, floatip, tmp_path) as held:
        ((address, holder),) = held.items()
        assert holder == "d1"
        for wrong, right in BREAK[name]:
            for command, holder in ((wrong, "d2"), (right, "d1")):
                place.host("d1").run(command)
                stories.settles(place, holder, address=address, within=WITHIN)


def test_the_address_follows_the_primary(place: Lab, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    """d1 leads while nobody is primary, or where it is; d2 has it once it has been promoted."""
    d1, d2, _ = place.servers
    with standing_in(place, _web(8008)):
        d2.run("systemctl stop stand-in")
        with deployed(place, "database", deploy, floatip, tmp_path) as held:
            ((address, holder),) = held.items()
            assert holder == "d1"
            for old, new in ((d1, d2), (d2, d1)):
                old.run("systemctl stop stand-in")
                new.run("systemctl start stand-in")
                stories.settles(place, new.name, address=address, within=WITHIN)


def _dead(host: Host) -> None:
    host.run("systemctl stop keepalived")


def _back(host: Host) -> None:
    host.run("systemctl start keepalived")


@pytest.mark.parametrize(("name", "home"), [("article", ["d1"]), ("two-addresses", ["d1", "d2"])])
def test_each_address_has_its_server_and_the_other_one_where_that_is_gone(
    place: Lab, deploy: Runs, floatip: Runs, tmp_path: Path, name: str, home: list[str]
) -> None:
    with deployed(place, name, deploy, floatip, tmp_path) as held:
        assert sorted(held.values()) == home
        for lost, left in (("d1", "d2"), ("d2", "d1")):
            _moves(place, dict.fromkeys(held, left), partial(_dead, place.host(lost)))
            _moves(place, held, partial(_back, place.host(lost)))


def test_between_data_centres_nothing_needs_multicast_and_nothing_comes_back(
    place: Lab, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    place.network.enter(["nft", "-f", "-"], stdin=NO_MULTICAST)
    try:
        with deployed(place, "data-centres", deploy, floatip, tmp_path) as held:
            ((address, first),) = held.items()
            other = "d2" if first == "d1" else "d1"
            _moves(place, {address: other}, partial(_dead, place.host(first)))
            _back(place.host(first))
            stories.stays(place, other, seconds=5, address=address)
    finally:
        place.unblock()


NO_MULTICAST = """\
add table bridge lab
add chain bridge lab forward { type filter hook forward priority 0; }
add rule bridge lab forward ip daddr 224.0.0.0/4 drop
"""


def test_both_sides_of_the_routers_move_together(place: Lab, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    """The last one: its cables stay."""
    routers.between(place, "d3", ("10.9.1.60", "10.9.2.60"))
    with deployed(place, "routers", deploy, floatip, tmp_path) as held:
        assert set(held.values()) == {"d1"}
        _moves(place, dict.fromkeys(held, "d2"), partial(routers.plug, place.network, "d1", False))
        assert place.client.answers(routers.address(spec("d3")))
        _moves(place, held, partial(routers.plug, place.network, "d1", True))


def _moves(place: Lab, to: Mapping[str, str], by: Callable[[], object]) -> None:
    by()
    for address, name in to.items():
        stories.settles(place, name, address=address, within=WITHIN)
