"""One added accept for VRRP in whatever firewall the host uses.

A timer on the host takes it back after a minute, unless a *new* connection stops that timer: whatever a
firewall does, the way in is known to be open before the change is kept.
"""

from __future__ import annotations

from pyinfra import host, logger
from pyinfra.api import Host, State
from pyinfra.api.exceptions import ConnectError

from floatip.change import summary
from floatip.deploy.operations import scripts
from floatip.deploy.session import leasing
from floatip.deploy.survey.notices import remark
from floatip.deploy.survey.result import Survey
from floatip.hosts import ssh_errors
from floatip.language.telling import tell
from floatip.model.messages import Said, say
from floatip.model.problems import Level
from floatip.runs import detached
from floatip.runs.events import Failed, Failure


def allow_vrrp(survey: Survey) -> None:
    """Let the adverts of the peers in (and out), now and after a reboot."""
    firewall = survey.firewalls[host.name]
    for warning in firewall.warnings:
        remark(host.name, "firewall", Level.WARNING, warning, prefix=host.print_prefix)
    disarm = firewall.disarm
    scripts.run(name=summary.ARM, script=firewall.arm)
    scripts.run(name=summary.ACCEPT, script=firewall.script)
    scripts.call(
        name=summary.DISARM,
        work=(lambda state, host: _confirmed(state, host, disarm)) if disarm else None,
    )


def _confirmed(state: State, host: Host, disarm: str) -> bool:
    fresh = host.connector_cls(state, host)
    try:
        fresh.connect()
    except ConnectError as error:
        known = ssh_errors.in_words(str(error), host.data.dict())
        why = say("Could not open a new connection, so the server rolls the firewall rule back: {error}", error=known)
        return _unconfirmed(host, why, str(error))
    answer = leasing.step(state, host, disarm, over=fresh)
    fresh.disconnect()
    if not answer.ok:
        return _unconfirmed(host, say("The timer could not be stopped: {error}", error=answer.stderr), answer.stderr)
    return True


def _unconfirmed(host: Host, why: Said, said: str) -> bool:
    logger.error(f"{host.print_prefix}{tell(why)}")
    detached.tell(Failed(Failure.NOT_CONFIRMED, why, host.name, said))
    return False
