"""What all servers must say alike: what the first one says is taken, and the others are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.adopt.questions import Asked, Asking
from floatip.keepalived.adopt.readers import Group
from floatip.model.messages import say
from floatip.model.notify import SCRIPT_USER

STAYS, RETURNS = "nopreempt", "preempt"


def agree(stored: dict[str, Any], mine: Mapping[str, Any], called: str, notes: Notes) -> None:
    """Note what one server says in another way."""
    for key in {**stored, **mine}:
        if stored.get(key) != mine.get(key):
            differs(notes, f"{called}: {key} {mine.get(key, '-')}", str(stored.get(key, "-")))


def differs(notes: Notes, text: str, other: str) -> None:
    """Note one thing that a server says in another way."""
    why = say("Another server has a different value ({other}), which is used for all.", other=other or "…")
    notes.changed(0, text, Code.SERVERS, why)


def users(stored: Mapping[str, Mapping[str, Any]], mine: Mapping[str, Mapping[str, Any]], notes: Notes) -> None:
    """Note each check that runs as another user than on another server."""
    for name in stored.keys() & mine.keys():
        user, other = (check[name].get("user", SCRIPT_USER) for check in (mine, stored))
        if user != other and "command" in stored[name]:
            differs(notes, f"vrrp_script {name}: user {user}", str(other))


def preemption(called: str, parts: Sequence[tuple[str, Group]], asking: Asking) -> None:
    """Whether a preferred server takes the address back, as the one does now that leads: `nopreempt` of the others
    does nothing, nor does it beside `state MASTER`."""
    says = {node: bool(group.cluster.pop("nopreempt", False)) for node, group in parts}
    if not any(says.values()):
        return
    leader, first = max(parts, key=lambda part: _number(part[1].member.get("priority")))
    stays = says[leader] and first.state != "MASTER"
    if not stays or not all(says.values()):
        nodes = tuple(node for node, said in says.items() if said)
        line = next(statement.line for _, group in parts if (statement := group.setting("nopreempt")))
        text = say(
            "nopreempt of {instance} works only on the server with the highest priority, and not together "
            "with `state MASTER`. On {server} it {counts}.",
            instance=called,
            server=leader,
            counts=say("works today") if stays else say("has no effect today"),
        )
        choices = (STAYS, RETURNS) if stays else (RETURNS, STAYS)
        stays = asking.choose(Asked.PREEMPTION, f"preemption {called}", (nodes, line), text, *choices) == STAYS
    for _, group in parts if stays else ():
        group.cluster["nopreempt"] = True


def _number(raw: object) -> int:
    return raw if isinstance(raw, int) else 0
