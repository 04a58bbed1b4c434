"""`floatip doctor` names the fault that was planted, first; on a healthy cluster it says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.names import DEFAULT_SUITE, SUITES
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import CONF, settled
from tests.lab.conftest import Labs, Runs, start

FIT = {"command": "/usr/bin/test -e /run/fit", "interval": 1, "timeout": 1, "fall": 1, "rise": 1}


@dataclass(frozen=True)
class Fault:
    """What the first finding is, what is done on which host, how it is undone, and words that are said."""

    code: str
    host: str
    do: str
    undo: str
    words: str = ""


def edit(setting: str, value: str) -> tuple[str, str]:
    """Change one setting of the live file and have the daemon read it; and back."""
    do = f"sed -i.was 's/{setting}/{value}/' {CONF} && systemctl reload keepalived"
    return do, f"mv {CONF}.was {CONF} && systemctl reload-or-restart keepalived"


DROP = (
    "apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install nftables >/dev/null; "
    "nft add table inet other; nft 'add chain inet other first { type filter hook input priority 0; }'; "
    "nft add rule inet other first meta l4proto 112 counter drop"
)
CUT = "; ".join(
    f"ip xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 proto {proto} dir {way} priority 1 action block"
    for proto, way in ((112, "in"), (112, "out"), (255, "out"))
)
FILL = "mount -t tmpfs -o size=16k tmpfs /var/log; head -c 16384 /dev/zero >/var/log/fill || true"
UNREAD = (
    f"cp {CONF} {CONF}.was; sed -i 's/priority 100/priority 99/' {CONF}; systemctl reload keepalived; sleep 1; "
    f"mv {CONF}.was {CONF}"
)
SECRET = "    authentication {\\n auth_type PASS\\n auth_pass x\\n }\\n    priority"
UP = "ip link set eth1 up; ip -6 addr add fd00:9:1::61/64 dev eth1 2>/dev/null || true"
FOREIGN = """
apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install keepalived
cat >/etc/keepalived/keepalived.conf <<'EOF'
vrrp_instance OTHER {
    interface eth1
    virtual_router_id 101
    priority 200
    advert_int 1
    virtual_ipaddress {
        10.9.1.77/24
    }
}
EOF
systemctl restart keepalived
"""
FAULTS = [
    Fault("stopped", "d1", "systemctl stop keepalived", "systemctl start keepalived"),
    Fault("stopped", "d2", "systemctl stop keepalived", "systemctl start keepalived"),
    Fault("not-enabled", "d2", "systemctl disable -q keepalived", "systemctl enable -q keepalived"),
    Fault(
        "masked",
        "d2",
        "systemctl mask --now -q keepalived",
        "systemctl unmask -q keepalived; systemctl start keepalived",
    ),
    Fault("drift", "d2", *edit("virtual_router_id 101", "virtual_router_id 77"), "virtual_router_id"),
    Fault("drift", "d2", *edit("advert_int 1", "advert_int 3"), "advert_int"),
    Fault("drift", "d1", *edit("priority 150", "priority 100"), "priority"),
    Fault("drift", "d2", *edit("10.9.1.6.24", "10.9.1.7\\/24"), "10.9.1.7/24"),
    Fault("drift", "d2", *edit("version 2", "version 3"), "version"),
    Fault(
        "drift",
        "d1",
        *edit("    priority", SECRET),
        "auth",
    ),
    Fault(
        "drift",
        "d2",
        f"cp {CONF} {CONF}.was; echo nonsense >>{CONF}; systemctl restart keepalived || true",
        f"mv {CONF}.was {CONF}; systemctl restart keepalived",
        "nonsense",
    ),
    Fault("no-configuration", "d2", f"mv {CONF} {CONF}.was", f"mv {CONF}.was {CONF}"),
    Fault(
        "not-loaded",
        "d2",
        UNREAD,
        "systemctl reload keepalived",
    ),
    Fault(
        "interface-down",
        "d2",
        "ip link set eth1 down",
        UP,
    ),
    Fault("address-not-on-interface", "d2", "ip addr del 10.9.1.61/24 dev eth1", "ip addr add 10.9.1.61/24 dev eth1"),
    Fault("held-by-hand", "d2", "ip addr add 10.9.1.6/24 dev eth1", "ip addr del 10.9.1.6/24 dev eth1"),
    Fault(
        "firewall",
        "d2",
        DROP,
        "nft delete table inet other",
        "counter packets",
    ),
    Fault(
        "unheard", "d2", CUT, CUT.replace(" add ", " delete ").replace(" priority 1 action block", ""), "advert_rcvd"
    ),
    Fault("foreign-vrrp", "client", FOREIGN, "systemctl stop keepalived"),
    Fault("address-taken", "client", "ip addr add 10.9.1.6/24 dev eth1", "ip addr del 10.9.1.6/24 dev eth1"),
    Fault("check-fails", "d1", "rm /run/fit", "touch /run/fit", "web"),
    Fault("check-fails", "d2", "rm /run/fit", "touch /run/fit", "web"),
    Fault(
        "script-security", "d2", "chmod 0666 /etc/keepalived/floatip-check", "chmod 0755 /etc/keepalived/floatip-check"
    ),
    Fault("no-log", "d1", "systemctl stop rsyslog syslog.socket", "systemctl start rsyslog"),
    Fault(
        "disk-full",
        "d2",
        FILL,
        "umount /var/log",
    ),
]
FEW = [FAULTS[4], *(one for one in FAULTS if one.code in ("firewall", "foreign-vrrp", "address-taken"))]
"""Those that look most different from one Debian to another."""


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest, labs: Labs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Place, Path]]:
    """One lab for all faults on the same Debian, with a health check; and its inventory."""
    lab = labs.up(request.param)
    for host in lab.servers:
        host.run("touch /run/fit")
    checked: dict[str, Any] = {"group": {"vrrp_scripts": {"web": FIT}}, "instance": {"track_script": ["web"]}}
    file = changes.inventory(tmp_path_factory.mktemp("doctor"), **checked)
    start("pyinfra", "-y", file, "deploy.py", check=True, timeout=180)
    yield lab, file
    labs.down()


def findings(floatip: Runs, file: Path) -> list[dict[str, Any]]:
    """What the doctor says."""
    answer = floatip("doctor", file, "--json", check=False)
    found: list[dict[str, Any]] = json.loads(answer.stdout)["findings"]
    assert answer.returncode == (1 if found else 0)
    return found


def said(finding: dict[str, Any]) -> str:
    """What it is, with the lines that show it."""
    return f"{finding['what']} {finding['evidence']}"


CASES = [
    pytest.param(suite, fault, id=f"{suite}-{fault.code}")
    for suite in SUITES
    for fault in (FAULTS if suite == DEFAULT_SUITE else FEW)
]


@pytest.mark.parametrize(("place", "fault"), CASES, indirect=["place"], scope="module")
def test_the_planted_fault_is_the_first_finding(place: tuple[Place, Path], floatip: Runs, fault: Fault) -> None:
    lab, file = place
    settled(lab)
    lab.host(fault.host).run(fault.do)
    try:
        first: dict[str, Any] = {}
        for _ in range(3):  # a change takes its moment to show
            first = next(iter(findings(floatip, file)), {})
            if first.get("code") == fault.code and fault.words in said(first):
                break
        assert first.get("code") == fault.code, first
        assert fault.words in said(first)
        assert first["node"] == fault.host or fault.host == "client" or fault.code == "unheard"
        assert first["mend"]
    finally:
        lab.host(fault.host).run(fault.undo)


@pytest.mark.parametrize("place", SUITES, indirect=True)
def test_a_healthy_cluster_is_left_alone(place: tuple[Place, Path], floatip: Runs) -> None:
    lab, file = place
    settled(lab)
    assert findings(floatip, file) == []
    answer = floatip("doctor", file)
    assert answer.stdout == f"● {file}: nothing is wrong.\n"


def test_a_server_that_is_off(lab: Place, floatip: Runs, deploy: Runs) -> None:
    deploy(changes.INVENTORY)
    settled(lab)
    lab.host("d2").power_off()
    (only,) = findings(floatip, changes.INVENTORY)
    assert (only["code"], only["node"]) == ("unreachable", "d2")
    answer = floatip("doctor", changes.INVENTORY, check=False)
    assert answer.stdout.startswith("1. d2 cannot be looked at.")
