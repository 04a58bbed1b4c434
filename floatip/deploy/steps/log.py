"""The daemon's own log file: rsyslog writes it, logrotate keeps eight weeks of it."""

from __future__ import annotations

from pyinfra import host

from floatip.change import summary
from floatip.deploy.operations import hosts
from floatip.deploy.survey.result import Survey
from floatip.keepalived import render
from floatip.model import paths

# A wrong file must not take the whole system's log with it: rsyslogd -N1 reads it first.
RESTART = "rsyslogd -N1 >/dev/null\nsystemctl restart rsyslog.service"


def own_file(survey: Survey) -> None:
    """Filter, rotation and a running rsyslog; none of it where the inventory says `log_file: False`."""
    found = survey.states[host.name]
    wanted = survey.cluster.log_file
    hosts.file(
        name=summary.LOG_FILE,
        path=paths.RSYSLOG_CONF,
        text=render.rsyslog_conf(found.logs) if wanted else None,
        mode="0644",
        found=found.files.get("rsyslog"),
        after=RESTART if wanted else "systemctl try-restart rsyslog.service",
    )
    hosts.file(
        name=summary.ROTATE,
        path=paths.LOGROTATE_CONF,
        text=render.logrotate_conf(found.logs) if wanted else None,
        mode="0644",
        found=found.files.get("logrotate"),
    )
    if wanted:
        fresh = "rsyslog" not in found.packages
        hosts.at_boot(
            name=summary.RUN_RSYSLOG,
            unit="rsyslog.service",
            enabled=fresh or found.enabled("rsyslog"),
            active=fresh or found.active("rsyslog"),
        )
