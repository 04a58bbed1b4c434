"""Two DNS servers behind the one address that clients know: each has to resolve a name of its zone."""

dns = (
    [
        (
            "ns1",
            {
                "ssh_hostname": "ns1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "ns2",
            {
                "ssh_hostname": "ns2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {"virtual_router_id": 150, "virtual_ipaddress": ["10.9.1.50/24"], "track_script": ["zone"]},
        },
        "vrrp_scripts": {"zone": {"dns": "www.example.org", "weight": -60, "server": "127.0.0.1"}},
        "nonlocal_bind": True,
    },
)
