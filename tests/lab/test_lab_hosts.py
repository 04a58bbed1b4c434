"""The lab itself: real hosts, cables that can be cut, and nothing left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import Lab, LabError, Probe, cgroups, probe_for, runs, wait_until
from lab.host import Host
from lab.names import DEFAULT_SUITE
from lab.paths import ROOT, RUNS
from lab.place import Place
from lab.watch import Watch
from tests import releases
from tests.lab.conftest import Labs

nspawn_only = pytest.mark.skipif("config.getoption('--lab') != 'nspawn'", reason="about systemd-nspawn hosts")
ALL = pytest.mark.parametrize("place", releases.USUAL, indirect=True)
BOOKWORM = pytest.mark.parametrize("place", [DEFAULT_SUITE], indirect=True)


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, labs: Labs) -> Iterator[Place]:
    """One lab for all stories with the same Debian: none of them minds what was written or installed before."""
    yield labs.up(request.param, whole=True)
    labs.down()


@pytest.fixture
def none_up(labs: Labs) -> None:
    """For stories that start a lab themselves."""
    labs.down()


@ALL
def test_hosts_are_debian_with_the_articles_addresses(place: Place) -> None:
    for host in place.hosts.values():
        assert f"VERSION_CODENAME={host.spec.suite}" in host.read("/etc/os-release")
        assert host.spec.address in host.addresses()["eth1"]
        assert host.spec.address6 in host.addresses()["eth1"]
        assert host.run("systemctl is-system-running").stdout.strip() == "running"
    for server in place.servers:
        assert probe_for(place.client, server.spec.address, 0.3).lost == 0
        assert probe_for(place.client, server.spec.address6, 0.3).lost == 0
        assert place.client.neighbour(server.spec.address) == server.mac()


@ALL
def test_ssh_comes_in_for_root_and_for_a_user_with_sudo(place: Place) -> None:
    for host in place.hosts.values():
        assert host.ssh("hostname").stdout.strip() == host.name
        assert host.ssh("sudo -n id -un", user="admin").stdout.strip() == "root"


@nspawn_only
@ALL
def test_packages_can_be_installed_without_the_internet(place: Place) -> None:
    place.host("d1").run("apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install keepalived rsyslog")
    assert place.host("d1").run("systemctl is-enabled keepalived").stdout.strip() == "enabled"
    assert not place.host("d2").exists("/usr/sbin/keepalived")


@ALL
def test_a_reboot_keeps_the_disk_and_forgets_the_rest(place: Place) -> None:
    d1 = place.host("d1")
    d1.write("/etc/kept", "yes\n")
    d1.run("touch /run/forgotten && ip address add 10.9.1.6/24 dev eth1")
    d1.reboot()
    assert d1.read("/etc/kept") == "yes\n"
    assert not d1.exists("/run/forgotten")
    assert d1.addresses()["eth1"] == [d1.spec.address, d1.spec.address6]
    assert place.client.answers(d1.spec.address)


@BOOKWORM
def test_a_cut_cable_takes_the_carrier_and_leaves_ssh(place: Place) -> None:
    d1 = place.host("d1")
    d1.link_down()
    assert not d1.carrier()
    assert not place.client.answers(d1.spec.address)
    assert d1.ssh("hostname").stdout.strip() == "d1"
    assert place.client.answers(place.host("d2").spec.address)
    d1.link_up()
    wait_until("the carrier is back", d1.carrier)
    answers_again(place, d1)


@BOOKWORM
def test_a_host_without_power_is_silent_and_comes_back(place: Place) -> None:
    d1 = place.host("d1")
    d1.power_off()
    assert not d1.is_on()
    assert not d1.holds(d1.spec.address)
    assert not place.client.answers(d1.spec.address)
    assert d1.ssh("true", check=False).returncode == 255
    with pytest.raises(LabError, match="d1 is off"):
        d1.run("true")
    d1.power_on()
    d1.wait_ready()
    answers_again(place, d1)


@nspawn_only
@BOOKWORM
def test_a_host_that_ends_takes_nothing_from_its_namesake_in_another_lab(place: Place) -> None:
    """systemd-nspawn keeps a directory for each name, from which a host mounts, and removes it in the end."""
    others = Path("/run/systemd/nspawn/propagate/d2")
    others.mkdir(parents=True, exist_ok=True)
    place.host("d2").power_off()
    assert others.is_dir()
    place.host("d2").power_on()
    place.host("d2").wait_ready()


@BOOKWORM
def test_reset_makes_a_host_new_and_leaves_the_others(place: Place) -> None:
    for name in ("d1", "d2"):
        place.host(name).write("/etc/mine", "x")
    place.reset("d1")
    assert not place.host("d1").exists("/etc/mine")
    assert place.host("d2").exists("/etc/mine")


@nspawn_only
@BOOKWORM
def test_the_switch_can_drop_one_protocol_everywhere_or_one_way(place: Place) -> None:
    d1, d2 = place.host("d1").spec.address, place.host("d2").spec.address
    with place.partition(protocol=1):
        assert not place.client.answers(d1)
        assert place.client.run(f"ssh-keyscan -T 30 {d1}").stdout
    with place.partition(("d1", "client"), protocol=1):
        assert not place.client.answers(d1)
        assert place.client.answers(d2)
    assert place.client.answers(d1)


@BOOKWORM
def test_the_probe_and_the_watch_see_an_address_move(place: Place) -> None:
    add, remove = "ip address add 10.9.1.6/24 dev eth1", "ip address del 10.9.1.6/24 dev eth1"
    d1, d2 = place.servers
    d1.run(add)
    assert place.holders("10.9.1.6") == ["d1"]
    with Watch(place.servers, "10.9.1.6") as watch, Probe(place.client, "10.9.1.6", 5) as probe:
        d1.run(remove)
        d2.run(f"sleep 0.2; {add}; ip -json link >/dev/null")
        place.client.run("ip neigh flush 10.9.1.6")
        wait_until("the client reaches d2", lambda: place.client.neighbour("10.9.1.6") == d2.mac())
    assert place.holders("10.9.1.6") == ["d2"]
    assert [(change.host, change.holds) for change in watch.changes] == [("d1", True), ("d1", False), ("d2", True)]
    assert probe.pings.lost > 10
    assert 200 <= probe.pings.gap_ms < 1500
    assert watch.changes[1].at - 0.1 < probe.pings.gap_at < watch.changes[2].at


@nspawn_only
@pytest.mark.usefixtures("none_up")
def test_nothing_is_left_behind() -> None:
    with Lab.up() as lab:
        group, directory = lab.record.cgroup, lab.record.directory
        lab.host("d1").reboot()
        lab.host("d2").power_off()
        assert len(cgroups.processes(group)) > 10
    assert not cgroups.left(group)
    assert not directory.exists()
    assert not mounts()


@nspawn_only
def test_a_killed_run_takes_its_hosts_along_and_the_next_one_sweeps_up() -> None:
    code = "import sys\nfrom lab import Lab\nLab.up()\nprint('up', flush=True)\nsys.stdin.read()"
    argv = elsewhere(code)
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        record = runs.find(f"of-{child.pid}")
        assert record is not None
        assert cgroups.processes(record.cgroup)
        child.send_signal(signal.SIGKILL)
    wait_until("its hosts are gone", lambda: not cgroups.processes(record.cgroup))
    runs.sweep()
    assert not cgroups.left(record.cgroup)
    assert not record.directory.exists()
    assert not mounts()


@nspawn_only
@BOOKWORM
def test_a_lab_for_practice_can_be_up_at_the_same_time(place: Place) -> None:
    """In another namespace, as the practice lab is: the same ports, the same addresses, another lab."""
    place.host("d1").write("/etc/mine", "x")
    look = "lab.host('d1').ssh('ls /etc/mine', check=False).returncode"
    argv = elsewhere(f"from lab import Lab\nwith Lab.up() as lab:\n    print({look})")
    other = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=180, check=False)
    assert other.stdout == "2\n", other.stderr
    assert place.host("d1").ssh("ls /etc/mine").stdout == "/etc/mine\n"


@nspawn_only
@pytest.mark.usefixtures("none_up")
def test_the_same_lab_is_not_started_twice() -> None:
    with Lab.up(), pytest.raises(LabError, match="is up already"):
        Lab.up()


@nspawn_only
@pytest.mark.usefixtures("none_up")
def test_a_practice_lab_that_is_up_is_shown_again() -> None:
    code = f"""
import argparse
from lab import __main__ as program, runs
runs.PRACTICE = "shown-again"
asked = argparse.Namespace(servers=1, suite="{DEFAULT_SUITE}")
try:
    print("code", program.up(asked))
    print("code", program.up(asked))
finally:
    runs.find(runs.PRACTICE).destroy()
"""
    other = subprocess.run(elsewhere(code), capture_output=True, text=True, cwd=ROOT, timeout=180, check=False)
    first, second = other.stdout.split("code 0\n")[:2]
    assert first == second, other
    assert [line.split()[0] for line in first.splitlines()] == ["d1", "client"]


def answers_again(place: Place, host: Host) -> None:
    """Wait until the client reaches a host that it has asked for in vain: the kernel asks for its hardware address
    only once a second then, so the first ping may find none."""
    wait_until(f"{host.name} answers again", lambda: place.client.answers(host.spec.address), timeout=10)


def elsewhere(code: str) -> list[str]:
    """The command line that runs Python code in a network namespace of its own, as another session would be."""
    return ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", sys.executable, "-c", code]


def mounts() -> list[str]:
    """Mounts of any lab that can be seen from outside of it."""
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f" {RUNS}" in line]
