"""What can be wrong with a cluster, planted on hosts of the lab: for the doctor, live and recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from floatip.hosts import daemon, daemon_script
from floatip.hosts.daemon import DaemonState
from lab import wait_until
from lab.host import Host
from lab.place import Place
from tests.lab.changes import CONF, settled
from tests.lab.conftest import start
from tests.recorded.doctor_answers import INVENTORY

Shown = Callable[[DaemonState], bool]


def _at_once(_: DaemonState) -> bool:
    return True


@dataclass(frozen=True)
class Fault:
    """What the first finding is, what is done on which host, how it is undone, and words that are said.

    `shows`: when its daemon has noticed; `then`: what is done after that.
    """

    code: str
    host: str
    do: str
    undo: str
    words: str = ""
    shows: Shown = _at_once
    then: str = ":"

    @property
    def name(self) -> str:
        """Another for each fault, and fit for a file's name."""
        return re.sub(r"[^a-z0-9.]+", "-", f"{self.code}-{self.host}-{self.words}".lower()).strip("-")

    def plant(self, lab: Place) -> None:
        """Do it, and wait until it shows."""
        lab.host(self.host).run(self.do)
        if self.shows is not _at_once:
            wait_until(f"{self.name} shows", lambda: self.shows(look(lab.host(self.host))), every=0.2)
        lab.host(self.host).run(self.then)

    def clear(self, lab: Place) -> None:
        """Undo it."""
        lab.host(self.host).run(self.undo)

    def explains(self, first: dict[str, Any]) -> bool:
        """Whether a finding is the one that this fault must lead to."""
        on_server = first.get("node") == self.host or self.host == "client" or self.code == "unheard"
        text = f"{first.get('what')} {first.get('evidence')}"
        return first.get("code") == self.code and on_server and self.words in text and bool(first.get("mend"))


def look(host: Host) -> DaemonState:
    """How its keepalived is."""
    return daemon.parse(host.run(daemon_script.LOOK).stdout.splitlines())


def prepare(lab: Place) -> None:
    """Deploy the inventory of the recordings, its health check content."""
    for host in lab.servers:
        host.run("touch /run/fit")
    start("pyinfra", "-y", INVENTORY, "deploy.py", check=True, timeout=180)


def bring_back(lab: Place, name: str) -> None:
    """Switch a server on again, and have its health check content."""
    host = lab.host(name)
    host.power_on()
    host.wait_ready()
    host.run("touch /run/fit")


def healthy(lab: Place) -> None:
    """Wait until d1 leads, d2 stands by, and the health check is content on both: nothing of the last fault is left."""
    settled(lab)
    for name, state in (("d1", "master"), ("d2", "backup")):
        wait_until(f"{name} is {state} and well", lambda: _well(look(lab.host(name)), state), every=0.2)  # noqa: B023


def _well(own: DaemonState, state: str) -> bool:
    running = own.instances.get("VI_1")
    return running is not None and running.state == state and own.checks.get("web") is True


def _edit(setting: str, value: str) -> tuple[str, str]:
    """Change one setting of the live file and have the daemon read it; and back."""
    do = f"sed -i.was 's/{setting}/{value}/' {CONF} && systemctl reload keepalived"
    return do, f"mv {CONF}.was {CONF} && systemctl reload-or-restart keepalived"


def _until(command: str) -> str:
    """Poll; `Host.run` gives up after a minute."""
    return f"until {command}; do sleep 0.1; done"


def _installed(package: str, program: str) -> str:
    install = f"DEBIAN_FRONTEND=noninteractive apt-get -qq -y install {package} >/dev/null"
    return f"command -v {program} >/dev/null || {{ apt-get -qq update; {install}; }}"


def _leads(own: DaemonState) -> bool:
    return "VI_1" in own.instances and own.instances["VI_1"].state == "master"


def _fails(own: DaemonState) -> bool:
    return own.checks.get("web") is False


def _runs_with_99(own: DaemonState) -> bool:
    return "VI_1" in own.instances and own.instances["VI_1"].base_priority == 99


_DROP = (
    f"{_installed('nftables', 'nft')}; "
    "nft add table inet other; nft 'add chain inet other first { type filter hook input priority 0; }'; "
    "nft add rule inet other first meta l4proto 112 counter drop; "
    + _until("nft list table inet other | grep -q 'packets [1-9]'")
)
_CUT = "; ".join(
    f"ip xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 proto {proto} dir {way} priority 1 action block"
    for proto, way in ((112, "in"), (112, "out"), (255, "out"))
)
_FILL = "mount -t tmpfs -o size=16k tmpfs /var/log; head -c 16384 /dev/zero >/var/log/fill || true"
_SECRET = "    authentication {\\n auth_type PASS\\n auth_pass x\\n }\\n    priority"
_UP = "ip link set eth1 up; ip -6 addr add fd00:9:1::61/64 dev eth1 2>/dev/null || true"
# Of two masters that drop each other's adverts one falls silent: with each that comes in, keepalived waits anew before
# it sends its own. This one hears nobody, so it is heard.
_HEARS_NOBODY = "src 0.0.0.0/0 dst 0.0.0.0/0 proto 112 dir in"
_FOREIGN = f"""
{_installed("keepalived", "keepalived")}
cat >/etc/keepalived/keepalived.conf <<'EOF'
vrrp_instance OTHER {{
    interface eth1
    virtual_router_id 101
    priority 200
    advert_int 1
    virtual_ipaddress {{
        10.9.1.77/24
    }}
}}
EOF
ip xfrm policy update {_HEARS_NOBODY} priority 1 action block
systemctl restart keepalived
{_until("ip addr show dev eth1 | grep -q 10.9.1.77/")}
"""
FAULTS = [
    Fault("stopped", "d2", "systemctl stop keepalived", "systemctl start keepalived"),
    Fault("stopped", "d1", "systemctl stop keepalived", "systemctl start keepalived"),
    Fault("not-enabled", "d2", "systemctl disable -q keepalived", "systemctl enable -q keepalived"),
    Fault(
        "masked",
        "d2",
        "systemctl mask --now -q keepalived",
        "systemctl unmask -q keepalived; systemctl start keepalived",
    ),
    Fault("drift", "d2", *_edit("virtual_router_id 101", "virtual_router_id 77"), "virtual_router_id"),
    Fault("drift", "d2", *_edit("advert_int 1", "advert_int 3"), "advert_int"),
    Fault("drift", "d1", *_edit("priority 150", "priority 100"), "priority"),
    Fault("drift", "d2", *_edit("10.9.1.6.24", "10.9.1.7\\/24"), "10.9.1.7/24"),
    Fault("drift", "d2", *_edit("version 2", "version 3"), "version"),
    Fault("drift", "d1", *_edit("    priority", _SECRET), "auth"),
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
        f"cp {CONF} {CONF}.was; sed -i 's/priority 100/priority 99/' {CONF}; systemctl reload keepalived",
        "systemctl reload keepalived",
        shows=_runs_with_99,
        then=f"mv {CONF}.was {CONF}",
    ),
    Fault("interface-down", "d2", "ip link set eth1 down", _UP),
    Fault("address-not-on-interface", "d2", "ip addr del 10.9.1.61/24 dev eth1", "ip addr add 10.9.1.61/24 dev eth1"),
    Fault("held-by-hand", "d2", "ip addr add 10.9.1.6/24 dev eth1", "ip addr del 10.9.1.6/24 dev eth1"),
    Fault("firewall", "d2", _DROP, "nft delete table inet other", "counter packets"),
    Fault(
        "unheard",
        "d2",
        _CUT,
        _CUT.replace(" add ", " delete ").replace(" priority 1 action block", ""),
        "advert_rcvd",
        shows=_leads,
    ),
    Fault("foreign-vrrp", "client", _FOREIGN, f"systemctl stop keepalived; ip xfrm policy delete {_HEARS_NOBODY}"),
    Fault("address-taken", "client", "ip addr add 10.9.1.6/24 dev eth1", "ip addr del 10.9.1.6/24 dev eth1"),
    Fault("check-fails", "d2", "rm /run/fit", "touch /run/fit", "web", shows=_fails),
    Fault("check-fails", "d1", "rm /run/fit", "touch /run/fit", "web", shows=_fails),
    Fault(
        "script-security", "d2", "chmod 0666 /etc/keepalived/floatip-check", "chmod 0755 /etc/keepalived/floatip-check"
    ),
    Fault("no-log", "d1", "systemctl stop rsyslog syslog.socket", "systemctl start rsyslog"),
    Fault("disk-full", "d2", _FILL, "umount /var/log"),
]
UNREACHABLE = Fault("unreachable", "d2", "", "")
"""Not done by a command: the server is switched off."""
FIRST = list({fault.code: fault for fault in reversed(FAULTS)}.values())[::-1]
"""One fault for each finding, at the server that stands by where there is a choice: no address has to move."""
FEW = [fault for fault in FIRST if fault.code in ("drift", "firewall", "foreign-vrrp", "address-taken")]
"""Those that look most different from one Debian to another."""
