"""Two addresses, each with a preferred server of its own: both servers work, and each can take over for the other."""

two_addresses = (
    [
        (
            "app1",
            {
                "ssh_hostname": "app1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {
                    "VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150},
                    "VI_2": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 100},
                },
            },
        ),
        (
            "app2",
            {
                "ssh_hostname": "app2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {
                    "VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100},
                    "VI_2": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 150},
                },
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {"virtual_router_id": 180, "virtual_ipaddress": ["10.9.1.80/24"]},
            "VI_2": {"virtual_router_id": 181, "virtual_ipaddress": ["10.9.1.81/24"]},
        },
    },
)
