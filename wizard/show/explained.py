"""What a keyword of keepalived.conf means: the table's own words, and those for what no setting stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from floatip.model.messages import Said, say
from floatip.model.settings import CHECKS, GLOBAL, Setting, keyworded
from floatip.model.settings.notifying import NOTIFY
from floatip.model.settings.servers import NODE

OWN: Mapping[str, Mapping[str, Said]] = {
    "": {
        "global_defs": say("Settings of the whole daemon on this server."),
        "vrrp_instance": say("An instance: floating addresses that move together, and how their holder is elected."),
        "vrrp_script": say("A health check that keepalived runs on this server again and again."),
        "vrrp_sync_group": say("Instances that always move together."),
        "track_file": say("A file on this server with a number that changes the priority."),
    },
    "global_defs": {
        "vrrp_higher_prio_send_advert": say(
            "A MASTER that hears a higher priority sends one more advert before it gives way."
        ),
        "enable_script_security": say("Nothing runs as root that somebody other than root could change."),
        "script_user": say("The user that runs programs, where they name no other."),
    },
    "vrrp_instance": {
        "state": say("Every server starts as BACKUP; the election decides who becomes MASTER."),
        "nopreempt": say("A preferred server that returns does not take the address back."),
        "track_script": say("The health checks that count here, each with its weight."),
    },
    "vrrp_script": {"script": say("The command that keepalived runs; exit code 0 means that the check succeeds.")},
    "vrrp_sync_group": {
        "group": say("The instances that move together."),
        "sync_group_tracking_weight": say("Weights of health checks count in this group, too."),
    },
    "track_file": {
        "file": say("The path of the file."),
        "weight": say("What the number is multiplied by. 0: any other number than 0 means FAULT."),
        "init_file": say("The number that keepalived writes when it starts and there is no such file."),
    },
}


@cache
def _blocks() -> Mapping[str, Mapping[str, Said]]:
    rows: Mapping[str, Iterable[tuple[str, Setting]]] = {
        "global_defs": [(word, row) for row in (*GLOBAL, *NODE) for word in row.rendered],
        "vrrp_instance": keyworded().items(),
        "vrrp_script": [(word, row) for row in CHECKS for word in row.rendered],
        "vrrp_sync_group": [(row.key, row) for row in NOTIFY],
    }
    table = {block: {word: _explanation(row) for word, row in found if row.label} for block, found in rows.items()}
    return {block: {**table.get(block, {}), **own} for block, own in OWN.items()}


def meaning(block: str, keyword: str) -> Said | None:
    """Of a keyword at the beginning of a line. `block`: the keyword of the block around it, empty at the top."""
    return _blocks().get(block, {}).get(keyword)


def _explanation(row: Setting) -> Said:
    return say("{label}: {help}", label=row.label, help=row.help) if row.help else row.label
