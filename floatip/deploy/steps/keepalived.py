"""The configuration of keepalived: tested everywhere before it goes live anywhere."""

from __future__ import annotations

from pyinfra import host, logger
from pyinfra.api import Host, State

from floatip.change import members, requirements, shipping, summary
from floatip.change.plan import Kind
from floatip.deploy.operations import hosts, scripts
from floatip.deploy.operations.keepalived import REFUSED, stage_script
from floatip.deploy.session import leasing
from floatip.deploy.steps import checks, services
from floatip.deploy.survey.result import Survey
from floatip.deploy.transaction.transaction import Transaction, refused, transaction
from floatip.keepalived import render
from floatip.language.telling import tell
from floatip.model import passwords, paths
from floatip.model.messages import say
from floatip.runs import detached
from floatip.runs.events import Failed, Failure
from floatip.server_side import shell


def configure(survey: Survey) -> None:
    """Put the health check script into place, and test the new configuration beside the live one."""
    found = survey.states[host.name]
    live, wanted = found.text("conf"), survey.wanted[host.name]
    if survey.cluster.scripts:
        hosts.file(
            name=summary.CHECK_SCRIPT,
            path=paths.CHECK_SCRIPT,
            text=render.check_script(survey.cluster.scripts),
            mode="0755",
            found=found.files.get("check"),
        )
    scripts.run(name=summary.SHIP, script=shipping.put(shipping.wanting(survey.cluster, host.name, found)))
    hosts.file(
        name=summary.RESTART,
        path=paths.RESTART_CONF,
        text=render.restart_conf(),
        mode="0644",
        found=found.files.get("restart"),
        after="systemctl daemon-reload",
    )
    if not survey.plan.steps:  # else it becomes true with the change
        hosts.file(
            name=summary.REMEMBER,
            path=paths.MOVED,
            text=survey.moves.note,
            mode="0644",
            found=found.files.get("moved"),
        )
    hosts.file(
        name=summary.MEMBERS,
        path=paths.MEMBERS,
        text=members.record(survey.cluster, survey.departures.kept),
        mode="0644",
        found=found.files.get("members"),
    )
    services.show(paths.KEEPALIVED_CONF, live, wanted)
    scripts.call(
        name=summary.TEST,
        work=(lambda state, host: _tested(survey, state, host, wanted)) if live != wanted else None,
    )
    hosts.at_boot(
        name=summary.AT_BOOT,
        unit="keepalived.service",
        # The package enables it when it is installed.
        enabled=found.enabled("keepalived") or "keepalived" not in found.packages,
    )


def _tested(survey: Survey, state: State, host: Host, text: str) -> bool:
    answer = leasing.step(state, host, stage_script(text))
    if answer.lost:
        logger.error(f"{host.print_prefix}{tell(answer.lost)}")
        detached.tell(Failed(Failure.LEASE_LOST, answer.lost, host.name))
    elif not answer.ok:
        said = passwords.hidden(answer.stderr.strip())
        if REFUSED in answer.stdout.splitlines():
            code, why = Failure.REFUSED_BY_DAEMON, refused(host.name, said)
        else:
            code = Failure.NOT_TESTED
            why = say("The configuration could not be tested on {node}: “{said}”", node=host.name, said=said)
        for line in tell(why).splitlines():
            logger.error(f"{host.print_prefix}{line}")
        detached.tell(Failed(code, why, host.name, said))
    else:
        checks.tried(survey, state, host)
    return answer.ok


def activate(survey: Survey) -> None:
    """Go through the plan, one node at a time; whatever fails brings all nodes back to what they had."""
    present = transaction(survey)
    mode_only = survey.plan.kind is Kind.NOTHING and not requirements.private(survey.states[host.name])
    scripts.run(
        name=summary.ROOT_ONLY,
        script=f"chown root:root {paths.KEEPALIVED_CONF} && chmod 0640 {paths.KEEPALIVED_CONF}" if mode_only else None,
    )
    scripts.call(name=summary.KEEP, work=present.keep if survey.plan.steps else None)
    for step in host.loop(survey.plan.steps):
        mine = step.node == host.name
        scripts.call(name=summary.name_of(step), work=_work(present, step) if mine else None)


def _work(present: Transaction, step: object) -> scripts.Work:
    return lambda state, host: present.take(state, step)


def tidy(survey: Survey) -> None:
    """Scripts go last: what runs until then, or comes back where the proof fails, may need it."""
    if not survey.cluster.scripts:
        found = survey.states[host.name].files.get("check")
        hosts.file(name=summary.NO_CHECK_SCRIPT, path=paths.CHECK_SCRIPT, text=None, mode="0755", found=found)
    gone = shipping.away(shipping.left(survey.cluster, host.name, survey.states[host.name]))
    scripts.run(name=summary.NO_SCRIPTS, script=shell.script(*gone) if gone else None)
