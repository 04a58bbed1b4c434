"""A health check that cannot succeed is told by the deploy and by the status, on every Debian; and stops neither.

Each kind of check with the service that it looks at: it fails and recovers, and the address goes and comes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from floatip.deploy.operations.packages import parsed
from floatip.hosts.daemon import Health
from floatip.model import paths
from floatip.operate.doctor.model import Code as DoctorCode
from floatip.operate.status import Cause, Code
from floatip.runs.events import CheckSeen, CheckTried, TrialResult
from lab import wait_until
from lab.layers import State
from lab.names import FLOATING, SUITES
from lab.place import Place
from tests import releases
from tests.lab import changes, stories
from tests.lab.changes import settled
from tests.lab.conftest import Runs
from tests.lab.ran import Ran
from tests.lab.test_removal import installed
from tests.lab.test_status import status_row

OWN = "/usr/local/lib/web.sh"
CHECKS: dict[str, dict[str, object]] = {
    "web": {"command": OWN, "weight": -60},
    "secret": {"command": "/usr/bin/tail -n1 /etc/shadow", "interval": 1, "weight": -60},
    "fit": {"command": "/usr/bin/test -d /etc"},
}


def tried(run: Ran) -> dict[tuple[str, str], tuple[TrialResult, bool]]:
    """(server, check) → how it ended, and whether something was said of it."""
    return {(trial.node, trial.check): (trial.result, bool(trial.message)) for trial in run.all(CheckTried)}


def seen(run: Ran) -> dict[tuple[str, str], Health]:
    """(server, check) → what the daemon says at the end."""
    return {(check.node, check.check): check.health for check in run.all(CheckSeen)}


FIT = """\
#!/bin/sh
id -un >/var/tmp/ran-as
test -e /run/$1
"""


@pytest.mark.hosts(State.READY)
def test_a_check_beside_the_inventory(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    """Shipped with its user, changed, and taken away again when it is dropped."""
    d1, d2 = lab.servers
    check = {"command": "fit.sh fit", "user": "daemon", "interval": 1, "timeout": 1, "fall": 1, "rise": 1}
    settings: dict[str, Any] = {
        "group": {"vrrp_scripts": {"fit": check}},
        "instance": {**changes.FAST, "track_script": ["fit"]},
    }
    file = changes.inventory(tmp_path / "lab.py", **settings)
    assert floatip("check", file, check=False).returncode == 2, "the script is not there"
    assert deploy(file, check=False).returncode != 0
    assert not d1.exists(paths.KEEPALIVED_CONF)

    (tmp_path / "fit.sh").write_text(FIT)
    for host in lab.servers:
        host.run("touch /run/fit; install -o daemon -m 600 /dev/null /var/tmp/ran-as")
    run = deploy(file)
    stories.settles(lab, "d1")
    assert tried(run) == {(node, "fit"): (TrialResult.WELL, False) for node in ("d1", "d2")}
    assert seen(run) == {(node, "fit"): Health.WELL for node in ("d1", "d2")}
    assert [host.read("/var/tmp/ran-as").strip() for host in lab.servers] == ["daemon", "daemon"]
    assert d1.run(f"stat -c '%U:%G %a' {paths.SCRIPTS}/fit.sh.*").stdout.strip() == "root:root 755"
    assert deploy(file).changes == []
    d1.run("rm /run/fit")
    stories.settles(lab, "d2")
    d1.run("touch /run/fit")
    stories.settles(lab, "d1")

    d1.run(f"cd {paths.SCRIPTS} && echo exit 0 >>$(ls) && touch 'somebody else~'")
    assert DoctorCode.SCRIPT_NOT_RUN in str(floatip("doctor", file, "--json", check=False).document)
    assert floatip("check", file, "--live", check=False).returncode == 1
    (tmp_path / "fit.sh").write_text(FIT.replace("/run/$1", "/run/$1.again"))
    d1.run(f"rm {paths.SCRIPTS}/*~")
    d2.run("touch /run/fit.again")
    run = deploy(file)
    assert {key: end for key, (end, _) in tried(run).items()} == {
        ("d1", "fit"): TrialResult.FAILED,
        ("d2", "fit"): TrialResult.WELL,
    }
    stories.settles(lab, "d2")
    d1.run("touch /run/fit.again")
    stories.settles(lab, "d1")
    assert [d.run(f"ls {paths.SCRIPTS} | wc -l").stdout.strip() for d in lab.servers] == ["1", "1"]

    deploy(changes.inventory(tmp_path / "lab.py", instance=changes.FAST))
    stories.settles(lab, "d1")
    assert not any(host.exists(paths.SCRIPTS) for host in lab.servers)
    deploy(changes.inventory(tmp_path / "lab.py", **settings))
    assert all(host.exists(paths.SCRIPTS) for host in lab.servers)
    floatip("remove", file, "--yes")
    assert not any(host.exists(paths.SCRIPTS) for host in lab.servers)


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("suite", [*SUITES[:-1], pytest.param(SUITES[-1], marks=pytest.mark.soak)])
def test_a_check_that_cannot_succeed(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    nodes = ("d1", "d2")
    for host in lab.servers:
        host.run(f"printf '#!/bin/sh\\n' >{OWN}; chmod 0700 {OWN}")
    file = changes.inventory(tmp_path, group={"vrrp_scripts": CHECKS}, instance={"track_script": list(CHECKS)})
    assert tried(deploy("--dry", file)) == {}

    run = deploy(file)
    settled(lab)
    ends = {"web": TrialResult.NOT_RUN, "secret": TrialResult.FAILED, "fit": TrialResult.WELL}
    expected = {(node, check): (end, check != "fit") for node in nodes for check, end in ends.items()}
    assert (run.returncode, tried(run)) == (0, expected)
    assert all("denied" in trial.said for trial in run.all(CheckTried) if trial.check != "fit")
    verdicts = {"web": Health.DISABLED, "secret": Health.FAILS, "fit": Health.WELL}
    assert seen(run) == {(node, check): verdict for node in nodes for check, verdict in verdicts.items()}
    code, row = status_row(floatip, file)
    assert (code, row["verdict"], row["code"], row["cause_code"]) == (0, "good", Code.HELD, Cause.CHECKS_FAIL)
    weighed = {name: (node["priority"], node["checks"]) for name, node in row["nodes"].items()}
    checks = {"web": False, "secret": False, "fit": True}
    assert weighed == {"d1": (90, checks), "d2": (40, checks)}

    again = deploy(file)
    assert (again.returncode, again.changes, tried(again), seen(again)) == (0, [], {}, {})

    for host in lab.servers:
        host.run(f"chmod 0755 {OWN}")
    mended = {**CHECKS, "secret": {**CHECKS["secret"], "command": "/usr/bin/tail -n1 /etc/passwd"}}
    file = changes.inventory(tmp_path, group={"vrrp_scripts": mended}, instance={"track_script": list(mended)})
    run = deploy(file)
    assert tried(run) == {(node, "secret"): (TrialResult.WELL, False) for node in nodes}
    assert seen(run) == {(node, check): Health.WELL for node in nodes for check in mended}
    wait_until("all is well", lambda: status_row(floatip, file)[1]["cause_code"] is None)
    code, row = status_row(floatip, file)
    assert (code, row["verdict"], row["code"]) == (0, "good", Code.HELD)
    assert {name: node["priority"] for name, node in row["nodes"].items()} == {"d1": 150, "d2": 100}


WEB = """\
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8080", Listen => 9, ReuseAddr => 1) or die $@;
while (my $client = $server->accept) {
    while (defined(my $line = <$client>)) { last if $line =~ /^\\r?$/ }
    open my $page, "<", "/run/page";
    print $client "HTTP/1.0 203 Fine\\r\\n\\r\\n", <$page>;
    close $client;
}
"""
DNS = """\
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1:5353", Proto => "udp") or die $@;
while (defined $server->recv(my $asked, 512)) {
    my $known = index($asked, "\\x04good") > 0 ? 1 : 0;
    $server->send(substr($asked, 0, 2) . pack("n5", $known ? 0x8180 : 0x8183, 1, $known, 0, 0) . substr($asked, 12));
}
"""
SECURE = """\
mkdir -p "/run/$1" && cd "/run/$1" || exit
printf 'HTTP/1.0 200 OK\\r\\n\\r\\nall is well\\n' >readyz
made() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \\
        -addext subjectAltName=IP:127.0.0.1 -keyout "$1.key" -out "$1.pem"
}
# openssl comes with the deploy
until made web && made other; do sleep 0.1; done 2>/dev/null
cp web.pem ca.pem
exec openssl s_server -quiet -HTTP -accept "127.0.0.1:$1" -cert web.pem -key web.key
"""
KINDS: dict[str, dict[str, object]] = {
    "page": {"http": "http://127.0.0.1:8080/", "status": "200-299", "text": "all is well"},
    "site": {"https": "https://127.0.0.1:8443/readyz", "ca": "/run/8443/ca.pem", "text": "all is well"},
    "any": {"https": "https://127.0.0.1:8444/readyz", "insecure": True},
    "names": {"dns": "good.test", "server": "127.0.0.1:5353"},
    "ready": {"file": "/run/ready"},
    "unit": {"unit": "work.service"},
}
BREAK = {
    "page": ("echo all is lost >/run/page", "echo all is well >/run/page", "lacks the text"),
    "site": ("cp /run/8443/other.pem /run/8443/ca.pem", "cp /run/8443/web.pem /run/8443/ca.pem", "verify error"),
    "any": ("systemctl stop any", "systemctl restart any", "no answer from 127.0.0.1:8444"),
    "names": ("systemctl stop names", "systemctl restart names", "no answer from 127.0.0.1, port 5353"),
    "ready": ("rm /run/ready", "touch /run/ready", "No such file"),
    "unit": ("systemctl stop work", "systemctl restart work", "work.service: inactive"),
}
"""Health check → what makes it fail, what makes it succeed, and what the doctor shows of it then."""
UNITS = {
    "web": "/usr/bin/perl /usr/local/lib/web.pl",
    "site": "/bin/sh /usr/local/lib/secure.sh 8443",
    "any": "/bin/sh /usr/local/lib/secure.sh 8444",
    "names": "/usr/bin/perl /usr/local/lib/names.pl",
    "work": "/bin/sleep infinity",
}
QUICK = {"interval": 1, "fall": 1, "rise": 1, "weight": -60}


def with_services(lab: Place) -> None:
    """What the checks look at, on all servers, and all of it in order."""
    for host in lab.servers:
        host.write("/usr/local/lib/web.pl", WEB)
        host.write("/usr/local/lib/names.pl", DNS)
        host.write("/usr/local/lib/secure.sh", SECURE)
        for name, command in UNITS.items():
            host.write(f"/etc/systemd/system/{name}.service", f"[Service]\nExecStart={command}\n")
        host.run("; ".join(right for _, right, _ in BREAK.values()) + "; systemctl start web site")


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("suite", releases.USUAL)
def test_each_kind_of_check_moves_the_address(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    """openssl, which d2 has already, comes to d1 with the deploy and goes with the removal."""
    with_services(lab)
    first, second = lab.servers
    second.run("DEBIAN_FRONTEND=noninteractive apt-get -qqy install openssl", timeout=120)
    assert not installed(first, "openssl")
    checks = {name: {**kind, **QUICK} for name, kind in KINDS.items()}
    file = changes.inventory(tmp_path, group={"vrrp_scripts": checks}, instance={"track_script": list(checks)})
    run = deploy(file)
    settled(lab)
    assert seen(run) == {(node, check): Health.WELL for node in ("d1", "d2") for check in checks}
    assert [parsed(host.read(paths.RECORD))["packages"] for host in lab.servers] == ["openssl", ""]
    for wrong, right, _ in BREAK.values():
        first.run(wrong)
        settled(lab, "d2")
        first.run(right)
        settled(lab)

    first.run("; ".join(wrong for wrong, _, _ in BREAK.values()))
    wait_until("all of them fail", lambda: status_row(floatip, file)[1]["nodes"]["d1"]["priority"] == 1)
    found = json.loads(floatip("doctor", file, "--json", check=False).stdout)["findings"]
    said = {
        words: finding["evidence"]
        for finding in found
        if finding["code"] == "check-fails"
        for words in finding["evidence"]
    }
    assert len(said) == len(BREAK), found
    assert all(any(words in line for line in said) for _, _, words in BREAK.values()), said
    first.run("; ".join(right for _, right, _ in BREAK.values()))
    settled(lab)
    assert deploy(file).changes == []
    floatip("remove", file, "--yes")
    assert lab.holders(FLOATING) == []
    assert [installed(host, "openssl") for host in lab.servers] == [False, True]
