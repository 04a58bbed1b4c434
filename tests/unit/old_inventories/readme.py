"""From the README of 0.1."""

web = (
    [
        ("d1", {"ssh_hostname": "192.0.2.16", "ssh_user": "root", "ssh_strict_host_key_checking": "yes",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}}}),
        ("d2", {"ssh_hostname": "192.0.2.61", "ssh_user": "root", "ssh_strict_host_key_checking": "yes",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}}}),
    ],
    {"vrrp_instances": {"VI_1": {"virtual_router_id": 101, "virtual_ipaddress": ["10.9.1.6/24"]}}},
)
