"""Where things stand on a server, and where floatip itself stands on this computer."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # with deploy.py: pyinfra is started here

KEEPALIVED_CONF = "/etc/keepalived/keepalived.conf"
PREVIOUS_CONF = "/etc/keepalived/keepalived.conf.floatip-previous"
FOREIGN_CONF = "/etc/keepalived/keepalived.conf.before-floatip"
CHECK_SCRIPT = "/etc/keepalived/floatip-check"
RSYSLOG_CONF = "/etc/rsyslog.d/floatip-keepalived.conf"
LOGROTATE_CONF = "/etc/logrotate.d/floatip-keepalived"
RESTART_CONF = "/etc/systemd/system/keepalived.service.d/floatip-restart.conf"
DRILL_FAILS = "/run/floatip-drill-fails"
LOG = "/var/log/keepalived.log"
STATE_DIRECTORY = "/var/lib/floatip"
RECORD = f"{STATE_DIRECTORY}/before"
MOVED = f"{STATE_DIRECTORY}/moved"
MEMBERS = f"{STATE_DIRECTORY}/members"
PENDING = f"{STATE_DIRECTORY}/reload-pending"
CHANGE_DIRECTORY = "/etc/keepalived/.floatip-pending"
CHANGE = f"{CHANGE_DIRECTORY}/change"
UNPROVED = f"{CHANGE_DIRECTORY}/unproved"
WATCH = f"{CHANGE_DIRECTORY}/watch.pl"
WATCHED = "/run/floatip/watched"
DUMPS = ("/tmp/keepalived.json", "/tmp/keepalived.data")  # where the daemon writes its state when it is asked
WRITTEN = ("/etc", "/etc/keepalived", "/run", "/tmp", "/var/lib", STATE_DIRECTORY, "/var/log")  # to whose file systems
LOGS = "/var/log"
LEASE = "/run/floatip/lease"
LEASE_LOCK = "/run/floatip/lock"

MARKER = "# Managed by floatip"
