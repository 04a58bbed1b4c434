"""One added accept for VRRP in whatever firewall the host uses."""

from __future__ import annotations

from pyinfra import host

from floatip.deploys.survey import Survey
from floatip.operations import scripts


def allow_vrrp(survey: Survey) -> None:
    """Let the adverts of the peers in (and out), now and after a reboot."""
    firewall = survey.firewalls[host.name]
    scripts.run(name="Accept VRRP from the other nodes in the firewall", script=firewall.script)
