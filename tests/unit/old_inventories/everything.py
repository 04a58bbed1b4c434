"""Each key that 0.1 knew."""

everything = (
    [
        (
            "d1",
            {
                "ssh_hostname": "192.0.2.16",
                "ssh_port": 2222,
                "ssh_user": "admin",
                "ssh_key": "/root/.ssh/id_ed25519",
                "ssh_config_file": "/root/.ssh/config",
                "ssh_known_hosts_file": "/root/.ssh/known_hosts",
                "ssh_strict_host_key_checking": "accept-new",
                "_sudo": True,
                "vrrp": {
                    "VI_1": {
                        "interface": "eth1",
                        "address": "10.9.1.16/24",
                        "priority": 150,
                        "track_interface": ["eth2"],
                    },
                    "VI_6": {"interface": "eth1", "address": "fd00:9::16/64", "priority": 100},
                },
            },
        ),
        (
            "d2",
            {
                "ssh_hostname": "192.0.2.61",
                "vrrp": {
                    "VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100},
                    "VI_6": {"interface": "eth1", "address": "fd00:9::61/64", "priority": 150},
                },
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {
                "virtual_router_id": 101,
                "virtual_ipaddress": ["10.9.1.6/24"],
                "advert_int": 0.5,
                "version": 3,
                "preempt_delay": 30,
                "unicast": True,
                "track_script": ["web", "nginx"],
                "extra_lines": ["garp_master_refresh 60"],
            },
            "VI_6": {
                "virtual_router_id": 102,
                "virtual_ipaddress": ["fd00:9::6/64"],
                "nopreempt": True,
                "use_vmac": True,
                "track_script": ["port", "own"],
            },
        },
        "vrrp_scripts": {
            "web": {"http": "http://127.0.0.1/health", "interval": 2, "timeout": 1, "fall": 2, "rise": 2},
            "nginx": {"process": "nginx", "weight": -60},
            "port": {"tcp": "127.0.0.1:80"},
            "own": {"command": "/usr/local/bin/well --quiet", "weight": 0},
        },
        "firewall": "none",
        "log_file": False,
        "extra_lines": ["# by hand"],
    },
)
