"""HAProxy on two servers, which may bind the floating address on both. The address leaves one that fails."""

haproxy = (
    [
        (
            "lb1",
            {
                "ssh_hostname": "lb1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "lb2",
            {
                "ssh_hostname": "lb2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {"virtual_router_id": 110, "virtual_ipaddress": ["10.9.1.10/24"], "track_script": ["haproxy"]},
        },
        "vrrp_scripts": {"haproxy": {"http": "http://127.0.0.1:8404/health", "weight": -60}},
        "nonlocal_bind": True,
    },
)
