"""`vrrp_track_process` blocks, as floatip's own check of a process.

keepalived hears of processes from the kernel (CONFIG_PROC_EVENTS), which tells it only in the network namespace of the
machine itself; floatip's check looks once a second, everywhere (docs/decisions/checks.md).
"""

from __future__ import annotations

import re
from typing import Any, Final

from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.conf import Statement
from floatip.model import targets
from floatip.model.fields import Wrong
from floatip.model.messages import say

KEYWORD: Final = "vrrp_track_process"
AT_ONCE: Final = {"interval": 1, "timeout": 1, "fall": 1, "rise": 1}
NUMBER = re.compile(r"[0-9]{1,3}")
WEIGHT = re.compile(r"-?[0-9]{1,3}")
DELAYS: Final = {"delay": ("fall", "rise"), "terminate_delay": ("fall",), "fork_delay": ("rise",)}
SAME = say("floatip's own check looks for this process once a second. keepalived was notified by the kernel.")
MORE = say(
    "floatip's check only tests that a process of this name runs. This one is left out, also where it is tracked."
)


def adopted(block: Statement, notes: Notes) -> dict[str, Any] | None:
    """The raw health check; None, and a note, where floatip has none that is the same."""
    made: dict[str, Any] = dict(AT_ONCE)
    try:
        known = all(_taken(made, statement) for statement in block.body or [] if not statement.comment)
    except Wrong:
        known = False
    if not known or "process" not in made:
        notes.left(block, MORE)
        return None
    notes.changed(block.line, block.text, Code.CHECK, SAME)
    return made


def _taken(made: dict[str, Any], statement: Statement) -> bool:
    """Whether a statement says what a check of floatip's can say, too."""
    key, words = statement.keyword, statement.words[1:]
    if key == "full_command":
        return True
    if len(words) != 1:
        return False
    if key == "process":
        made["process"] = targets.process(words[0].rpartition("/")[2])
        return True
    if key == "weight" and WEIGHT.fullmatch(words[0]):
        weight = max(-253, min(253, int(words[0])))
        made.update({"weight": weight} if weight else {})
        return True
    if key in DELAYS and NUMBER.fullmatch(words[0]):
        made.update(dict.fromkeys(DELAYS[key], max(1, int(words[0]))))
        return True
    return key == "quorum" and words == ["1"]
