"""What each finding means, for the page about them: the most likely cause comes first."""

from __future__ import annotations

from collections.abc import Mapping

from floatip.model.messages import Said, say
from floatip.operate.doctor.model import Code

MEANINGS: Mapping[Code, Said] = {
    Code.UNREACHABLE: say("The server does not answer over SSH."),
    Code.UNDER_WAY: say("A change is under way, or was not finished. Run it again."),
    Code.NOT_INSTALLED: say("The package keepalived is not installed."),
    Code.MASKED: say("The service is masked: systemd may not start it."),
    Code.NO_SUCH_INTERFACE: say("The server has no interface of that name."),
    Code.INTERFACE_DOWN: say("The interface is down."),
    Code.ADDRESS_NOT_ON_INTERFACE: say("The server's own address is not on that interface."),
    Code.DISK_FULL: say("The disk is full: nothing can be written any more."),
    Code.READ_ONLY: say("A file system is mounted read-only."),
    Code.NO_CONFIGURATION: say("There is no keepalived.conf."),
    Code.DRIFT: say("Somebody edited keepalived.conf by hand. The doctor names the settings that differ."),
    Code.FAILED: say("The daemon failed. The doctor shows the lines of its journal that say why."),
    Code.STOPPED: say("Somebody stopped the daemon."),
    Code.NOT_LOADED: say("The file is right, but the daemon runs with other settings. It needs a reload."),
    Code.HELD_BY_HAND: say("Somebody added the floating address to a server by hand."),
    Code.LEFT_BEHIND: say("A server was taken out of the inventory, and may still run keepalived."),
    Code.FIREWALL: say("A firewall drops VRRP. The doctor shows the missing rules, and the rules that drop."),
    Code.FOREIGN_VRRP: say("Another router in the network uses the same VRID."),
    Code.ADDRESS_TAKEN: say("Another machine answers for the floating address."),
    Code.DEVICE_APART: say("A device that floatip does not manage is MASTER at the same time as a server."),
    Code.DEVICE_DIFFERS: say("The priority of such a device is not the one in the inventory."),
    Code.SCRIPT_SECURITY: say("keepalived does not run a health check, because other users could change its program."),
    Code.SCRIPT_NOT_RUN: say("A script that the inventory names cannot run: its file or user is missing or unsafe."),
    Code.CHECK_FAILS: say("A health check fails. The doctor shows what it printed."),
    Code.GROUP_SPLIT: say("A server is MASTER of some instances of a group and not of others, but they move together."),
    Code.ROUTE_MISSING: say("The server that holds the addresses lacks a route or a rule that moves with them."),
    Code.CANNOT_BIND: say("Services cannot bind the floating address on a server that does not hold it."),
    Code.NOT_ENABLED: say("keepalived would not start after a reboot."),
    Code.NO_LOG: say("Nothing writes /var/log/keepalived.log."),
    Code.MAIL_FAILS: say("keepalived could not send its mail: the mail server does not accept it."),
    Code.CLOCK: say("The clock of a server is wrong, so that logs cannot be compared."),
    Code.UNHEARD: say("Split brain: several servers hold the address, because the network between them drops VRRP."),
    Code.HELD_TWICE: say("Split brain: several servers hold the address."),
    Code.HELD_BY_NOBODY: say("No server holds the address."),
    Code.NOT_TAKING_PART: say("A server is neither MASTER nor BACKUP."),
    Code.NOT_AT_HOME: say("The address is not on its preferred server."),
}
