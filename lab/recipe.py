"""What a lab host is made of: packages, files and a few commands. Its hash names the cached image.

A host is as plain as Debian allows (minbase, ifupdown, sshd): what a deploy needs it must install
itself, from a local apt repository that holds exactly the packages named here, with dependencies.
"""

from __future__ import annotations

import hashlib
import os

BASE = ("systemd", "systemd-sysv", "dbus", "ifupdown", "iproute2", "iputils-ping", "openssh-server", "sudo", "procps")

# Downloaded one group at a time: some of them refuse to be installed together (ufw, iptables-persistent).
OFFERED = (
    ("keepalived",),
    ("rsyslog",),
    ("logrotate",),
    ("nftables",),
    ("iptables",),
    ("iptables-persistent", "netfilter-persistent"),
    ("ufw",),
    ("firewalld",),
    ("python3-minimal",),
    ("openssl", "ca-certificates"),
)

REPOSITORY = "/srv/packages"

_LINKS = """\
#!/bin/sh
# The container's cables come with the names that systemd-nspawn gives them.
[ -e /sys/class/net/host0 ] && ip link set host0 down && ip link set host0 name eth1
[ -e /sys/class/net/mv-mgmt0 ] && ip link set mv-mgmt0 down && ip link set mv-mgmt0 name eth0
exit 0
"""
_LINKS_UNIT = """\
[Unit]
Description=Names of the lab's cables
DefaultDependencies=no
Before=network-pre.target networking.service ifupdown-pre.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-links

[Install]
WantedBy=sysinit.target
"""
_SSHD = """\
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
MaxStartups 100:30:200
"""

FILES: dict[str, tuple[int, str]] = {
    "usr/local/sbin/lab-links": (0o755, _LINKS),
    "etc/systemd/system/lab-links.service": (0o644, _LINKS_UNIT),
    "etc/ssh/sshd_config.d/lab.conf": (0o644, _SSHD),
    "etc/network/interfaces": (0o644, "auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n"),
    "etc/sudoers.d/admin": (0o440, "admin ALL=(ALL) NOPASSWD: ALL\n"),
    "etc/apt/sources.list": (0o644, f"deb [trusted=yes] file:{REPOSITORY} ./\n"),
    "etc/dpkg/dpkg.cfg.d/lab": (0o644, "force-unsafe-io\n"),
    "etc/apt/apt.conf.d/90lab": (0o644, 'Acquire::Languages "none";\n'),
}

# These have no work in a container; apt's would hold dpkg's lock, and each path unit takes one of the
# machine's few inotify instances.
_MASKED = (
    "apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer"
    " systemd-pstore.service getty@tty1.service console-getty.service systemd-networkd-wait-online.service"
    " systemd-ask-password-console.path systemd-ask-password-wall.path"
)

COMMANDS = f"""\
rm -f /etc/ssh/ssh_host_*
useradd --create-home --shell /bin/bash admin
systemctl mask {_MASKED}
systemctl enable lab-links.service
# PerSourcePenalties (OpenSSH 9.8) would lock out the one address that all SSH comes from.
if sshd -V 2>&1 | grep -Eq 'OpenSSH_(9\\.[89]|[1-9][0-9])'; then
    echo 'PerSourcePenalties no' >> /etc/ssh/sshd_config.d/lab.conf
fi
"""


def sources(suite: str) -> list[str]:
    """The apt sources of a suite: mmdebstrap's own choice, security updates included, unless
    `FLOATIP_LAB_MIRROR` names another archive, which must have `…-security` beside it."""
    base = os.environ.get("FLOATIP_LAB_MIRROR", "").rstrip("/")
    if not base:
        return []
    return [
        f"deb {base} {suite} main",
        f"deb {base} {suite}-updates main",
        f"deb {base}-security {suite}-security main",
    ]


def fingerprint() -> str:
    """Twelve hex digits that change whenever the recipe does."""
    everything = repr((BASE, OFFERED, REPOSITORY, sorted(FILES.items()), COMMANDS, 1))
    return hashlib.sha256(everything.encode()).hexdigest()[:12]
