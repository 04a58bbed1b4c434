"""Everything away again: the address first, then service, files, firewall rule and log configuration."""

from __future__ import annotations

from pyinfra import host

from floatip import firewall, paths, preflight
from floatip.deploys.survey import Survey
from floatip.host_state import HostState
from floatip.operations import scripts
from floatip.words import say

LOGS = f"{paths.LOG} {paths.LOG}.[0-9]*"
# keepalived 2.3 names its protocol there when it starts; the package does not know that file.
PROTOCOL_NAME = "/etc/iproute2/rt_addrprotos.d/keepalived.conf"
DROPINS = paths.RESTART_CONF.rpartition("/")[0]


def remove(survey: Survey) -> None:
    """Take floatip off this host; what others made stays, a configuration that was replaced comes back."""
    found = survey.states[host.name]
    backups_first = sorted(survey.hosts, key=lambda name: bool(_held(survey, name)))
    for name in host.loop(backups_first):
        scripts.run(
            name=say("Release the address and stop keepalived"), script=_stop(found) if name == host.name else None
        )
    scripts.run(name=say("Remove the files of floatip"), script=_files(found))
    scripts.run(name=say("Remove the firewall rule"), script=firewall.remove(firewall.observe(found.firewall)))
    scripts.run(name=say("Remove the packages that floatip installed"), script=_packages(found))
    scripts.run(name=say("Remove the record"), script=f"rm -rf {paths.STATE_DIRECTORY}" if _any_trace(found) else None)


def record(found: HostState) -> dict[str, str]:
    """What was there before floatip came: `packages` it installed, `enabled`, `active`."""
    lines = (line.partition("=") for line in (found.text("record") or "").splitlines())
    return {key: value for key, _, value in lines}


def _held(survey: Survey, name: str) -> frozenset[str]:
    wanted = {str(one.ip) for instance in survey.cluster.instances for one in instance.virtual_ipaddress}
    return survey.states[name].held & wanted


def _ours(found: HostState) -> bool:
    return preflight.is_ours(found.text("conf") or "")


def _any_trace(found: HostState) -> bool:
    return found.text("record") is not None or _ours(found)


def _stop(found: HostState) -> str | None:
    if not _ours(found):
        return None
    return (
        "systemctl stop keepalived.service; "
        f"rm -f {paths.KEEPALIVED_CONF} {paths.PREVIOUS_CONF} {paths.PENDING}; "
        f"[ ! -e {paths.FOREIGN_CONF} ] || mv -f {paths.FOREIGN_CONF} {paths.KEEPALIVED_CONF}"
    )


def _files(found: HostState) -> str | None:
    present = [key for key in ("rsyslog", "logrotate", "check", "restart") if key in found.files]
    if not present:
        return None
    return (
        f"rm -f {paths.RSYSLOG_CONF} {paths.LOGROTATE_CONF} {paths.CHECK_SCRIPT} {paths.RESTART_CONF} {LOGS}; "
        f"[ ! -d {DROPINS} ] || rmdir --ignore-fail-on-non-empty {DROPINS}; systemctl daemon-reload; "
        "systemctl try-restart rsyslog.service"
    )


def _packages(found: HostState) -> str | None:
    before = record(found)
    installed = [
        name
        for name in before.get("packages", "").split()
        if name.replace("-", "").replace(".", "").replace("+", "").isalnum()
    ]
    lines = []
    if installed:
        lines.append(
            "export DEBIAN_FRONTEND=noninteractive; "
            f"apt-get -y -q -o DPkg::Lock::Timeout=120 purge {' '.join(installed)} || exit 1"
        )
    if "keepalived" in installed:
        lines.append(
            f"if [ -e {PROTOCOL_NAME} ] && ! grep -qv '# added by keepalived$' {PROTOCOL_NAME}; then "
            f"rm -f {PROTOCOL_NAME}; rmdir -p --ignore-fail-on-non-empty {PROTOCOL_NAME.rpartition('/')[0]}; fi"
        )
    if "keepalived" not in installed and "keepalived" in found.packages and _any_trace(found):
        verb = "enable" if before.get("enabled") == "enabled" else "disable"
        lines.append(f"systemctl {verb} -q keepalived.service")
        if before.get("active") == "active":
            lines.append("systemctl start keepalived.service")
    return "; ".join(lines) or None
