"""One function a cause, called after the code of its finding. Their order is the diagnosis: what explains the others
comes first.

servers        a server that is not there, not prepared, or in the middle of a change
configuration  the live file, what the daemon has loaded, and what somebody did by hand
network        a firewall, other routers, other machines
devices        those that share the addresses and that floatip does not manage
moving         what should move along: other instances of a group, routes, mail
daemon         what is wrong though the daemon runs
"""

from __future__ import annotations

from floatip.operate.doctor.causes.configuration import drift, held_by_hand, not_loaded, stopped
from floatip.operate.doctor.causes.daemon import (
    cannot_bind,
    check_fails,
    clock_differs,
    no_log,
    not_enabled,
    script_not_run,
    script_security,
)
from floatip.operate.doctor.causes.devices import device_apart, device_differs
from floatip.operate.doctor.causes.moving import group_split, mail_fails, route_missing
from floatip.operate.doctor.causes.network import address_taken, firewall_drops, foreign_vrrp
from floatip.operate.doctor.causes.servers import (
    disk_full,
    left_behind,
    not_installed,
    read_only,
    under_way,
    unreachable,
    wrong_interface,
)

CAUSES = (
    *(unreachable, under_way, not_installed, wrong_interface, disk_full, read_only),
    *(drift, stopped, not_loaded, held_by_hand, left_behind, firewall_drops),
    *(device_apart, foreign_vrrp, address_taken, device_differs),
    *(script_security, script_not_run, check_fails, group_split, route_missing),
    *(cannot_bind, not_enabled, no_log, mail_fails, clock_differs),
)
