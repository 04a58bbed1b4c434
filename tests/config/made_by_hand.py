"""Pairs of files as people make them, by the habit that each shows: the first server's, and what differs on the second.

Each is about two servers with an interface eth1, 10.9.1.16/24 and 10.9.1.61/24.
"""

from __future__ import annotations

from dataclasses import dataclass

from floatip.keepalived.conf import Included, Source
from floatip.model.paths import KEEPALIVED_CONF

INTERFACE = "eth1"
ADDRESSES = {"d1": {INTERFACE: ["10.9.1.16/24"]}, "d2": {INTERFACE: ["10.9.1.61/24"]}}
SECOND = (("state MASTER", "state BACKUP"), ("priority 150", "priority 100"))


@dataclass(frozen=True, slots=True)
class Pair:
    """`first`: the file of d1; `second`: (what stands there, what stands on d2 instead)."""

    first: str
    second: tuple[tuple[str, str], ...] = SECOND

    @property
    def sources(self) -> dict[str, Source]:
        """The same, with what they include."""
        return {node: Source(text, node, INCLUDED) for node, text in self.texts.items()}

    @property
    def texts(self) -> dict[str, str]:
        """Server → its file."""
        other = self.first
        for there, instead in self.second:
            other = other.replace(there, instead)
        return {"d1": self.first, "d2": other}


PLAIN = """! Configuration File for keepalived
vrrp_instance VI_1 {
    state MASTER
    interface eth1
    virtual_router_id 51
    priority 150
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        10.9.1.6/24
    }
}
"""
CHECKED = """global_defs {
   router_id LB_1
   script_user root
   enable_script_security
}
vrrp_script chk_haproxy {
    script "pidof haproxy"   # is it there?
    interval 2
    weight 60
}
vrrp_script chk_own { script "/usr/local/bin/check"
  interval 5
  fall 3
}
"""
TRACKING = """    track_script {
        chk_haproxy
        chk_own
    }
}
"""
UNICAST = """    unicast_src_ip 10.9.1.16
    unicast_peer {
        10.9.1.61
    }
    authentication"""
BALANCING = """virtual_server 10.9.1.6 80 {  # répartition
    delay_loop 6
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 10.9.1.20 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
"""
MAIL = """global_defs {
    notification_email {
        admin@example.org   # wer sonst
    }
    notification_email_from keepalived@example.org
    smtp_server 127.0.0.1
    smtp_connect_timeout 30
    vrrp_garp_master_delay 3
}
"""
DIRECTORY = KEEPALIVED_CONF.rpartition("/")[0]
BESIDE = {
    "web.d/1.conf": "$IF=eth1\ninclude deep/priority\n",
    "web.d/2.conf": "include addresses\n",
    "web.d/addresses": "virtual_ipaddress {\n    ~SEQ(LAST, 6, 8) 10.9.1.${LAST}/24 dev $IF\n}\n",
    "web.d/deep/priority": "@d1 priority 150\n@^d1 priority 100   # the others\n",
}
INCLUDED = [
    Included(DIRECTORY, "web.d/*.conf", f"{DIRECTORY}/web.d/1.conf", BESIDE["web.d/1.conf"]),
    Included(DIRECTORY, "web.d/*.conf", f"{DIRECTORY}/web.d/2.conf", BESIDE["web.d/2.conf"]),
    Included(f"{DIRECTORY}/web.d", "addresses", f"{DIRECTORY}/web.d/addresses", BESIDE["web.d/addresses"]),
    Included(f"{DIRECTORY}/web.d", "deep/priority", f"{DIRECTORY}/web.d/deep/priority", BESIDE["web.d/deep/priority"]),
]
WITH_FILES = """vrrp_instance VI_1 {
    include web.d/*.conf
    state BACKUP
    interface $IF   # defined there
    virtual_router_id 51
    advert_int 2
}
"""
ONE_FILE_FOR_ALL = """$ROUTER=51
$TIMES=advert_int 2 \\
    garp_master_delay 2   # seconds
@d1 $PRIORITY=150
@d2 $PRIORITY=100
$CHECK=vrrp_script chk_own { \\
    script "/usr/local/bin/check" \\
    user nobody \\
    interval 5 \\
}
$CHECK
vrrp_instance VI_1 {
    state BACKUP
    interface eth1
    virtual_router_id $ROUTER
    priority ${PRIORITY}
    $TIMES
    virtual_ipaddress {
        10.9.1.6/24
    }
    track_script {
        chk_own
    }
}
"""
PAIRS = {
    "with files of its own": Pair(WITH_FILES, ()),
    "one file for all": Pair(ONE_FILE_FOR_ALL, ()),
    "mail": Pair(MAIL + PLAIN),
    "as in every tutorial": Pair(PLAIN),
    "without a prefix": Pair(PLAIN.replace("10.9.1.6/24", "10.9.1.6")),
    "with checks": Pair(CHECKED + PLAIN.removesuffix("}\n") + TRACKING),
    "an own address at 255": Pair(
        PLAIN.replace("priority 150", "priority 255"), (*SECOND, ("priority 255", "priority 100"))
    ),
    "unicast, and stays": Pair(
        PLAIN.replace("state MASTER", "state BACKUP\n    nopreempt").replace("    authentication", UNICAST),
        (*SECOND, ("src_ip 10.9.1.16", "src_ip 10.9.1.61"), ("  10.9.1.61\n", "  10.9.1.16\n")),
    ),
    "a master that stays": Pair(PLAIN.replace("state MASTER", "state MASTER\n    nopreempt")),
    "options of an address": Pair(
        PLAIN.replace(
            "10.9.1.6/24", "10.9.1.6/24 brd 10.9.1.255 dev eth1 label eth1:0\n        10.9.1.7/24 dev eth1 scope global"
        )
    ),
    "windows": Pair(PLAIN.replace("\n", "\r\n").replace("eth1\r", "eth1 # интерфейс\r")),
    "braces below": Pair(PLAIN.replace(" {", "\n{").replace("    ", "\t")),
    "another interval and version": Pair(
        "global_defs {\n    vrrp_version 3\n}\n"
        + PLAIN.replace("advert_int 1", "advert_int 0.5\n    garp_master_delay 2")
    ),
    "slave, and no priority": Pair(PLAIN.replace("state MASTER", "state SLAVE").replace("    priority 150\n", "")),
    "balancing": Pair(PLAIN + BALANCING),
    "a notify script": Pair(PLAIN.replace("authentication", "notify_master /usr/local/bin/check\n    authentication")),
    "a weight for show": Pair(
        CHECKED.replace("weight 60", "weight 2").replace("script_user root", "script_user nobody")
        + PLAIN.removesuffix("}\n")
        + TRACKING
    ),
}
