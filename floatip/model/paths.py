"""Where things stand on a server, and where floatip itself stands on this computer."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of a checkout, or the site-packages that floatip was installed to
CHECKOUT = (ROOT / "deploy.py").is_file() and (ROOT / "templates").is_dir()

KEEPALIVED_CONF = "/etc/keepalived/keepalived.conf"
PREVIOUS_CONF = "/etc/keepalived/keepalived.conf.floatip-previous"
FOREIGN_CONF = "/etc/keepalived/keepalived.conf.before-floatip"
SCRIPTS = "/etc/keepalived/floatip-scripts"
CHECK_SCRIPT = "/etc/keepalived/floatip-check"
RSYSLOG_CONF = "/etc/rsyslog.d/floatip-keepalived.conf"
LOGROTATE_CONF = "/etc/logrotate.d/floatip-keepalived"
SYSCTL_CONF = "/etc/sysctl.d/floatip.conf"
RESTART_CONF = "/etc/systemd/system/keepalived.service.d/floatip-restart.conf"
DRILL_FAILS = "/run/floatip-drill-fails"
LOG = "/var/log/keepalived.log"
STATE_DIRECTORY = "/var/lib/floatip"
RECORD = f"{STATE_DIRECTORY}/before"
MOVED = f"{STATE_DIRECTORY}/moved"
MEMBERS = f"{STATE_DIRECTORY}/members"
ORIGIN = f"{STATE_DIRECTORY}/deployed"
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


def shipped(name: str) -> Path:
    """A file or directory that has its place at the top of a checkout, and comes along wherever floatip is installed:
    `deploy.py`, `templates`. In a checkout they are links to it."""
    from importlib import resources  # takes longer to import than all of this room

    return Path(str(resources.files("floatip") / "shipped" / name))


def started_in(inventory: Path) -> Path:
    """Where pyinfra is started for an inventory, which is where its relative paths begin: in a checkout there, else
    beside the inventory."""
    return ROOT if CHECKOUT else inventory.resolve().parent
