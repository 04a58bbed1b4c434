"""Written by floatip: servers and their floating addresses. Literals only; edit it by hand if you like."""

lab = (
    [
        (
            "d1",
            {
                "ssh_hostname": "127.0.0.1",
                "ssh_key": ".lab/id_ed25519",
                "ssh_known_hosts_file": ".lab/known_hosts",
                "ssh_port": 2216,
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "d2",
            {
                "ssh_hostname": "127.0.0.1",
                "ssh_key": ".lab/id_ed25519",
                "ssh_known_hosts_file": ".lab/known_hosts",
                "ssh_port": 2261,
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {"virtual_router_id": 101, "virtual_ipaddress": ["10.9.1.6/24"]},
        },
    },
)
