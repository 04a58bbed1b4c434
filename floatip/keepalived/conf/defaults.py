"""What keepalived takes where its file does not say: plain data, the same in 2.1.5, 2.2.7 and 2.3.3.

Sources: keepalived.conf(5); `alloc_vrrp` and `alloc_vrrp_script` (vrrp_data.c), `vrrp_complete_instance` (vrrp.c),
`alloc_global_data` (global_data.c), vrrp.h and vrrp_track.h. Only what does not depend on the host is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "global_defs": {
        "vrrp_version": "2",
        "vrrp_garp_master_delay": "5",
        "vrrp_garp_master_repeat": "5",
        "vrrp_garp_master_refresh": "0",
        "vrrp_garp_master_refresh_repeat": "1",
        "vrrp_higher_prio_send_advert": "false",
        "vrrp_lower_prio_no_advert": "false",
    },
    "vrrp_instance": {
        "state": "BACKUP",  # MASTER with priority 255
        "priority": "100",  # 255 with `state MASTER`
        "advert_int": "1",
        "version": "2",  # 3 with IPv6, else `vrrp_version`
        "preempt_delay": "0",
    },
    "vrrp_script": {
        "interval": "1",
        "timeout": "0",  # as long as the interval
        "weight": "0",
        "rise": "1",
        "fall": "1",
    },
}
"""Block → keyword → its value."""
OWNER: Final = ("MASTER", "255")
"""The state of an instance that has this priority, and the other way round, where the file says only one of them."""
IPV6_VERSION: Final = "3"
OPPOSITES: Final[Mapping[str, str]] = {"preempt": "nopreempt", "nopreempt": "preempt"}
"""Words without a value: the last one counts, and `preempt` is the default."""
TRUE, FALSE = frozenset({"true", "on", "yes"}), frozenset({"false", "off", "no"})
"""Beside such a keyword without a value, which means `true`."""
SECTIONS: Final = frozenset(
    {
        *("global_defs", "vrrp_instance", "vrrp_script", "vrrp_sync_group", "vrrp_track_process", "vrrp_track_file"),
        *("track_file", "garp_group", "authentication", "auth_hmac", "bfd_instance", "virtual_server", "real_server"),
        *("SSL", "HTTP_GET", "SSL_GET", "TCP_CHECK", "UDP_CHECK", "SMTP_CHECK", "DNS_CHECK", "MISC_CHECK", "BFD_CHECK"),
        *("FILE_CHECK", "PING_CHECK", "url", "host"),
    }
)
"""Keywords whose braces hold settings."""
LISTS: Final = frozenset(
    {
        *("virtual_ipaddress", "virtual_ipaddress_excluded", "virtual_routes", "virtual_rules", "unicast_peer"),
        *("track_interface", "track_script", "track_process", "track_bfd", "group", "notification_email"),
        *("static_ipaddress", "static_routes", "static_rules", "linkbeat_interfaces", "interface_up_down_delays"),
        *("virtual_server_group", "interfaces", "track_group"),
    }
)
"""Keywords whose braces hold values, a line each."""
BARE: Final = frozenset({"host", "track_group", "track_file", "auth_hmac"})
"""Those of them that are also there without braces."""
