# firewalld: the default zone drops everything but SSH.
apt-get -qqy install firewalld
systemctl enable -q --now firewalld
firewall-cmd -q --permanent --zone=drop --add-service=ssh
firewall-cmd -q --reload
firewall-cmd -q --set-default-zone=drop
