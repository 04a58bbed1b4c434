# iptables with its rules saved by netfilter-persistent; a rule that was never saved must not be saved by us.
echo iptables-persistent iptables-persistent/autosave_v4 boolean false | debconf-set-selections
echo iptables-persistent iptables-persistent/autosave_v6 boolean false | debconf-set-selections
apt-get -qqy install iptables iptables-persistent
for tool in iptables ip6tables; do
  $tool -A INPUT -i lo -j ACCEPT
  $tool -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  $tool -A INPUT -p tcp --dport 22 -j ACCEPT
  $tool -P INPUT DROP
done
iptables -A INPUT -p icmp -j ACCEPT
ip6tables -A INPUT -p icmpv6 -j ACCEPT
netfilter-persistent save 2>/dev/null
systemctl enable -q netfilter-persistent
