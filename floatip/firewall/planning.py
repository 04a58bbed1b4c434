"""All managers together: what a host needs (`plan`), and everything of ours away again (`remove`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from floatip.firewall import boot, firewalld, iptables, nftables, places, ufw
from floatip.firewall.model import Part, Peer, Plan, Step, flows
from floatip.firewall.observe import Observed
from floatip.firewall.shell import transaction, undoing
from floatip.model.messages import say
from floatip.server_side import shell

UNDO_UNIT = "floatip-firewall-undo"
UNDO_SECONDS = 60

DISARM = shell.script(
    f"floatip_stop {UNDO_UNIT}.timer",
    f"[ -d {places.UNDO_DIRECTORY} ] || {{ echo 'the host has taken it back already' >&2; exit 1; }}",
    f"rm -rf {places.UNDO_DIRECTORY}",
)


def plan(observed: Observed, peers: Iterable[Peer]) -> Plan:
    """What to change so that VRRP passes between this host and `peers`; without peers, our rules go.

    FirewallError where the host's answer cannot be understood.
    """
    found = parts(observed, peers)
    return _plan(observed, found, steps(observed, found))


def parts(observed: Observed, peers: Iterable[Peer]) -> list[Part]:
    """What each manager contributes."""
    wanted = flows(peers)
    found = [nftables.part(observed, wanted), iptables.part(observed, wanted)]
    if observed.ufw:
        found.append(ufw.part(observed, wanted))
    if observed.firewalld:
        found.append(firewalld.part(observed, wanted))
    return found


def steps(observed: Observed, found: Iterable[Part]) -> list[Step]:
    """All of it in order, and what looks for the rules whenever keepalived starts."""
    managed = list(found)
    made = [step for part in managed for step in part.steps]
    return made + boot.steps(observed, [line for part in managed for line in part.boot])


def _plan(observed: Observed, parts: Sequence[Part], steps: Sequence[Step]) -> Plan:
    warnings = tuple(warning for part in parts for warning in part.warnings)
    needed = tuple(rule for part in parts for rule in part.rules)
    if not steps and observed.has("pending"):
        # The timer of a run that was cut off still ticks; that we could look is the proof it waits for.
        return Plan(managers(observed), needed, (say("stop the timer of an earlier run"),), warnings, DISARM)
    if not steps:
        return Plan(managers(observed), needed, (), warnings)
    script = make(steps)
    changes = tuple(step.message for step in steps)
    return Plan(managers(observed), needed, changes, warnings, script, arm(steps), DISARM, UNDO_UNIT)


def managers(observed: Observed) -> str:
    """What filters on this host: `ufw`, `firewalld+nftables`, … or `none`."""
    present = {
        "firewalld": observed.firewalld,
        "ufw": observed.ufw,
        "nftables": any(nftables.own_chains(observed)),
        "iptables": iptables.in_use(observed),
    }
    return "+".join(name for name, there in present.items() if there) or "none"


def make(steps: Sequence[Step]) -> str:
    """The steps as one script that takes them back where one fails."""
    do, undo = [step.do for step in steps], [step.undo for step in reversed(steps)]
    return transaction(do, undo, functions=firewalld.FUNCTIONS)


def undo(steps: Sequence[Step]) -> str:
    """The script that the timer runs: all of the steps taken back."""
    lines = [step.undo for step in reversed(steps)]
    return undoing(lines, firewalld.FUNCTIONS, done=f"rm -rf {places.UNDO_DIRECTORY}")


def arm(steps: Sequence[Step]) -> str:
    """A script that starts the timer which takes the steps back. The lines are kept on the host: the
    connection may be what is lost."""
    return shell.script(
        f"mkdir -p -m 0700 {places.UNDO_DIRECTORY}",
        shell.put(f"{places.UNDO_DIRECTORY}/undo", undo(steps), "0600"),
        f"floatip_stop {UNDO_UNIT}.timer",
        f"systemd-run -q --collect --on-active={UNDO_SECONDS} --timer-property=AccuracySec=1s --unit={UNDO_UNIT} "
        f"/bin/sh {places.UNDO_DIRECTORY}/undo",
    )


def remove(observed: Observed) -> str | None:
    """Root's sh script that takes every rule and file of ours away and leaves the others' as they were,
    byte for byte; None where there is nothing of ours."""
    steps = [*nftables.file_steps(observed, []), *nftables.leftovers(observed.ruleset)]
    steps += iptables.leftovers(observed)
    steps += ufw.leftovers(observed)
    steps += firewalld.leftovers(observed)
    steps += boot.steps(observed, [])
    if steps:
        return make(steps)
    return DISARM if observed.has("pending") else None
