"""Two virtual machines with nginx: the address moves when the port does not answer, or when the page is gone."""

course = (
    [
        (
            "vm1",
            {
                "ssh_hostname": "10.9.1.16",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}},
            },
        ),
        (
            "vm2",
            {
                "ssh_hostname": "10.9.1.61",
                "ssh_user": "root",
                "vrrp": {"VI_1": {"interface": "eth1", "address": "10.9.1.61/24", "priority": 100}},
            },
        ),
    ],
    {
        "vrrp_instances": {
            "VI_1": {"virtual_router_id": 190, "virtual_ipaddress": ["10.9.1.90/24"], "track_script": ["port", "page"]},
        },
        "vrrp_scripts": {
            "page": {"file": "/var/www/html/index.html", "interval": 3, "weight": -60},
            "port": {"tcp": "127.0.0.1:80", "interval": 3, "weight": -60},
        },
    },
)
