"""What a diagnosis is made from, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from floatip.hosts.daemon import DaemonState
from floatip.hosts.host_state import HostState
from floatip.hosts.network_scan import NetworkScan
from floatip.hosts.surroundings import Aside
from floatip.model.cluster import Cluster
from floatip.model.messages import NO_MESSAGE, Said, say

DEPLOY_AGAIN = say("Deploy again: it puts everything back as the inventory says.")


class Code(StrEnum):
    """What a finding says."""

    UNREACHABLE = "unreachable"  # the server cannot be looked at
    UNDER_WAY = "under-way"  # a change was not brought to its end
    NOT_INSTALLED = "not-installed"
    MASKED = "masked"  # the service
    NO_SUCH_INTERFACE = "no-such-interface"
    INTERFACE_DOWN = "interface-down"
    ADDRESS_NOT_ON_INTERFACE = "address-not-on-interface"  # the server's own
    DISK_FULL = "disk-full"
    READ_ONLY = "read-only"  # a file system
    NO_CONFIGURATION = "no-configuration"
    DRIFT = "drift"  # the live file is another
    FAILED = "failed"  # the daemon
    STOPPED = "stopped"  # by somebody
    NOT_LOADED = "not-loaded"  # the daemon runs with other settings than its file has
    HELD_BY_HAND = "held-by-hand"  # an address is where no daemon put it
    LEFT_BEHIND = "left-behind"  # a server was taken out of the inventory only
    FIREWALL = "firewall"  # it drops VRRP
    FOREIGN_VRRP = "foreign-vrrp"  # another router uses the VRID
    ADDRESS_TAKEN = "address-taken"  # another machine answers for a floating address
    DEVICE_APART = "device-apart"  # one that floatip does not manage leads beside a server
    DEVICE_DIFFERS = "device-differs"  # its priority is not what the inventory says
    SCRIPT_SECURITY = "script-security"  # the daemon does not run a health check
    SCRIPT_NOT_RUN = "script-not-run"  # one that is named by the inventory: its user or its file is not as it must be
    CHECK_FAILS = "check-fails"
    GROUP_SPLIT = "group-split"  # instances that move together have different states on one server
    ROUTE_MISSING = "route-missing"  # the server with the addresses has not all that moves along
    MAIL_FAILS = "mail-fails"  # the mail server does not take what keepalived sends
    CANNOT_BIND = "cannot-bind"  # services, where the address is not
    NOT_ENABLED = "not-enabled"  # at boot
    NO_LOG = "no-log"
    CLOCK = "clock"
    UNHEARD = "unheard"  # several hold an address, and do not hear each other
    HELD_TWICE = "held-twice"  # several hold an address
    HELD_BY_NOBODY = "held-by-nobody"
    NOT_TAKING_PART = "not-taking-part"  # a server is neither master nor backup
    NOT_AT_HOME = "not-at-home"  # another server than the preferred one holds an address, or perhaps


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause: what is wrong on which server, the lines that show it, and how to mend it."""

    code: Code
    node: str
    what: Said
    mend: Said = NO_MESSAGE
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One server as it was looked at. `clock`: seconds by which its clock differs from this computer's."""

    state: HostState
    daemon: DaemonState
    aside: Aside = field(default_factory=Aside)
    scan: NetworkScan = field(default_factory=NetworkScan)
    clock: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """A cluster, what is wanted on its servers, and what was found there. `failures`: server → why nothing was."""

    cluster: Cluster
    wanted: Mapping[str, str]
    seen: Mapping[str, Seen]
    failures: Mapping[str, str]
