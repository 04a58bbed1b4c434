"""What a server has come to, as a sentence: the same on the terminal and on a page."""

from __future__ import annotations

from floatip.model.messages import Said, all_of, say
from floatip.runs.events.model import Cleared, LeftAlone, Proved, Restored, WentOn


def sentence(event: Proved | Restored | WentOn | LeftAlone | Cleared) -> Said:
    """The event in words; who holds an address without a full stop, as an item of a list."""
    if isinstance(event, Proved):
        return _proved(event)
    if isinstance(event, LeftAlone):
        return say(
            "{names} will finish the change or roll it back by themselves within {seconds} s.",
            names=", ".join(event.nodes),
            seconds=event.seconds,
        )
    if isinstance(event, Cleared):
        return say("Nothing of floatip is left on {node}.", node=event.node)
    if isinstance(event, WentOn) and event.ok:
        return say("{node} has the new configuration.", node=event.node)
    if isinstance(event, WentOn):
        return say("{node} could not get the new configuration: “{said}”", node=event.node, said=event.said)
    if event.ok:
        return say("{node} has its previous configuration again.", node=event.node)
    return say("{node} could not be restored: “{said}”", node=event.node, said=event.said)


def _proved(event: Proved) -> Said:
    if not event.holder:
        return say("{address} is held by a server outside this run", address=event.address)
    values = {"holder": event.holder, "address": event.address}
    if event.others and event.answers:
        both = all_of(event.others)
        return say(
            "{holder} holds {address} and answers, but {macs} does too: two machines use it", macs=both, **values
        )
    if event.others:
        macs = all_of(event.others)
        return say("{holder} holds {address}, but {macs} answers for it: two machines use it", macs=macs, **values)
    if event.answers is None:
        return say("{holder} holds {address}", **values)
    if event.answers:
        return say("{holder} holds {address}, and it answers", **values)
    return say("{holder} holds {address}, but does not answer for it in its network", **values)
