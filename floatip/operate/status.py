"""Who holds each address now, in words: values in, values out. What is not known is never called good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from floatip.change import pins
from floatip.hosts import preflight
from floatip.hosts.daemon import Health, State, Vitals, Vrrp
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import SILENT, Said, all_of, any_of, one_after_the_other, say
from floatip.server_side.lease.model import told
from floatip.server_side.pending import change

Verdict = Literal["good", "bad", "unknown"]
Level = Literal["good", "warning", "bad", "unknown"]
SIGNS: Mapping[Level, str] = {"good": "●", "warning": "▲", "bad": "▲", "unknown": "?"}
WORDS: dict[State, tuple[str, Said]] = {
    "master": ("●", say("MASTER, has the address")),
    "backup": ("○", say("BACKUP, on standby")),
    "fault": ("▲", say("FAULT, does not take part")),
    "init": ("…", say("just starting")),
    "mute": ("?", say("keepalived runs, but does not tell its state")),
    "absent": ("▲", say("its keepalived has no such instance")),
    "stopped": ("▲", say("keepalived does not run")),
    "unknown": ("?", say("not known: it could not be asked")),
}
# what keepalived counts, and what it says of the settings of who sent the adverts
REFUSALS = {
    "addr_list_err": say("another list of floating addresses"),
    "advert_interval_err": say("another advert_int"),
    "authtype_mismatch": say("another authentication"),
    "auth_failure": say("another authentication"),
    "packet_len_err": say("another version, or another number of addresses"),
}

DROPPED = say("They do not hear each other's adverts: something between them drops VRRP (IP protocol 112).")


class Code(StrEnum):
    """What `Row.sentence` says."""

    HELD = "held"  # by the one that shall have it
    MOVED = "moved"  # by the one that it was moved to on purpose
    NOT_PREFERRED = "not-preferred"  # by another one than shall have it
    TWICE = "twice"  # by several at the same time
    MAYBE_TWICE = "maybe-twice"  # by one; others do not answer
    MAYBE_NOBODY = "maybe-nobody"  # by none that answers; others do not
    NOBODY = "nobody"


class Cause(StrEnum):
    """What `Row.cause` says."""

    OTHER_VRID = "other-vrid"
    ADVERTS_REFUSED = "adverts-refused"
    VRRP_DROPPED = "vrrp-dropped"
    NONE_RUNS = "none-runs"
    NO_INSTANCE = "no-instance"  # where keepalived runs, it has none of this name
    CHECKS_FAIL = "checks-fail"
    NONE_FIT = "none-fit"
    ELECTION = "election"


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One server and one address. `since`: seconds in this state; `priority`: the present one; `checks`: name → well.
    `since` and `priority` are None where they are not known. `off`: those of `checks` that the daemon does not run."""

    name: str
    state: State
    since: float | None = None
    priority: int | None = None
    checks: Mapping[str, bool] | None = None
    off: frozenset[str] = frozenset()

    @property
    def sign(self) -> str:
        """A sign beside the word, for those who see no colours."""
        return WORDS[self.state][0]

    @property
    def words(self) -> Said:
        """The state, as people say it."""
        return WORDS[self.state][1]


@dataclass(frozen=True, slots=True)
class Row:
    """One address: who has it, whether that is well, and the likely cause where it is not; in words and as codes.

    `cause` also tells the health checks that fail while somebody holds the address.
    """

    instance: str
    address: str
    verdict: Verdict
    sentence: Said
    nodes: tuple[NodeRow, ...]
    code: Code
    cause: Said = SILENT
    cause_code: Cause | None = None

    @property
    def level(self) -> Level:
        """The verdict, and "warning" where somebody holds the address, but not all is well."""
        return "warning" if self.verdict == "good" and self.cause_code else self.verdict

    @property
    def sign(self) -> str:
        """A sign before the words, for those who see no colours."""
        return SIGNS[self.level]


def read(cluster: Cluster, found: Mapping[str, Vitals]) -> list[Row]:
    """One row an address; servers that `found` lacks have not answered."""
    to = pins.known(cluster, pins.newest(one.moved for one in found.values())).to
    return [
        _row(str(one.ip), each, found, to.get(each.name))
        for each in cluster.instances
        for one in each.virtual_ipaddress
    ]


def at_work(found: Mapping[str, Vitals]) -> list[Said]:
    """Who is changing the servers now, and which change was not brought to its end yet."""
    leases = [told(name, one.lease) for name, one in found.items() if one.lease]
    return leases + [change.told(name, one.change) for name, one in found.items() if one.change]


def full(found: Mapping[str, Vitals]) -> list[Said]:
    """Where nothing can be written any more."""
    no_room = [preflight.no_room(name, place) for name, one in found.items() for place in one.full]
    return no_room + [preflight.read_only(name, place) for name, one in found.items() for place in one.readonly]


def age(seconds: float) -> Said:
    """A time that has passed, as people say it."""
    if seconds >= 2 * 86400:
        return say("{number} d", number=int(seconds // 86400))
    if seconds >= 2 * 3600:
        return say("{number} h", number=int(seconds // 3600))
    return say("{number} min", number=int(seconds // 60)) if seconds >= 120 else say("{number} s", number=int(seconds))


def _row(address: str, instance: Instance, found: Mapping[str, Vitals], moved: str | None) -> Row:
    nodes = tuple(_node(address, instance, member.node, found.get(member.node)) for member in instance.members)
    verdict, code, sentence = _verdict(address, instance, nodes, moved)
    cause_code, cause = _cause(instance, nodes, found) if verdict == "bad" else _failing(nodes) or (None, SILENT)
    return Row(instance.name, address, verdict, sentence, nodes, code, cause, cause_code)


def _node(address: str, instance: Instance, name: str, seen: Vitals | None) -> NodeRow:
    if seen is None:
        return NodeRow(name, "unknown")
    vrrp = seen.instances.get(instance.name)
    told = {script: seen.check(script) for script in instance.track_script}
    checks = {script: health is Health.WELL for script, health in told.items() if health is not Health.UNKNOWN}
    off = frozenset(script for script, health in told.items() if health is Health.DISABLED)
    if address in seen.held:
        since = vrrp.since if vrrp and vrrp.state == "master" else None
        return NodeRow(name, "master", since, vrrp.priority if vrrp else None, checks, off)
    if not seen.running:
        return NodeRow(name, "stopped", seen.since)
    if vrrp is None:  # a daemon that just starts has told nothing yet
        return NodeRow(name, "absent" if seen.instances else "mute" if seen.mute else "init")
    # The address is not there, so whatever the daemon calls itself, it does not lead.
    return NodeRow(name, "backup" if vrrp.state == "master" else vrrp.state, vrrp.since, vrrp.priority, checks, off)


def _verdict(
    address: str, instance: Instance, nodes: tuple[NodeRow, ...], moved: str | None
) -> tuple[Verdict, Code, Said]:
    holders = [one.name for one in nodes if one.state == "master"]
    silent = [one.name for one in nodes if one.state == "unknown"]
    if len(holders) > 1:
        twice = say("{names} hold {address} at the same time.", names=all_of(holders), address=address)
        return "bad", Code.TWICE, twice
    if holders and silent:
        unsure = say(
            "{holder} holds {address}; whether {names} does too is not known.",
            holder=holders[0],
            address=address,
            names=any_of(silent),
        )
        return "unknown", Code.MAYBE_TWICE, unsure
    if holders:
        return "good", *_held(address, holders[0], instance.preferred.node, moved)
    if silent:
        unsure = say(
            "No reachable server holds {address}. Unreachable: {names}.", address=address, names=", ".join(silent)
        )
        return "unknown", Code.MAYBE_NOBODY, unsure
    return "bad", Code.NOBODY, say("Nobody holds {address}.", address=address)


def _held(address: str, holder: str, preferred: str, moved: str | None) -> tuple[Code, Said]:
    if holder == moved:
        on_purpose = say("{holder} holds {address}: it was moved there on purpose.", holder=holder, address=address)
        return Code.MOVED, on_purpose
    if holder == (moved or preferred):
        return Code.HELD, say("{holder} holds {address}.", holder=holder, address=address)
    return Code.NOT_PREFERRED, say(
        "{holder} holds {address}, though {preferred} is preferred.",
        holder=holder,
        address=address,
        preferred=moved or preferred,
    )


def _cause(instance: Instance, nodes: tuple[NodeRow, ...], found: Mapping[str, Vitals]) -> tuple[Cause, Said]:
    """The likeliest reason for two holders, or for none."""
    own = {name: one.instances[instance.name] for name, one in found.items() if instance.name in one.instances}
    if any(one.state == "master" for one in nodes):
        return _misnumbered(instance, own) or _refused(own) or (Cause.VRRP_DROPPED, DROPPED)
    if all(one.state == "stopped" for one in nodes):
        return Cause.NONE_RUNS, say("keepalived runs on none of them.")
    absent = [one.name for one in nodes if one.state == "absent"]
    if absent and all(one.state in ("absent", "stopped") for one in nodes):
        none = say("keepalived has no instance {instance} on {names}.", instance=instance.name, names=all_of(absent))
        return Cause.NO_INSTANCE, none
    return _unfit(nodes) or (Cause.ELECTION, say("An election may be under way."))


def _misnumbered(instance: Instance, own: Mapping[str, Vrrp]) -> tuple[Cause, Said] | None:
    """Daemons that run with different VRIDs are strangers to each other, whatever the network does."""
    numbers = {name: one.virtual_router_id for name, one in own.items() if one.virtual_router_id is not None}
    if len(set(numbers.values())) < 2:
        return None
    told = [
        say("{name} runs VRID {found} instead of {vrid}.", name=name, found=found, vrid=instance.virtual_router_id)
        for name, found in numbers.items()
        if found != instance.virtual_router_id
    ]
    return Cause.OTHER_VRID, one_after_the_other(told)


def _refused(own: Mapping[str, Vrrp]) -> tuple[Cause, Said] | None:
    """What the daemons count when they hear each other and do not accept what they hear."""
    for name, one in own.items():
        for counter, words in REFUSALS.items():
            if one.counters.get(counter, 0):
                refused = say("{name} hears adverts that it refuses: they have {what}.", name=name, what=words)
                return Cause.ADVERTS_REFUSED, refused
    return None


def _unfit(nodes: tuple[NodeRow, ...]) -> tuple[Cause, Said] | None:
    if not all(one.state in ("fault", "stopped", "absent") for one in nodes):
        return None
    return _failing(nodes) or (
        Cause.NONE_FIT,
        say("No server is fit: an interface is down, or a health check fails."),
    )


def _failing(nodes: tuple[NodeRow, ...]) -> tuple[Cause, Said] | None:
    """The health checks that fail, or are not run at all."""
    failing = [
        say("{check} on {name} (keepalived does not run it)", check=check, name=one.name)
        if check in one.off
        else say("{check} on {name}", check=check, name=one.name)
        for one in nodes
        if one.state not in ("stopped", "unknown")
        for check, well in (one.checks or {}).items()
        if not well
    ]
    return (Cause.CHECKS_FAIL, say("Health checks fail: {names}.", names=all_of(failing))) if failing else None
