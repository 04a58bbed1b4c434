"""What a host has, printed by one shell function: only what is there is asked, and nothing slow.

`ufw` and `firewall-cmd` are Python programs and take a third of a second each: ufw's files say the
same, and firewalld answers over D-Bus. Each line is `fw.KEY=VALUE`; texts are base64.
"""

from floatip.firewall import places

MAX_BYTES = 4_000_000  # of one text: an iptables list of 20 000 addresses has about 1 MB

PROBE = rf"""
floatip_firewall() {{ (
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
fw_text() {{ printf 'fw.%s=' "$1"; head -c {MAX_BYTES} | base64 -w0; echo; }}
fw_file() {{ if [ -f "$2" ]; then fw_text "$1" <"$2"; fi; }}
fw_has() {{ command -v "$1" >/dev/null 2>&1; }}
echo fw.begin=1
for unit in nftables netfilter-persistent; do
  for link in /etc/systemd/system/*.wants/$unit.service; do
    [ -L "$link" ] && echo "fw.enabled=$unit" && break
  done
done
if fw_has nft; then nft -j -t -a list ruleset 2>/dev/null | fw_text nft; fi
for tool in iptables ip6tables; do
  fw_has $tool || continue
  default=legacy; case $(readlink -f "$(command -v $tool)") in *nft*) default=nft ;; esac
  echo "fw.$tool=$default"
  if fw_has $tool-nft && rules=$($tool-nft -S 2>/dev/null); then printf '%s\n' "$rules" | fw_text $tool-nft; fi
  if fw_has $tool-legacy && grep -qsx filter /proc/net/${{tool%tables}}_tables_names
  then $tool-legacy -S 2>/dev/null | fw_text $tool-legacy; fi
done
if [ -f {places.UFW_CONF} ]; then
  if grep -qis '^ENABLED=yes' {places.UFW_CONF}; then echo fw.ufw=on; else echo fw.ufw=off; fi
  if grep -qs vrrp /usr/lib/python3/dist-packages/ufw/util.py; then echo fw.ufw.vrrp=1; fi
  if grep -qis '^IPV6=no' /etc/default/ufw; then echo fw.ufw.noipv6=1; fi
fi
bus=org.fedoraproject.FirewallD1 path=/org/fedoraproject/FirewallD1
fw_bus() {{ busctl --auto-start=no --json=short call $bus "$@" 2>/dev/null; }}
if fw_has firewall-cmd && default=$(fw_bus $path $bus getDefaultZone); then
  active=$(fw_bus $path $bus.zone getActiveZones)
  printf %s "$default" | fw_text firewalld.default
  printf %s "$active" | fw_text firewalld.active
  zones=$(printf '%s\n' "$active" | grep -o '"[A-Za-z0-9_-]*":{{'; printf '%s\n' "$default" | grep -o '\["[^"]*"]'
    ls {places.ZONE_BACKUPS} 2>/dev/null)
  printf '%s\n' "$zones" | tr -d '":{{[]' | sort -u | while read -r zone; do
    fw_bus $path $bus.zone getZoneSettings2 s "$zone" | fw_text "firewalld.runtime.$zone"
    object=$(fw_bus $path/config $bus.config getZoneByName s "$zone" | grep -o '/[A-Za-z0-9_/]*config/zone/[0-9]*')
    [ -z "$object" ] || fw_bus "$object" $bus.config.zone getSettings2 | fw_text "firewalld.permanent.$zone"
  done
elif fw_has firewall-offline-cmd; then
  grep -ls 'priority="-112"' /etc/firewalld/zones/*.xml | while read -r file; do
    zone=${{file##*/}}; fw_text "firewalld.file.${{zone%.xml}}" <"$file"
  done
fi
[ -e {places.UNDO_DIRECTORY} ] && echo fw.pending=1
{"".join(f"fw_file {key} {path}" + chr(10) for key, path in places.FILES.items())}
if [ -f {places.NFTABLES_CONF} ]; then
sed -n 's/^[[:space:]]*include[[:space:]]*["'"'"']\([^"'"'"']*\).*/\1/p' {places.NFTABLES_CONF} 2>/dev/null |
while read -r glob; do
  case $glob in /*) ;; *) glob=/etc/$glob ;; esac
  for file in $glob; do if [ -f "$file" ] && [ "$file" != {places.NFT_RULES} ]; then cat "$file"; echo; fi; done
done | fw_text nftables.included
else echo fw.nftables.included=; fi
echo fw.end=1
) </dev/null; }}
"""
