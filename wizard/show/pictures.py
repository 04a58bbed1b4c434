"""Pictures for pages, as SVG with a title and a description: the cluster, and what came of a drill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from floatip.hosts.daemon import State
from floatip.model.cluster import Cluster, Contender, Instance, Member
from floatip.model.messages import Said, say
from floatip.operate.drill import Progress, Report, diagram
from floatip.operate.status import WORDS, Row
from wizard.language import tell

NARROW, WIDE, HEIGHT, BOX = 480, 720, 250, 190
"""A pair needs less room than others, and its words are the larger for it on a telephone."""
SHORT: Mapping[State, Said] = {
    "master": Said("MASTER"),
    "backup": Said("BACKUP"),
    "fault": Said("FAULT"),
    "init": say("starting"),
    "mute": say("not known"),
    "absent": say("no instance"),
    "stopped": say("stopped"),
    "unknown": say("not known"),
}
"""A state in the room that a picture has."""


def topology(cluster: Cluster, instance: Instance, row: Row | None = None, *, live: bool = False) -> Markup:
    """One group of addresses: who leads, who stands by. `row`: how it is at present; without it, how it shall be, or,
    of what is `live`, nothing that has not been seen."""
    now = {node.name: node.state for node in row.nodes} if row else {}
    members = sorted(instance.contenders, key=lambda contender: -contender.priority)
    addresses = ", ".join(str(address.ip) for address in instance.addresses)
    text = tell(row.sentence) if row else _meant(addresses, members)
    shown = addresses if len(addresses) < 26 else f"{addresses[:24]}…"
    room = max(260, 40 + 13 * len(shown))
    width = NARROW if len(members) <= 2 else WIDE
    parts = [
        Markup('<svg class="topology" viewBox="0 0 {} {}" role="img" aria-labelledby="t-{} d-{}">').format(
            width, HEIGHT, instance.name, instance.name
        ),
        Markup('<title id="t-{}">{}</title><desc id="d-{}">{}</desc>').format(
            instance.name, f"{cluster.name}: {instance.name}", instance.name, text
        ),
        Markup('<text x="{}" y="24">{}</text><path d="M{} 34V70"/>').format(
            width // 2, tell(say("clients")), width // 2
        ),
        Markup('<rect x="{}" y="70" width="{}" height="40" rx="20" class="vip"/><text x="{}" y="96">{}</text>').format(
            (width - room) // 2, room, width // 2, shown
        ),
    ]
    box = min(BOX, width // len(members) - 8)
    for number, member in enumerate(members):
        x = width * (2 * number + 1) // (2 * len(members))
        state = now.get(member.node, "unknown") if row or live else "master" if number == 0 else "backup"
        word = tell(SHORT[state]) if row or live else f"{tell(SHORT[state])} {member.priority}"
        parts.append(
            Markup(
                '<path d="M{} 110L{} 160" class="{}"/><rect x="{}" y="160" width="{}" height="76" rx="6"/>'
                '<text x="{}" y="182" class="name">{}</text><text x="{}" y="204">{} {}</text>'
                '<text x="{}" y="226">{} {}</text>'
            ).format(
                *(width // 2, x, "lead" if state == "master" else "by", x - box // 2, box),
                *(x, member.node, x, WORDS[state][0], word, x, *_place(member)),
            )
        )
    return Markup("").join([*parts, Markup("</svg>")])


def _meant(addresses: str, members: Sequence[Contender]) -> str:
    """What the picture says to whoever does not see it."""
    text = tell(say("Clients reach {addresses}. {node} is preferred.", addresses=addresses, node=members[0].node))
    for member in members[1:]:
        text += " " + tell(say("{node} is a backup, priority {priority}.", node=member.node, priority=member.priority))
    return text


def timeline(report: Report) -> Markup:
    """Who had the address when, and which pings were lost."""
    return Markup(diagram.picture(report, tell))


def pings(progress: Progress) -> Markup:
    """The pings of a drill that goes on."""
    return Markup(diagram.strip(progress, tell))


def _place(contender: Contender) -> tuple[str, object]:
    """Where it is in the network; what a device calls its interface nobody knows."""
    return (contender.interface, contender.address.ip) if isinstance(contender, Member) else ("", contender.address)
