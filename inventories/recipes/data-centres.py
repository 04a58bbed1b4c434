"""Two data centres with one subnet and no multicast between them. The address stays where it is after a failover."""

data_centres = (
    [
        (
            "east",
            {
                "ssh_hostname": "east.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "west",
            {
                "ssh_hostname": "west.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {
                "virtual_router_id": 170,
                "virtual_ipaddress": ["10.9.1.70/24"],
                "nopreempt": True,
                "unicast": True,
            },
        },
    },
)
