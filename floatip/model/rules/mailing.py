"""Rules on mail: keepalived sends none, and says nothing of it, where a part of what it needs is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from floatip.model.cluster import Cluster
from floatip.model.messages import all_of, say
from floatip.model.problems import Level, Problem
from floatip.model.rules.known import instance_path

NEEDED: Final = ("notification_email", "smtp_server")


def nowhere_to(cluster: Cluster) -> Iterator[Problem]:
    """An instance that shall send mail, and no address or no server for it."""
    missing = [key for key in NEEDED if not getattr(cluster, key)]
    for instance in cluster.instances:
        if instance.smtp_alert and missing:
            message = say(
                "{instance} has smtp_alert, but keepalived sends no mail without {keys}.",
                instance=instance.name,
                keys=all_of(missing),
            )
            hint = say("Set them for the cluster.")
            yield Problem(instance_path(instance, "smtp_alert"), "no-mail", message, hint, Level.WARNING)


def nobody_sends(cluster: Cluster) -> Iterator[Problem]:
    """Addresses, and no instance that sends mail."""
    if cluster.notification_email and not any(instance.smtp_alert for instance in cluster.instances):
        message = say("notification_email has addresses, but no instance sends mail.")
        hint = say("Give the instances that should 'smtp_alert': True.")
        yield Problem("notification_email", "no-mail", message, hint, Level.INFO)


RULES = (nowhere_to, nobody_sends)
