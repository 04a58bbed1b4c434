"""The configuration of keepalived: tested everywhere before it goes live anywhere."""

from __future__ import annotations

from pyinfra import host, logger, state
from pyinfra.operations.util.files import generate_color_diff

from floatip import paths, render
from floatip.deploys.survey import Survey
from floatip.deploys.transaction import Transaction, transaction
from floatip.operations import hosts, keepalived, scripts
from floatip.plan import Kind, Step
from floatip.words import say


def configure(survey: Survey) -> None:
    """Put the health check script into place, and test the new configuration beside the live one."""
    found = survey.states[host.name]
    live, wanted = found.text("conf"), survey.wanted[host.name]
    hosts.file(
        name=say("Install the health check script"),
        path=paths.CHECK_SCRIPT,
        text=render.check_script() if survey.cluster.scripts else None,
        mode="0755",
        found=found.files.get("check"),
    )
    hosts.file(
        name=say("Have systemd start keepalived again where it dies"),
        path=paths.RESTART_CONF,
        text=render.restart_conf(),
        mode="0644",
        found=found.files.get("restart"),
        after="systemctl daemon-reload",
    )
    if live != wanted and state.config.DIFF:
        logger.info(f"{host.print_prefix}{paths.KEEPALIVED_CONF}:")
        for line in generate_color_diff((live or "").splitlines(), wanted.splitlines()):
            logger.info(f"  {line}")
    keepalived.stage(name=say("Test the new configuration with the daemon"), text=wanted if live != wanted else None)
    hosts.at_boot(
        name=say("Have keepalived start at boot"),
        unit="keepalived.service",
        # The package enables it when it is installed.
        enabled=found.enabled("keepalived") or "keepalived" not in found.packages,
    )


def activate(survey: Survey) -> None:
    """Go through the plan, one node at a time; whatever fails brings all nodes back to what they had."""
    present = transaction(survey)
    mode_only = survey.plan.kind is Kind.NOTHING and not _private(survey)
    scripts.run(
        name=say("Make the configuration readable for root only"),
        script=f"chown root:root {paths.KEEPALIVED_CONF}; chmod 0640 {paths.KEEPALIVED_CONF}" if mode_only else None,
    )
    for step in host.loop(survey.plan.steps):
        mine = step.node == host.name
        name = (
            say("Activate the configuration: {why}", why=step.why)
            if isinstance(step, Step)
            else say("Wait for the other node: {why}", why=step.why)
        )
        scripts.call(name=name, work=_work(present, step) if mine else None)


def _work(present: Transaction, step: object) -> scripts.Work:
    return lambda state, host: present.take(state, step)


def _private(survey: Survey) -> bool:
    file = survey.states[host.name].files.get("conf")
    return file is not None and file.mode == "640:root:root"
