"""What lives beside keepalived on a server: services that bind the address before it is there, and whoever configures
the interface that it is put on."""

from __future__ import annotations

from pyinfra import host, logger, state
from pyinfra.operations.util.files import generate_color_diff

from floatip.change import networkd, nonlocal_bind, summary
from floatip.deploy.operations import scripts
from floatip.deploy.survey.result import Survey
from floatip.keepalived.conf import masked_apart
from floatip.model import paths


def keep(survey: Survey) -> None:
    """systemd-networkd leaves the floating address alone, as far as the server's version can."""
    cluster, found = survey.cluster, survey.states[host.name]
    wanted = networkd.files(cluster, host.name, found)
    for path in sorted({*wanted, *found.managers.guards}):
        show(path, found.managers.guards.get(path, ("", None))[1], wanted.get(path))
    scripts.run(name=summary.NETWORKD, script=networkd.script(cluster, host.name, found))


def bind(survey: Survey) -> None:
    """The kernel's switch, now and after a reboot; as it was before where the inventory does not ask for it."""
    cluster, found = survey.cluster, survey.states[host.name]
    show(paths.SYSCTL_CONF, found.text("sysctl"), nonlocal_bind.text(cluster, found))
    scripts.run(
        name=summary.BIND if cluster.nonlocal_bind else summary.NO_BIND, script=nonlocal_bind.script(cluster, found)
    )


def show(path: str, now: str | None, then: str | None) -> None:
    """The lines of a file that change, where a person asked for them; without passwords."""
    if now != then and state.config.DIFF:
        logger.info(f"{host.print_prefix}{path}:")
        for line in generate_color_diff(*(text.splitlines() for text in masked_apart(now or "", then or ""))):
            logger.info(f"  {line}")
