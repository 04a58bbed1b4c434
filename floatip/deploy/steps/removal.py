"""Everything away again: the address first, then service, files, firewall rule and log configuration."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from pyinfra import host, logger
from pyinfra.api import Host, State

from floatip import firewall
from floatip.change import networkd, nonlocal_bind, shipping, summary
from floatip.deploy.operations import scripts
from floatip.deploy.operations.hosts import without
from floatip.deploy.operations.packages import parsed, purge_script
from floatip.deploy.operations.pending import FORGET
from floatip.deploy.session import host_states
from floatip.deploy.steps import packages
from floatip.deploy.survey.result import Survey
from floatip.hosts import connection, preflight
from floatip.hosts.host_state import HostState
from floatip.hosts.ssh_errors import Untold
from floatip.keepalived.conf import read
from floatip.language.telling import tell
from floatip.model import paths
from floatip.model.messages import Said, say
from floatip.model.settings.fifos import PAIRS
from floatip.runs import detached
from floatip.runs.events import Cleared, Failed, Failure
from floatip.server_side import shell

LOGS = f"{paths.LOG} {paths.LOG}.[0-9]*"
STOP = say("Release the address and stop keepalived")
FILES = say("Remove the files of floatip")
FIREWALL = say("Remove the firewall rule")
PACKAGES = say("Remove the packages that floatip installed")
SERVICE = say("Restore whether keepalived runs, and starts at boot")
RECORD = say("Remove the record of what was there before")


def remove(survey: Survey) -> None:
    """Take floatip off this host; what others made stays, a configuration that was replaced comes back."""
    found = survey.states[host.name]
    backups_first = sorted(survey.hosts, key=lambda name: bool(_held(survey, name)))
    for name in host.loop(backups_first):
        scripts.run(name=STOP, script=stop_script(found) if name == host.name else None)
    scripts.run(name=FILES, script=files_script(found))
    scripts.run(name=FIREWALL, script=firewall.remove(firewall.observe(found.firewall)))
    scripts.call(name=PACKAGES, work=packages.work(purge_script(found.text("record"))))
    scripts.run(name=SERVICE, script=service_script(found))
    scripts.run(name=RECORD, script=record_script(found))
    scripts.call(name=summary.LOOK, work=lambda state, host: look(state, host, survey.cluster.floating))


def left(found: HostState) -> list[Said]:
    """What a removal would still do on a host; it is rid of floatip where that is nothing."""
    steps = {
        STOP: stop_script(found),
        FILES: files_script(found),
        FIREWALL: firewall.remove(firewall.observe(found.firewall)),
        RECORD: record_script(found),
    }
    return [name for name, script in steps.items() if script is not None]


def look(state: State, host: Host, addresses: frozenset[str] = frozenset()) -> bool:
    """Whether nothing of floatip is left, its addresses included; says what is, where something is.

    An address may be there for another reason: a keepalived that was there before, and runs again.
    """
    try:
        found = host_states.examined(state, host)
        still = left(found)
    except Untold as untold:
        return _unlooked(host, connection.reason(host, untold))
    except firewall.FirewallError as failed:
        return _unlooked(host, failed.message)
    if still:
        steps = "; ".join(still)
        return _failed(
            host, say("{node}: something of floatip is left. Still to do: {steps}", node=host.name, steps=steps)
        )
    held = tuple(sorted(found.held & addresses))
    if held and not found.active("keepalived"):
        return _failed(host, say("{node} still has {addresses}.", node=host.name, addresses=", ".join(held)))
    detached.tell(Cleared(host.name, tuple(sorted(addresses)), held))
    return True


def _unlooked(host: Host, why: str) -> bool:
    return _failed(host, say("{node} could not be checked after the removal: {said}", node=host.name, said=why))


def _failed(host: Host, message: Said) -> bool:
    logger.error(f"{host.print_prefix}{tell(message)}")
    detached.tell(Failed(Failure.NOT_REMOVED, message, host.name))
    return False


def _held(survey: Survey, name: str) -> frozenset[str]:
    return survey.states[name].held & survey.cluster.floating


def _ours(found: HostState) -> bool:
    return preflight.is_ours(found.text("conf") or "")


def stop_script(found: HostState) -> str | None:
    """Stop the daemon; somebody's own configuration comes back in place of ours, which goes last."""
    if not _ours(found):
        return None
    conf = paths.KEEPALIVED_CONF
    return shell.script(
        *FORGET,  # from here on nobody brings a change to its end here but this removal
        "floatip_stop keepalived.service",
        *(f"if [ -p {path} ]; then rm -f {path}; fi" for path in map(quote, _fifos(found.text("conf") or ""))),
        f"rm -f {paths.PREVIOUS_CONF} {paths.PENDING} {conf}*{shell.TEMPORARY}",
        f"floatip_sum {conf}",
        f"if [ -e {paths.FOREIGN_CONF} ]; then mv -f {paths.FOREIGN_CONF} {conf}",
        f'elif [ "$sum" = {shell.checksum(found.text("conf"))} ]; then rm -f {conf}; fi',
    )


def _fifos(text: str) -> list[str]:
    """Those that keepalived leaves behind: it takes `notify_fifo` away only together with `vrrp_notify_fifo`."""
    body = [each for block in read(text).statements if block.keyword == "global_defs" for each in block.body or []]
    found = [each.words[1] for each in body if each.keyword in dict(PAIRS) and len(each.words) > 1]
    return [path for path in found if path.startswith("/")]


def files_script(found: HostState) -> str | None:
    """Take the files away; those of a service go when it was told."""
    there, lines = found.files, list[str]()
    for key, path in (("logrotate", paths.LOGROTATE_CONF), ("check", paths.CHECK_SCRIPT)):
        lines += without(path) if key in there else []
    lines += shipping.away(shipping.there(found))
    if "rsyslog" in there:
        tell = "systemctl try-restart rsyslog.service\n" if "rsyslog" in found.packages else ""
        lines += without(paths.RSYSLOG_CONF, f"{tell}rm -f {LOGS}")
    if "sysctl" in there:
        lines += nonlocal_bind.undo(found)
    lines += networkd.undo(found)
    if "restart" in there:
        lines += without(paths.RESTART_CONF, "systemctl daemon-reload")
        lines.append(f"rmdir --ignore-fail-on-non-empty {paths.RESTART_CONF.rpartition('/')[0]}")
    return shell.script(*lines) if lines else None


def service_script(found: HostState) -> str | None:
    """A keepalived that was there before is enabled and runs as it did."""
    before = parsed(found.text("record"))
    ours = "keepalived" in before.get("packages", "").split()
    if ours or "keepalived" not in found.packages or (not before and not _ours(found)):
        return None
    return shell.script(*_as_before(before))


def _as_before(before: dict[str, str]) -> Iterator[str]:
    yield f"systemctl {'enable' if before.get('enabled') == 'enabled' else 'disable'} -q keepalived.service"
    if before.get("active") == "active":
        yield "systemctl start keepalived.service"


def record_script(found: HostState) -> str | None:
    """Forget what was there before."""
    return shell.script(f"rm -rf {paths.STATE_DIRECTORY}") if found.noted or found.text("record") is not None else None
