"""Where firewalls keep their files, and where ours stand."""

NFTABLES_CONF = "/etc/nftables.conf"
UFW_CONF = "/etc/ufw/ufw.conf"
UFW_BEFORE = {4: "/etc/ufw/before.rules", 6: "/etc/ufw/before6.rules"}
RULES_V = {4: "/etc/iptables/rules.v4", 6: "/etc/iptables/rules.v6"}

NFT_RULES = "/etc/floatip/firewall.nft"
BOOT_RULES = "/etc/floatip/firewall-rules"
BOOT_DROPIN = "/etc/systemd/system/keepalived.service.d/floatip-firewall.conf"
UNDO_DIRECTORY = "/var/lib/floatip/firewall-undo"
ZONE_BACKUPS = "/var/lib/floatip/firewalld"

FILES = {
    "file.nftables": NFTABLES_CONF,
    "file.nft-rules": NFT_RULES,
    "file.boot-rules": BOOT_RULES,
    "file.boot-dropin": BOOT_DROPIN,
    "file.rules.v4": RULES_V[4],
    "file.rules.v6": RULES_V[6],
    "file.ufw.user": "/etc/ufw/user.rules",
    "file.ufw.user6": "/etc/ufw/user6.rules",
    "file.ufw.before": UFW_BEFORE[4],
    "file.ufw.before6": UFW_BEFORE[6],
}
KEYS = {path: key for key, path in FILES.items()}
