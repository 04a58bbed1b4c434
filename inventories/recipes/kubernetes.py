"""The API servers of Kubernetes on three control planes, as kubeadm's --control-plane-endpoint."""

kubernetes = (
    [
        (
            "cp1",
            {
                "ssh_hostname": "cp1.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "cp2",
            {
                "ssh_hostname": "cp2.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 120}},
            },
        ),
        (
            "cp3",
            {
                "ssh_hostname": "cp3.example.org",
                "ssh_strict_host_key_checking": "yes",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.103/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {"virtual_router_id": 130, "virtual_ipaddress": ["10.9.1.30/24"], "track_script": ["apiserver"]},
        },
        "vrrp_scripts": {"apiserver": {"https": "https://127.0.0.1:6443/readyz", "weight": -60, "insecure": True}},
    },
)
