"""The script that finds out what a host is like.

One script for everything: a run in which nothing changes costs one command per host. It prints `key=value` lines.
"""

from __future__ import annotations

from floatip import firewall
from floatip.hosts import binding, includes, interface_managers
from floatip.model import paths
from floatip.server_side.lease.model import SHOW
from floatip.server_side.pending import change
from floatip.server_side.pending.model import Way

MARK = "floatip-state"
FILES = {
    "change": paths.CHANGE,  # the first thing that is read: where none is under way, all the rest is what it will stay
    "conf": paths.KEEPALIVED_CONF,
    "rsyslog": paths.RSYSLOG_CONF,
    "logrotate": paths.LOGROTATE_CONF,
    "check": paths.CHECK_SCRIPT,
    "restart": paths.RESTART_CONF,
    "sysctl": paths.SYSCTL_CONF,
    "record": paths.RECORD,
    "moved": paths.MOVED,
    "members": paths.MEMBERS,
    **{f"kept-{kind}": change.kept("", Way.BACK, kind) for kind in change.PLACES},
}
PACKAGES = ("keepalived", "rsyslog", "logrotate", "systemd", "openssl", "ca-certificates", "dbus")
UNITS = ("keepalived.service", "rsyslog.service", "systemd-networkd.service")
SHIPPED = "shipped:"
"""What the key of a file begins with that floatip ships."""
BOOT = """echo "boot=$(cat /proc/sys/kernel/random/boot_id) $(cut -d ' ' -f 22 /proc/1/stat)\""""
"""Prints another line after each boot, in a container too."""
ROOM = rf"""
df -B 1 --output=size,used,itotal,iavail,target {" ".join(paths.WRITTEN)} 2>/dev/null | {{
    read -r heading
    while read -r size used inodes left place; do echo "room=$((size - used)) 1 $inodes $left $place"; done
}}
for floatip_path in {" ".join(paths.WRITTEN)}; do
    [ ! -d "$floatip_path" ] || [ -w "$floatip_path" ] || [ "$(id -u)" != 0 ] ||
        echo "readonly=$(findmnt -n -o TARGET -T "$floatip_path")"
done
"""
"""Prints free bytes (root's reserve is free), 1, inodes, free ones, and where it is mounted, of each file system that
floatip, keepalived or its log writes to; and which are mounted read-only."""
SCRIPT = (
    rf"""
LC_ALL=C; export LC_ALL
echo {MARK}=1
# one stat for all of them: a process takes longer than all that is done here with a file
floatip_modes=$(echo; stat -c '%n %a:%U:%G' {" ".join(FILES.values())} {paths.SCRIPTS}/* 2>/dev/null; echo)
floatip_file() {{
    floatip_mode=${{floatip_modes#*"
$2 "}}
    [ "$floatip_mode" != "$floatip_modes" ] && [ -f "$2" ] || return 0
    printf 'file=%s %s ' "$1" "${{floatip_mode%%"
"*}}"
    base64 -w0 <"$2"
    echo
}}
"""
    + "\n".join(f"floatip_file {key} {path}" for key, path in FILES.items())
    + rf"""
for floatip_path in {paths.SCRIPTS}/*; do
    case ${{floatip_path##*/}} in
        *[!A-Za-z0-9._~-]*) ;; # none of ours is called so
        *) floatip_file "{SHIPPED}${{floatip_path##*/}}" "$floatip_path" ;;
    esac
done
echo "uid=$(id -u)"
echo "clock=$(date +%s)"
{BOOT}
( . /etc/os-release; echo "os=$ID $VERSION_ID"; echo "system=$PRETTY_NAME" )
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || echo noapt=1
sed -n 's/^[$]PrivDropToUser[[:space:]]*/logs=/p' /etc/rsyslog.conf 2>/dev/null
[ -d /run/systemd/system ] && echo systemd=1
dpkg-query -W -f='package=${{Package}} ${{db:Status-Status}} ${{Version}}\n' {" ".join(PACKAGES)} 2>/dev/null
[ -e /usr/sbin/keepalived ] || apt-cache policy keepalived 2>/dev/null | sed -n 's/^ *Candidate: /offered=/p'
systemctl show -p Id -p ActiveState -p UnitFileState {" ".join(UNITS)} 2>/dev/null | sed 's/^/unit=/'
printf 'links='; ip -j addr show
[ -e {paths.PENDING} ] && echo pending=1
[ -e {paths.STATE_DIRECTORY} ] && echo noted=1
read -r up _ </proc/uptime; echo "up=$up"
{SHOW}
{ROOM}
for floatip_path in {" ".join(paths.DUMPS)}; do
    [ ! -d "$floatip_path" ] || echo "blocked=$(stat -c %U "$floatip_path") $floatip_path"
done
"""
    + includes.PROBE
    + binding.PROBE
    + interface_managers.PROBE
    + firewall.PROBE
    + "\nfloatip_firewall\ntrue\n"
)
