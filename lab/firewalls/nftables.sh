# nftables as Debian ships it: /etc/nftables.conf, both directions dropped by default, SSH let through.
apt-get -qqy install nftables
cat >/etc/nftables.conf <<'CONF'
#!/usr/sbin/nft -f

flush ruleset

table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ct state vmap { established : accept, related : accept, invalid : drop }
		iif lo accept
		tcp dport 22 accept
		meta l4proto { 1, 58 } accept
	}
	chain output {
		type filter hook output priority 0; policy drop;
		ct state established,related accept
		oif lo accept
		meta l4proto { 1, 58 } accept
		udp dport { 53, 123 } accept
	}
}
CONF
systemctl enable -q nftables
systemctl restart nftables
