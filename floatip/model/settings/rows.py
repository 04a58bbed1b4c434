"""The settings of a `vrrp_instance`, in the order of its block: what all servers share, and what each says for itself.

Ranges and meanings are those of keepalived.conf(5) and vrrp_parser.c, of 2.1.5 to 2.3.3.
"""

from __future__ import annotations

from ipaddress import ip_interface

from floatip.model import fields
from floatip.model.instance import FLOATING
from floatip.model.messages import say
from floatip.model.settings.addresses import Placed
from floatip.model.settings.announcing import ANNOUNCING
from floatip.model.settings.foreign import AUTHENTICATION, FOREIGN
from floatip.model.settings.groups import EXCLUDED, LINES
from floatip.model.settings.mailing import ALERT
from floatip.model.settings.notifying import NOTIFY
from floatip.model.settings.row import Change, Place, Scope, Setting
from floatip.model.settings.tracking import TRACKED
from floatip.model.settings.values import Address, Flag, Lines, Many, Own, Seconds, Text, Whole

UNICAST = """\
unicast_src_ip {{ member.source }}
unicast_peer {
{% for peer in senders %}
    {{ peer.source }}
{% endfor %}
}"""
VIRTUAL_MAC = """\
use_vmac {{ instance | vmac_interface }}
vmac_xmit_base"""


BLOCK: tuple[Setting, ...] = (
    Setting(
        key="interface",
        scope=Scope.MEMBER,
        value=Text(fields.interface_name),
        required=True,
        neutral="",
        always=True,
        managed=True,
        change=Change.START_OVER,
        doc='the network interface, `"eth1"`',
        label=say("Interface"),
        help=say("like eth1 or ens18"),
        page="network",
    ),
    Setting(
        key="address",
        scope=Scope.MEMBER,
        value=Address(),
        required=True,
        neutral=ip_interface("0.0.0.0/0"),
        managed=True,
        doc='the server\'s own address there, with its prefix: `"10.9.1.16/24"`',
        label=say("Its own address"),
        help=say("with its prefix, like 10.9.1.16/24"),
        page="network",
    ),
    Setting(
        key="virtual_router_id",
        scope=Scope.INSTANCE,
        value=Whole(
            1, 255, "bad-vrid", say("Choose a number from 1 to 255 that no other router on this network uses.")
        ),
        required=True,
        neutral=0,
        always=True,
        managed=True,
        change=Change.IDENTITY,
        doc="VRID, 1-255, unique in the network segment",
        label=say("Group number (VRID)"),
        page="vrid",
    ),
    Setting(
        key="priority",
        scope=Scope.MEMBER,
        value=Whole(
            1,
            254,
            "bad-priority",
            say("255 is for a server whose own address this is; choose 1 to 254. The highest is preferred."),
        ),
        required=True,
        neutral=0,
        always=True,
        managed=True,
        doc="1-254, a different one on each server; the highest is preferred",
        label=say("Priority"),
        page="leader",
    ),
    Setting(
        key="mcast_src_ip",
        scope=Scope.MEMBER,
        value=Own(),
        standard="its address",
        doc="the address this server's adverts come from, if not `address`; without a prefix. It counts for "
        "`unicast` too, and the other servers' firewalls accept it",
        label=say("Adverts come from another address (mcast_src_ip)"),
        help=say("default: its own address"),
        page="extras",
    ),
    Setting(
        key=FLOATING,
        scope=Scope.INSTANCE,
        value=Many(Placed()),
        required=True,
        neutral=(),
        always=True,
        place=Place.BLOCK,
        managed=True,
        doc="the floating addresses with prefix, all IPv4 or all IPv6; one with options is a dict (below)",
        label=say("Floating address"),
        help=say("like 10.9.1.6; more than one: with commas between them"),
        page="address",
    ),
    EXCLUDED,
    Setting(
        key="advert_int",
        scope=Scope.INSTANCE,
        value=Seconds(),
        default=1.0,
        always=True,
        managed=True,
        doc="seconds between adverts. A failed server is replaced after about 3.5 times that. Below one second VRRP "
        "version 3 is used. What was measured with 1, 0.1, 0.05 and 0.02, and where it becomes too fast: "
        "[decisions/fast.md](decisions/fast.md)",
        label=say("Seconds between two adverts"),
        help=say("another server takes over after about four times that; 0.1 is fast"),
        page="extras",
    ),
    Setting(
        key="version",
        scope=Scope.INSTANCE,
        value=Whole(2, 3),
        standard="by itself",
        stored=lambda instance: instance.version if instance.version_chosen else None,
        always=True,
        managed=True,
        change=Change.IDENTITY,
        doc="2 or 3; 3 for IPv6 and sub-second adverts",
        label=say("VRRP version"),
        help=say("2 or 3; default: 3 for IPv6 and for less than a second, else 2"),
        page="extras",
        field="vrrp_version",
    ),
    Setting(
        key="nopreempt",
        scope=Scope.INSTANCE,
        value=Flag(),
        default=False,
        managed=True,
        doc="True: a better server that comes back does not take the address over again",
        page="leader",
        field="returns",
    ),
    Setting(
        key="preempt_delay",
        scope=Scope.INSTANCE,
        value=Whole(0, 1000),
        default=0,
        managed=True,
        doc="seconds that it waits before it does",
        label=say("Seconds until a preferred server that returns takes the address back (preempt_delay)"),
        help=say("default: 0, at once"),
        page="extras",
    ),
    Setting(
        key="garp_master_delay",
        scope=Scope.INSTANCE,
        value=Whole(0, 4294),
        standard="5",
        doc="seconds from a takeover until gratuitous ARP is sent a second time; 0: not at all",
        label=say("Seconds from a takeover until gratuitous ARP is sent again (garp_master_delay)"),
        help=say("default: 5; 0: not at all"),
        page="extras",
    ),
    Setting(
        key="garp_master_repeat",
        scope=Scope.INSTANCE,
        value=Whole(1, 1000),
        standard="5",
        doc="how many gratuitous ARP messages are sent at a time after a takeover. With `use_vmac` the default is 10",
        label=say("Gratuitous ARP messages at a time after a takeover (garp_master_repeat)"),
        help=say("default: 5, with the virtual MAC address 10"),
        page="extras",
    ),
    Setting(
        key="garp_lower_prio_delay",
        scope=Scope.INSTANCE,
        value=Whole(0, 4294),
        standard="5",
        doc="the same delay as `garp_master_delay`, once a second master with a lower priority was heard and gave way; "
        "0: not at all",
        label=say(
            "Seconds until gratuitous ARP is sent again once a second MASTER has given way (garp_lower_prio_delay)"
        ),
        help=say("default: 5; 0: not at all"),
        page="extras",
    ),
    *ANNOUNCING,
    *NOTIFY,
    ALERT,
    Setting(
        key="dont_track_primary",
        scope=Scope.INSTANCE,
        value=Flag(),
        default=False,
        doc="True: a server keeps the address, or takes it over, while its `interface` is down. By default it gives "
        "the address up then",
        label=say("Keep the address while the interface is down (dont_track_primary)"),
        help=say("default: a server whose interface is down gives the address up"),
        page="extras",
    ),
    Setting(
        key="unicast",
        scope=Scope.INSTANCE,
        value=Flag(),
        default=False,
        keywords=("unicast_src_ip", "unicast_peer"),
        template=UNICAST,
        place=Place.PEERS,
        managed=True,
        change=Change.IDENTITY,
        decides=("unicast_peer",),
        presence=True,
        doc="True: adverts go to the other servers directly, for networks that do not carry multicast. The peers are "
        "derived",
        label=say("Send adverts to each server by itself (unicast), where the network drops multicast"),
        page="extras",
    ),
    FOREIGN,
    AUTHENTICATION,
    Setting(
        key="use_vmac",
        scope=Scope.INSTANCE,
        value=Flag(),
        default=False,
        keywords=("use_vmac", "vmac_xmit_base"),
        template=VIRTUAL_MAC,
        managed=True,
        change=Change.START_OVER,
        doc="True: the address has the virtual MAC 00:00:5e:00:01:*VRID*, the same on every server",
        label=say("Use the virtual MAC address of VRRP (use_vmac)"),
        page="extras",
    ),
    *TRACKED,
    *LINES,
    Setting(
        key="extra_lines",
        scope=Scope.INSTANCE,
        value=Lines(),
        default=(),
        place=Place.BLOCK,
        doc="lines for the `vrrp_instance` block, passed on unchecked",
        label=say("Raw lines for the vrrp_instance block, one per line"),
        help=say("passed on to keepalived unchecked"),
        page="extras",
    ),
)
INSTANCE = tuple(row for row in BLOCK if row.scope is Scope.INSTANCE)
MEMBER = tuple(row for row in BLOCK if row.scope is Scope.MEMBER)
