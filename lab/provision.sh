#!/bin/sh
# Make a Vagrant box a lab host: provision.sh LAST-NUMBER OPERATORS-PUBLIC-KEY HOST-PRIVATE-KEY
set -eu
last=$1 operator=$2 host_key=$3
export DEBIAN_FRONTEND=noninteractive

# What the lab itself uses on a host: a Python for the pings and nft for the partition.
command -v python3 >/dev/null && command -v nft >/dev/null || {
    apt-get -qq update
    apt-get -qq -y install --no-install-recommends python3-minimal nftables
}

# Root comes in with the lab's key; `admin` with the same key, and becomes root without a password.
id admin >/dev/null 2>&1 || useradd --create-home --shell /bin/bash admin
printf 'admin ALL=(ALL) NOPASSWD: ALL\n' > /etc/sudoers.d/admin
chmod 440 /etc/sudoers.d/admin
for user in root admin; do
    home=$(getent passwd "$user" | cut -d: -f6)
    install -d -m 700 -o "$user" -g "$user" "$home/.ssh"
    printf '%s\n' "$operator" > "$home/.ssh/authorized_keys"
    chown "$user:$user" "$home/.ssh/authorized_keys"
    chmod 600 "$home/.ssh/authorized_keys"
done

# A host key that is known before the first connection: .lab/known_hosts names it.
umask 077
printf '%s\n' "$host_key" > /etc/ssh/ssh_host_ed25519_key
umask 022
ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key > /etc/ssh/ssh_host_ed25519_key.pub
mkdir -p /etc/ssh/sshd_config.d
cat > /etc/ssh/sshd_config.d/lab.conf <<END
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
END
systemctl reload ssh

# IPv6 on the cluster's cable, beside the IPv4 address that Vagrant configures.
mkdir -p /etc/network/interfaces.d
cat > /etc/network/interfaces.d/lab6 <<END
iface eth1 inet6 static
    address fd00:9:1::$last/64
    accept_ra 0
    dad-attempts 0
END
grep -q 'interfaces.d' /etc/network/interfaces || echo 'source /etc/network/interfaces.d/*' >> /etc/network/interfaces
ip address replace "fd00:9:1::$last/64" dev eth1 nodad
