"""Rules that nothing brings back after a reboot: looked for again whenever keepalived starts.

That is so where an operator's own script loads the firewall, or iptables is used without
netfilter-persistent. The order at boot does not matter much: what is not loaded yet is found at the
next start of keepalived, and a rule that is there is not added twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from floatip.firewall import places, shell
from floatip.firewall.model import Step
from floatip.firewall.observe import Observed
from floatip.model.messages import say

DROPIN = f"""# Managed by floatip: changes are lost.
# Adds the accept for VRRP again where the firewall was loaded without it. A failure stops nothing.
[Unit]
After=nftables.service netfilter-persistent.service rc-local.service

[Service]
ExecStartPre=-{places.BOOT_RULES}
"""


def script(lines: Sequence[str]) -> str | None:
    """The script that keepalived's unit runs; None where there is nothing to add."""
    if not lines:
        return None
    each = "".join(f"{line} || failed=1\n" for line in lines)
    return f"#!/bin/sh\n# Managed by floatip: changes are lost.\n{shell.ADDING}failed=0\n{each}exit $failed\n"


def steps(observed: Observed, lines: Sequence[str]) -> list[Step]:
    """The script and the unit's drop-in, as they should be."""
    found = []
    reload = "\nsystemctl daemon-reload"
    for path, new, mode, after in (
        (places.BOOT_RULES, script(lines), "0755", ""),
        (places.BOOT_DROPIN, DROPIN if lines else None, "0644", reload),
    ):
        old = observed.file(path)
        if old != new:
            message = (
                say("write {path}: it adds the rules again whenever keepalived starts", path=path)
                if new
                else say("remove {path}: it adds the rules again whenever keepalived starts", path=path)
            )
            do, undo = shell.change(path, old, new, mode=mode), shell.change(path, new, old, mode=mode)
            found.append(Step(message, do + after, undo + after))
    return found if lines else found[::-1]
