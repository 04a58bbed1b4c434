"""Another name for a saved cluster, asked for on its page or in a terminal: the same refusals for both."""

from __future__ import annotations

from floatip.model.messages import say
from floatip.model.problems import Problem
from floatip.operate.renaming import Refused
from wizard.context import Context
from wizard.drafts import whole
from wizard.hosts import practice


def rename(here: Context, name: str, new: str, *, drafts: bool = True) -> None:
    """Give it the name; Refused where it keeps its own. Nothing happens where that is the same. `drafts`: whether those
    of its name are its own."""
    latest = here.drills.latest(name)
    if practice.described_by(here.inventories.path(name)):
        message = say("This inventory describes the practice servers, and keeps its name.")
        raise Refused(Problem("name", "practice-inventory", message))
    if latest and latest.under_way:
        raise Refused(Problem("name", "busy", say("A failover test is under way. Wait until it has ended.")))
    if new != name:
        whole.rename(name, new, here.drafts if drafts else None, here.inventories, here.runs)
