"""A pair: one floating address, d1 preferred."""

article = (
    [
        (
            "d1",
            {
                "ssh_hostname": "d1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "d2",
            {
                "ssh_hostname": "d2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {"VI_1": {"virtual_router_id": 101, "virtual_ipaddress": ["10.9.1.6/24"]}},
    },
)
