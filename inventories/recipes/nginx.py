"""nginx on two servers: the process runs, and it answers on port 80."""

nginx = (
    [
        (
            "web1",
            {
                "ssh_hostname": "web1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "web2",
            {
                "ssh_hostname": "web2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {
                "virtual_router_id": 120,
                "virtual_ipaddress": ["10.9.1.20/24"],
                "track_script": ["process", "port"],
            },
        },
        "vrrp_scripts": {
            "process": {"process": "nginx", "weight": -60},
            "port": {"tcp": "127.0.0.1:80", "weight": -60},
        },
    },
)
