"""Two routers: the gateway of the inner network and the address in the outer one are on the same server, always."""

routers = (
    [
        (
            "gw1",
            {
                "ssh_hostname": "gw1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {
                    "VI_inside": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150},
                    "VI_outside": {"interface": "eth2", "address": "10.9.2.16/24", "priority": 150},
                },
            },
        ),
        (
            "gw2",
            {
                "ssh_hostname": "gw2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {
                    "VI_inside": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100},
                    "VI_outside": {"interface": "eth2", "address": "10.9.2.61/24", "priority": 100},
                },
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_inside": {"virtual_router_id": 160, "virtual_ipaddress": ["10.9.1.60/24"]},
            "VI_outside": {"virtual_router_id": 161, "virtual_ipaddress": ["10.9.2.60/24"]},
        },
        "vrrp_sync_group": {"routers": ["VI_inside", "VI_outside"]},
    },
)
