"""Why an address has two holders, or none."""

from __future__ import annotations

from collections.abc import Mapping

from floatip.hosts.daemon import DaemonState, Vrrp
from floatip.model.cluster import Instance
from floatip.model.messages import Said, all_of, one_after_the_other, say
from floatip.operate.status.model import Cause, NodeRow

# what keepalived counts, and what it says of the settings of who sent the adverts
REFUSALS = {
    "addr_list_err": say("another list of floating addresses"),
    "advert_interval_err": say("another advert_int"),
    "authtype_mismatch": say("another authentication"),
    "auth_failure": say("another authentication"),
    "packet_len_err": say("another version, or another number of addresses"),
}
DROPPED = say("They do not hear each other's adverts: something between them drops VRRP (IP protocol 112).")


def cause(instance: Instance, nodes: tuple[NodeRow, ...], found: Mapping[str, DaemonState]) -> tuple[Cause, Said]:
    """The likeliest reason for two holders, or for none."""
    own = {name: state.instances[instance.name] for name, state in found.items() if instance.name in state.instances}
    if any(row.state == "master" for row in nodes):
        return _misnumbered(instance, own) or _refused(own) or (Cause.VRRP_DROPPED, DROPPED)
    if all(row.state == "stopped" for row in nodes):
        return Cause.NONE_RUNS, say("keepalived is not running on any of them.")
    absent = [row.name for row in nodes if row.state == "absent"]
    if absent and all(row.state in ("absent", "stopped") for row in nodes):
        none = say("keepalived has no instance {instance} on {names}.", instance=instance.name, names=all_of(absent))
        return Cause.NO_INSTANCE, none
    return _unfit(nodes) or (Cause.ELECTION, say("An election may be under way."))


def _misnumbered(instance: Instance, own: Mapping[str, Vrrp]) -> tuple[Cause, Said] | None:
    """Daemons that run with different VRIDs are strangers to each other, whatever the network does."""
    numbers = {name: vrrp.virtual_router_id for name, vrrp in own.items() if vrrp.virtual_router_id is not None}
    if len(set(numbers.values())) < 2:
        return None
    reasons = [
        say("{name} runs VRID {found} instead of {vrid}.", name=name, found=found, vrid=instance.virtual_router_id)
        for name, found in numbers.items()
        if found != instance.virtual_router_id
    ]
    return Cause.OTHER_VRID, one_after_the_other(reasons)


def _refused(own: Mapping[str, Vrrp]) -> tuple[Cause, Said] | None:
    """What the daemons count when they hear each other and do not accept what they hear."""
    for name, vrrp in own.items():
        for counter, message in REFUSALS.items():
            if vrrp.counters.get(counter, 0):
                refused = say("{name} hears adverts that it refuses: they have {what}.", name=name, what=message)
                return Cause.ADVERTS_REFUSED, refused
    return None


def _unfit(nodes: tuple[NodeRow, ...]) -> tuple[Cause, Said] | None:
    if not all(row.state in ("fault", "stopped", "absent") for row in nodes):
        return None
    return failing(nodes) or (
        Cause.NONE_FIT,
        say("No server can hold the address: an interface is down, or a health check fails."),
    )


def failing(nodes: tuple[NodeRow, ...]) -> tuple[Cause, Said] | None:
    """The health checks that fail, or are not run at all."""
    failing = [
        say("{check} on {name} (keepalived does not run it)", check=check, name=row.name)
        if check in row.off
        else say("{check} on {name}", check=check, name=row.name)
        for row in nodes
        if row.state not in ("stopped", "unknown")
        for check, well in (row.checks or {}).items()
        if not well
    ]
    return (Cause.CHECKS_FAIL, say("Health checks fail: {names}.", names=all_of(failing))) if failing else None
