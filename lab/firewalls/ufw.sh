# ufw: incoming and outgoing denied by default, SSH allowed, and a deny that the accept must come before.
apt-get -qqy install ufw
ufw default deny outgoing
ufw allow 22/tcp
ufw deny from 10.9.1.0/24
if ! grep -q vrrp /usr/lib/python3/dist-packages/ufw/util.py; then
  # 0.36: ours stands in before.rules, and must come before a deny there as well, after a reboot too.
  sed -i 's/^# don.t delete the .COMMIT.*/-A ufw-before-input -s 10.9.1.0\/24 -j DROP\n&/' /etc/ufw/before.rules
fi
ufw --force enable
