"""The script that finds out what a keepalived that runs is doing.

The daemon writes its state on request: signal `keepalived --signum=JSON` → /tmp/keepalived.json, SIGUSR1 →
/tmp/keepalived.data, which alone knows the health checks. Only a process that is called keepalived and waits for
both signals gets them: any other would die of them.
"""

from __future__ import annotations

from floatip.hosts.host_script import ROOM
from floatip.model import paths
from floatip.server_side.lease.model import SHOW
from floatip.server_side.pending import change

MARK = "floatip-daemon"
# In keepalived.data the interfaces come after the health checks: a file that has got so far names them all.
GLANCE = rf"""
LC_ALL=C; export LC_ALL
echo {MARK}=1
echo "uid=$(id -u)"
unit=$(systemctl show keepalived.service -p MainPID -p ActiveState -p StateChangeTimestampMonotonic)
echo "$unit" | sed 's/^/unit=/'
read -r up _ </proc/uptime; echo "up=$up"
{SHOW}
{change.SHOW}
{ROOM}
echo "clock=$(date +%s.%N)"
echo "moved=$(cat {paths.MOVED} 2>/dev/null)"
echo "deployed=$(head -c 300 {paths.ORIGIN} 2>/dev/null)"
printf 'links='; ip -j addr show
"""
LOOK = (
    GLANCE
    + rf"""
dumps="{" ".join(paths.DUMPS)}"
"""
    + r"""
floatip_waits_for() {
    for mask in $(sed -n 's/^Sig\(Blk\|Cgt\):[[:space:]]*//p' /proc/"$1"/status); do
        [ $(( 0x$mask >> ($2 - 1) & 1 )) = 1 ] && return 0
    done
    return 1
}
pid=$(echo "$unit" | sed -n 's/^MainPID=//p')
number=$(keepalived --signum=JSON 2>/dev/null)
if [ "$(cat /proc/"${pid:-0}"/comm 2>/dev/null)" = keepalived ] && [ -n "$number" ] &&
    floatip_waits_for "$pid" "$number" && floatip_waits_for "$pid" 10; then
    # One look after the other: each removes the files that another would wait for in vain.
    if [ -d /etc/keepalived ]; then exec 9</etc/keepalived; flock -w 2 9; fi
    rm -f $dumps 2>/dev/null
    for dump in $dumps; do [ ! -e "$dump" ] || echo "blocked=$(stat -c %U "$dump") $dump"; done
    kill -"$number" "$pid" && kill -10 "$pid" && echo asked=1
    tries=0
    until [ -s /tmp/keepalived.json ] && [ -s /tmp/keepalived.data ] || [ $tries -ge 20 ]; do
        sleep 0.03; tries=$((tries + 1))
    done
    sleep 0.03
    [ -O /tmp/keepalived.json ] && echo "json=$(base64 -w0 </tmp/keepalived.json)"
    [ -O /tmp/keepalived.data ] && sed -n 's/^ *VRRP Script = /script=/p; s/^ *Init state = /init=/p
        s/^ *Status = \(GOOD\|BAD\).*/status=\1/p; s/^------< Interfaces >.*/checks=read/p' /tmp/keepalived.data
    rm -f $dumps 2>/dev/null
    exec 9<&-
fi
:
"""
)
DEEP = ("asked", "json", "script", "init", "status", "checks", "blocked")
"""The keys that only a look has: the daemon writes a line into its log for each, so a glance does without."""


def visible(lines: list[str]) -> list[str]:
    """What of a glance stays the same for as long as nothing happens."""
    return [line for line in lines if line.startswith(("unit=", "moved=", "links=", "change="))]


def deepened(glance: list[str], look: list[str]) -> list[str]:
    """A glance, with what an earlier look has found out besides."""
    return [*glance, *(line for line in look if line.partition("=")[0] in DEEP)]
