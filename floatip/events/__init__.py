"""What a run says of itself while it goes, for programs: one value an event, one JSON line each.

Sentences go as template and values, so that whoever shows them can say them in another language, and nobody has to
look into them to know what has happened: that is what the codes are for.

    model   the events and their codes
    wire    `line` writes one, `read` reads them; nothing else knows the form
"""

from __future__ import annotations

from floatip.events.model import (
    Begin,
    Cause,
    Done,
    End,
    Event,
    Failed,
    Failure,
    LeftAlone,
    Outcome,
    Planned,
    Proved,
    Refusal,
    Refused,
    Remark,
    Restored,
    WentOn,
)
from floatip.events.wire import line, read

__all__ = [
    "Begin",
    "Cause",
    "Done",
    "End",
    "Event",
    "Failed",
    "Failure",
    "LeftAlone",
    "Outcome",
    "Planned",
    "Proved",
    "Refusal",
    "Refused",
    "Remark",
    "Restored",
    "WentOn",
    "line",
    "read",
]
