# ufw: incoming and outgoing denied by default, SSH allowed, and a deny that the accept must come before.
apt-get -qqy install ufw
ufw default deny outgoing
ufw allow 22/tcp
ufw deny from 10.9.1.0/24
ufw --force enable
