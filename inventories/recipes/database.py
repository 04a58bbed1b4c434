"""The address follows the primary of PostgreSQL: Patroni answers 200 to /primary on that server alone."""

database = (
    [
        (
            "db1",
            {
                "ssh_hostname": "db1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 110}},
            },
        ),
        (
            "db2",
            {
                "ssh_hostname": "db2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {"virtual_router_id": 140, "virtual_ipaddress": ["10.9.1.40/24"], "track_script": ["primary"]},
        },
        "vrrp_scripts": {
            "primary": {"http": "http://127.0.0.1:8008/primary", "interval": 1, "weight": 50, "status": "200"},
        },
    },
)
