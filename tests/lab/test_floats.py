"""The main job, from clean hosts to an address that floats: election, log, rotation, all of it back after a boot, and
from there to hosts that are as they were."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from floatip.change.plan import Kind
from floatip.deploy.operations.packages import parsed
from floatip.hosts.codes import Code
from floatip.model import paths
from floatip.model.problems import Level
from floatip.runs.events import Remark
from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING, SUITES
from lab.place import Place
from lab.watch import Watch
from tests import releases
from tests.lab import stories
from tests.lab.changes import CONF, Snapshot, inventory, left, snapshot, unnoticed
from tests.lab.conftest import Runs
from tests.lab.test_packages import deployed_while_waiting, hold
from tests.lab.test_removal import traces

LOG = "/var/log/keepalived.log"
MOVED = "/var/lib/floatip/moved"
MINE = "/etc/keepalived/mine"
SUDO = {"d2": {"ssh_user": "admin", "_sudo": True}}
"""One server is reached as root, the other one as a user with sudo."""


@pytest.mark.parametrize("suite", [*SUITES, *releases.COMING])
def test_from_clean_hosts_to_an_address_that_answers_and_back(
    lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    """All that each Debian has to show, told on one pair: one deploy from bare hosts and one removal serve it all."""
    d1, d2 = lab.servers
    for host in lab.hosts.values():
        assert f"VERSION_CODENAME={host.spec.suite}\n" in host.read("/etc/os-release")
    d1.write(MINE, "somebody's own\n")
    before = {host.name: snapshot(host) for host in lab.servers}
    assert not lab.client.answers(FLOATING)
    file = inventory(tmp_path / "lab.py", host=SUDO)
    installed_while_others_have_the_packages(lab, file)
    stories.settles(lab, "d1")
    stories.reaches(lab, d1.mac())

    d1.run("systemctl stop keepalived")
    stories.settles(lab, "d2")
    wait_until("d1's log has its transition", lambda: "(VI_1) Entering MASTER STATE" in d1.read(LOG))
    wait_until("d2's log has its transition", lambda: "(VI_1) Entering MASTER STATE" in d2.read(LOG))
    d1.run("systemctl start keepalived")
    stories.settles(lab, "d1")
    wait_until("d2's log says that it let go", lambda: d2.read(LOG).rstrip().endswith("(VI_1) Entering BACKUP STATE"))
    assert d2.run(f"stat -c '%a %U:%G' {LOG}").stdout == "640 root:adm\n"

    for host in lab.servers:
        two_forced_rotations_lose_no_line(host)
    moves_last_beyond_a_boot(lab, floatip, file)
    for host in (d2, d1):
        host.reboot()
        stories.settles(lab, "d1")
    stories.reaches(lab, d1.mac())
    wait_until("d2 runs", lambda: stories.runs(d2))
    again = deploy(file)
    assert again.planned.kind is Kind.NOTHING
    remarks = {(remark.path, remark.level) for remark in again.all(Remark) if remark.code == Code.UNTESTED_SYSTEM}
    coming = d1.spec.suite not in SUITES
    assert remarks == ({(f"nodes.{host.name}", Level.WARNING) for host in lab.servers} if coming else set())
    assert floatip("doctor", file, "--json").document["findings"] == []

    checked = {"vrrp_scripts": {"sshd": {"process": "sshd", "weight": -60}}}
    file = inventory(file, host=SUDO, instance={"track_script": ["sshd"], "use_vmac": True}, group=checked)
    deploy(file)
    stories.settles(lab, "d1")
    removed_without_a_trace(lab, floatip, file, before)


def installed_while_others_have_the_packages(lab: Place, file: Path) -> None:
    """Somebody else is at work on them on both servers, is waited for, and named."""
    for host in lab.servers:
        hold(host)
    answers = deployed_while_waiting(lab, file)
    waited = {event.path for event in answers if isinstance(event, Remark) and event.code == "packages-busy"}
    assert waited == {"nodes.d1", "nodes.d2"}
    for host in lab.servers:
        assert {"keepalived", "rsyslog", "logrotate"} <= set(parsed(host.read(paths.RECORD))["packages"].split())


def moves_last_beyond_a_boot(lab: Place, floatip: Runs, file: Path) -> None:
    """A client loses no ping by them, and a server that comes back leaves the address where it was moved to."""
    d1, d2 = lab.servers
    with unnoticed(lab, hands=1):
        floatip("move", file, "d2")
        stories.settles(lab, "d2")
    d1.reboot()
    wait_until("d1 runs", lambda: stories.runs(d1))
    stories.stays(lab, "d2", seconds=4)  # longer than one that would take it back waits
    with unnoticed(lab, hands=1):
        floatip("move", file, "d1")
        stories.settles(lab, "d1")
    assert d2.read(MOVED).split()[1:] == []


def removed_without_a_trace(lab: Place, floatip: Runs, file: Path, before: Mapping[str, Snapshot]) -> None:
    """The address goes once, the servers are as they were, and a second removal finds nothing to do."""
    d1, _ = lab.servers
    assert d1.exists("/etc/keepalived/floatip-check")
    assert [host.run(f"stat -c %a:%U:%G {CONF}").stdout for host in lab.servers] == ["640:root:root\n"] * 2
    with Watch(lab.servers, FLOATING) as watch:
        answer = floatip("remove", file, "--yes", "--json")
        assert lab.holders(FLOATING) == []
    assert answer.document["ok"] is True
    assert [(change.host, change.holds) for change in watch.changes] == [("d1", True), ("d1", False)]
    after = {host.name: snapshot(host) for host in lab.servers}
    for host in lab.servers:
        assert left(before[host.name], after[host.name]) == []
        assert traces(host) == []
    assert d1.read(MINE) == "somebody's own\n"
    floatip("remove", file, "--yes")
    assert all(after[host.name].differences(snapshot(host)) == [] for host in lab.servers)


def two_forced_rotations_lose_no_line(host: Host) -> None:
    """Lines are written until both are over; afterwards each of them stands in one of the files.

    The second rotation waits for a line, as an empty file is not rotated.
    """
    written = host.run(
        f"""
        rm -f /run/rotated
        {{ n=0; until [ -e /run/rotated ]; do n=$((n + 1)); logger -t Keepalived_vrrp "counted $n."; done; echo $n; }} &
        logrotate -f {paths.LOGROTATE_CONF} >&2
        tries=0; until [ -s {LOG} ] || [ $tries -ge 400 ]; do tries=$((tries + 1)); sleep 0.05; done
        logrotate -f {paths.LOGROTATE_CONF} >&2
        touch /run/rotated
        wait
        """
    )
    last = int(written.stdout)
    for file in (LOG, f"{LOG}.1", f"{LOG}.2.gz"):
        assert host.exists(file), file

    def counted() -> list[int]:
        lines = host.run(f"zcat -f {LOG}.2.gz {LOG}.1 {LOG} | sed -n 's/.*counted \\([0-9]*\\)\\.$/\\1/p'").stdout
        return [int(line) for line in lines.split()]

    wait_until(f"{host.name} has all {last} lines", lambda: len(counted()) >= last)
    assert counted() == list(range(1, last + 1))


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("servers", [3])
def test_with_three_nodes_the_address_goes_down_the_ranks_and_up_again(lab: Place, tmp_path: Path) -> None:
    d1, d2, d3 = lab.servers
    stories.deployed(lab, stories.cluster(stories.instance(servers=("d1", "d2", "d3"))), tmp_path)
    stories.settles(lab, "d1")
    for gone, next_one in ((d1, d2), (d2, d3)):
        gone.power_off()
        stories.settles(lab, next_one.name)
        stories.reaches(lab, next_one.mac())
    for back in (d2, d1):
        back.power_on()
        back.wait_ready()
        stories.settles(lab, back.name)
        stories.reaches(lab, back.mac())


@pytest.mark.hosts(State.READY)
def test_two_groups_one_of_each_family_each_server_preferred_for_one(lab: Place, tmp_path: Path) -> None:
    d1, d2 = lab.servers
    four = stories.instance()
    six = stories.instance("VI_6", ("d2", "d1"), vrid=106, address=stories.FLOATING6)
    stories.deployed(lab, stories.cluster(four, six), tmp_path)
    apart(lab)
    for cut, other in ((d1, d2), (d2, d1)):
        cut.link_down()
        both(lab, other)
        cut.link_up()
        apart(lab)
    d1.reboot()
    apart(lab)


def apart(place: Place) -> None:
    """Each address is with the server that is preferred for it, and answers."""
    for name, address in (("d1", FLOATING), ("d2", stories.FLOATING6)):
        stories.settles(place, name, address=address)
        stories.reaches(place, place.host(name).mac(), address=address)


def both(place: Place, host: Host) -> None:
    """Both addresses are with this server, and answer."""
    for address in (FLOATING, stories.FLOATING6):
        stories.settles(place, host.name, address=address)
        stories.reaches(place, host.mac(), address=address)
