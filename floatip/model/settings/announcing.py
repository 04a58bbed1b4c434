"""How a new holder tells the network that it has an address (gratuitous ARP), and how adverts are judged: of an
instance, and `ALL`, the defaults of all instances of a cluster, which stand in `global_defs`.

Ranges and meanings are those of vrrp_parser.c and global_parser.c, of 2.1.5 to 2.3.3.
"""

from __future__ import annotations

from typing import Final

from floatip.model.messages import say
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Flag, Fraction, Whole

ANNOUNCING: tuple[Setting, ...] = (
    Setting(
        key="garp_master_refresh",
        scope=Scope.INSTANCE,
        value=Whole(0, 86400),
        standard="1",
        doc="seconds after which the holder sends gratuitous ARP again, for as long as it is master; 0: never. By "
        "default what `vrrp_garp_master_refresh` of the cluster says",
        label=say("Seconds between two gratuitous ARP messages of a master (garp_master_refresh)"),
        help=say("default: 1; 0: only after a takeover"),
        page="extras",
    ),
    Setting(
        key="garp_master_refresh_repeat",
        scope=Scope.INSTANCE,
        value=Whole(1, 1000),
        standard="1",
        doc="how many gratuitous ARP messages are sent each time",
        label=say("Gratuitous ARP messages each of these times (garp_master_refresh_repeat)"),
        help=say("default: 1"),
        page="extras",
    ),
    Setting(
        key="garp_lower_prio_repeat",
        scope=Scope.INSTANCE,
        value=Whole(0, 1000),
        standard="as `garp_master_repeat` of the cluster",
        doc="how many gratuitous ARP messages are sent at a time once a second master with a lower priority was heard "
        "and gave way",
        label=say("Gratuitous ARP messages at a time once a second MASTER has given way (garp_lower_prio_repeat)"),
        help=say("default: 5, with the virtual MAC address 10"),
        page="extras",
    ),
    Setting(
        key="skip_check_adv_addr",
        scope=Scope.INSTANCE,
        value=Flag(),
        default=False,
        doc="True: the addresses in the adverts of a master that is already known are not compared again",
        label=say("Do not check the addresses in every advert of the same master (skip_check_adv_addr)"),
        page="extras",
    ),
)

ALL: tuple[Setting, ...] = (
    Setting(  # before the others: it only changes what was not set, and they are set behind it
        key="vrrp_min_garp",
        scope=Scope.CLUSTER,
        value=Flag(),
        default=False,
        doc="True: a single gratuitous ARP message after a takeover, where switches need no more. "
        "Other settings still apply; `vrrp_garp_master_refresh` sends none then, unless "
        "`vrrp_garp_master_refresh_repeat` says how many",
        label=say("All instances: only one gratuitous ARP message after a takeover (vrrp_min_garp)"),
        page="extras",
    ),
    Setting(
        key="vrrp_garp_master_refresh",
        scope=Scope.CLUSTER,
        value=Whole(0, 86400),
        default=1,
        always=True,
        doc="seconds after which a master sends gratuitous ARP again; 0: never. keepalived's own default is 0; with 1 "
        "clients find the holder again soon after a split network has healed",
        label=say("All instances: seconds between two gratuitous ARP messages of a master (vrrp_garp_master_refresh)"),
        help=say("default: 1; 0: only after a takeover"),
        page="extras",
    ),
    Setting(
        key="vrrp_garp_master_repeat",
        scope=Scope.CLUSTER,
        value=Whole(1, 1000),
        standard="5",
        doc="how many gratuitous ARP messages are sent at a time after a takeover; 10 on a server with `use_vmac`",
        label=say("All instances: gratuitous ARP messages at a time after a takeover (vrrp_garp_master_repeat)"),
        help=say("default: 5, with the virtual MAC address 10"),
        page="extras",
    ),
    Setting(
        key="vrrp_garp_interval",
        scope=Scope.CLUSTER,
        value=Fraction(0.000001, 4294),
        standard="0",
        doc="seconds between two gratuitous ARP messages on one interface, like `0.001`; 0.001 on a server with "
        "`use_vmac`",
        label=say("Seconds between two gratuitous ARP messages on one interface (vrrp_garp_interval)"),
        help=say("default: no pause, with the virtual MAC address 0.001"),
        page="extras",
    ),
    Setting(
        key="vrrp_gna_interval",
        scope=Scope.CLUSTER,
        value=Fraction(0.000001, 4294),
        standard="0",
        doc="the same for IPv6: seconds between two unsolicited neighbor advertisements",
        label=say("Seconds between two neighbor advertisements of IPv6 on one interface (vrrp_gna_interval)"),
        help=say("default: no pause"),
        page="extras",
    ),
    Setting(
        key="vrrp_garp_master_delay",
        scope=Scope.CLUSTER,
        value=Whole(0, 4294),
        standard="5",
        doc="`garp_master_delay` of all instances that have none of their own",
        label=say("All instances: seconds until gratuitous ARP is sent again (vrrp_garp_master_delay)"),
        help=say("default: 5; 0: not at all"),
        page="extras",
    ),
    Setting(
        key="vrrp_garp_master_refresh_repeat",
        scope=Scope.CLUSTER,
        value=Whole(1, 1000),
        standard="1",
        doc="`garp_master_refresh_repeat` of all instances that have none of their own",
        label=say("All instances: gratuitous ARP messages of a master at a time (vrrp_garp_master_refresh_repeat)"),
        help=say("default: 1"),
        page="extras",
    ),
    Setting(
        key="vrrp_garp_lower_prio_delay",
        scope=Scope.CLUSTER,
        value=Whole(0, 4294),
        standard="as `vrrp_garp_master_delay`",
        doc="`garp_lower_prio_delay` of all instances that have none of their own",
        label=say(
            "All instances: seconds until gratuitous ARP is sent again once a second MASTER has given way "
            "(vrrp_garp_lower_prio_delay)"
        ),
        help=say("default: 5; 0: not at all"),
        page="extras",
    ),
    Setting(
        key="vrrp_garp_lower_prio_repeat",
        scope=Scope.CLUSTER,
        value=Whole(0, 1000),
        standard="as `vrrp_garp_master_repeat`",
        doc="`garp_lower_prio_repeat` of all instances that have none of their own",
        label=say(
            "All instances: gratuitous ARP messages once a second MASTER has given way (vrrp_garp_lower_prio_repeat)"
        ),
        help=say("default: 5, with the virtual MAC address 10"),
        page="extras",
    ),
    Setting(
        key="vrrp_skip_check_adv_addr",
        scope=Scope.CLUSTER,
        value=Flag(),
        default=False,
        doc="True: `skip_check_adv_addr` for all instances",
        label=say("All instances: do not check the addresses in every advert (vrrp_skip_check_adv_addr)"),
        page="extras",
    ),
    Setting(
        key="vrrp_strict",
        scope=Scope.CLUSTER,
        value=Flag(),
        default=False,
        managed=True,
        doc="True: strictly by the VRRP standard: no `use_vmac`, no `preempt_delay`. keepalived "
        "adds firewall rules of its own then, which drop what clients send to a floating address: only for addresses "
        "that nobody connects to, like a router's",
        label=say("Keep strictly to the standard of VRRP (vrrp_strict)"),
        help=say("nobody can connect to a floating address then: keepalived drops what is sent to it"),
        page="extras",
    ),
    Setting(
        key="max_auto_priority",
        scope=Scope.CLUSTER,
        value=Whole(-1, 99),
        standard="0",
        doc="how high keepalived may raise its own real-time priority where the processor is too busy to let it run in "
        "time; 0: not at all; -1: not at all, and without a message",
        label=say("Highest real-time priority that keepalived gives itself (max_auto_priority)"),
        help=say("default: 0, none"),
        page="extras",
    ),
)
REPEAT: Final = "vrrp_garp_master_repeat"
WITH_VMAC: Final = {REPEAT: 10, "vrrp_garp_interval": 0.001}
"""What a server with a virtual MAC address has, where the cluster says nothing else; `REPEAT` not beside
`vrrp_min_garp`."""
