"""`python -m tests.bench.fleet [--lab N] [COUNT …]`: how soon the start page is true of so many clusters of two, which
answer from loopback what real servers have said; how often each is asked, and that nobody is asked where no page is
open. With `--lab`, up to N of the clusters are deployed on booted lab hosts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import paramiko
from flask.testing import FlaskClient

from floatip.model.cluster import Cluster
from floatip.runs import deployed
from lab import Lab, namespace
from lab.layers import State
from lab.names import MOST_SERVERS
from tests.bench import inventories, measure, recorded_ssh
from tests.bench.pages import clock
from tests.recorded.doctor_answers import cluster
from wizard import context, create_app
from wizard.hosts import monitors

COUNTS = {1: 2.0, 10: 5.0, 50: 15.0}
"""Clusters → seconds within which each card is to be true."""
REFRESH = 2.0  # seconds after which the page asks again by itself


@contextmanager
def servers(place: Path, count: int) -> Iterator[None]:
    """So many of them."""
    argv = [sys.executable, "-m", "tests.bench.recorded_ssh", str(place), str(count)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin and child.stdout
        assert child.stdout.readline() == "listening\n"
        try:
            yield
        finally:
            child.stdin.close()


def clusters(place: Path, count: int) -> list[Cluster]:
    """Each has two of the servers, and a key that they let in."""
    key = place / "key"
    paramiko.ECDSAKey.generate().write_private_key_file(str(key))
    first = cluster()
    made = []
    for number in range(count):
        nodes = tuple(
            replace(node, connection=_connection(place, 2 * number + 1 + member))
            for member, node in enumerate(first.nodes)
        )
        made.append(replace(first, name=f"c{number:02}", nodes=nodes, client=()))
    return made


def _connection(place: Path, number: int) -> tuple[tuple[str, str | int], ...]:
    return (
        ("ssh_hostname", recorded_ssh.address(number)),
        ("ssh_key", str(place / "key")),
        ("ssh_known_hosts_file", str(place / "known_hosts")),
        ("ssh_port", recorded_ssh.PORT),
        ("ssh_strict_host_key_checking", "yes"),
        ("ssh_user", "root"),
    )


def deployed_pairs(place: Path, count: int) -> list[Cluster]:
    """So many on lab hosts, by one real deploy."""
    if count:
        measure.deploy(inventories.pairs(place, count))
    return [inventories.pair(number) for number in range(1, count + 1)]


def take(count: int, goal: float, lab: Lab | None, booted: int) -> None:
    """Print how it went. `booted`: how many pairs the lab has."""
    real, rest = min(booted, count), max(0, count - booted)
    with tempfile.TemporaryDirectory(prefix="floatip-bench-") as name:
        place = Path(name)
        os.environ["XDG_STATE_HOME"] = str(place / "state")
        app = create_app(place / "wizard", place / "inventories")
        for described in deployed_pairs(place, real):
            context.of(app).inventories.save(described)
        for described in clusters(place, rest):
            context.of(app).inventories.save(described)
            deployed.keep(described)
        client = app.test_client()
        client.get(f"/start/{context.of(app).start_link.token}").close()
        with servers(place, 2 * rest) if rest else nullcontext():
            begun = time.monotonic()
            first = _until(client, lambda text: text.count('data-level="good"') == count)
            pages = [clock(lambda: client.get("/").close()) for _ in range(7)]
            before = time.thread_time()
            client.get("/").close()
            cost = time.thread_time() - before
            _stop(place, lab)
            noticed = _until(client, lambda text: 'data-need="server"' in text)
            _until(client, lambda _: time.monotonic() - begun > first + 3 * monitors.EACH * 2 * count + 6)
            asked = _recorded(place) if rest else ""
            if lab:
                lab.host("d2").run("systemctl start keepalived")
        print(
            f"  {count:3} clusters, {real} on lab hosts: all known to be well after {first:5.1f} s (goal {goal:.0f}); "
            f"a daemon that stops is seen after {noticed:4.1f} s; page {1000 * statistics.median(pages):5.1f} ms, "
            f"{1000 * cost:.1f} of the processor's{asked}",
            flush=True,
        )


def _recorded(place: Path) -> str:
    """What those say that write down when they are asked."""
    gaps, quiet = _gaps(place), _quiet(place)
    return (
        f"; between two looks at a recorded server {min(gaps):.2f} to {max(gaps):.2f} s; "
        f"asked {quiet} times once no page was open"
    )


def _stop(place: Path, lab: Lab | None) -> None:
    """End the daemon of the second server: the real one, where there is one."""
    if lab:
        lab.host("d2").run("systemctl stop keepalived")
    else:
        (place / "stopped").write_text("2")


def _until(client: FlaskClient, right: object) -> float:
    """Seconds until the page says so, which is asked for as an open page asks for itself, and a little more often."""
    begun = time.monotonic()
    while not right(client.get("/").text):  # type: ignore[operator]
        assert time.monotonic() - begun < 120
        time.sleep(REFRESH / 8)
    return time.monotonic() - begun


def _asked(place: Path) -> list[tuple[float, str]]:
    """When each server was looked at: a glance that finds something new is looked into at once, which is one look."""
    lines = [line.split() for line in (place / "asked").read_text().splitlines()]
    found, glanced = [], dict[str, float]()
    for at, number, kind in lines:
        deeper = kind == "look" and float(at) - glanced.get(number, 0.0) < 1.0
        if kind != "state" and not deeper:
            found.append((float(at), number))
        glanced = {**glanced, number: float(at)} if kind == "glance" else glanced
    return found


def _gaps(place: Path) -> list[float]:
    """Seconds between two looks at the same server."""
    times: dict[str, list[float]] = defaultdict(list)
    for at, number in _asked(place):
        times[number].append(at)
    return [after - before for each in times.values() for before, after in pairwise(each)] or [0.0]


def _quiet(place: Path) -> int:
    """How often servers are asked later than the page is taken for closed."""
    closed = time.monotonic()
    time.sleep(monitors.FORGOTTEN + 15)
    return sum(at > closed + monitors.FORGOTTEN + 3 for at, _ in _asked(place))


def main() -> None:
    """Each count once."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fleet", description=__doc__)
    most = MOST_SERVERS // 2
    parser.add_argument(
        "--lab",
        type=int,
        default=0,
        choices=range(most + 1),
        metavar="N",
        help=f"at most so many clusters on lab hosts, 0 to {most}; needs root",
    )
    parser.add_argument("counts", nargs="*", type=int, default=[*COUNTS], help="clusters")
    args = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"start page, servers answered by loopback SSH with recorded facts; load of this machine {load:.1f}")
    booted = min(args.lab, max(args.counts))
    if booted:
        namespace.isolate()
    names = [f"d{number}" for number in range(1, 2 * booted + 1)]
    with Lab.up(dict.fromkeys(names, "bookworm"), state=State.READY) if booted else nullcontext() as lab:
        for count in args.counts:
            take(count, COUNTS.get(count, 15.0), lab, booted)


if __name__ == "__main__":
    main()
