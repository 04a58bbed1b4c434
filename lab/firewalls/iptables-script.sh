# iptables, loaded at boot by a unit of the operator's own; nothing keeps what is added later.
apt-get -qqy install iptables
cat >/etc/firewall.rules <<'CONF'
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT
COMMIT
CONF
cat >/etc/systemd/system/own-firewall.service <<'CONF'
[Unit]
Before=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'iptables-restore </etc/firewall.rules; sed /conntrack/d /etc/firewall.rules | ip6tables-restore'
ExecStart=/usr/sbin/ip6tables -I INPUT -p icmpv6 -j ACCEPT

[Install]
WantedBy=multi-user.target
CONF
systemctl enable -q --now own-firewall
