"""What a run says of itself while it goes, for programs: one value an event, one JSON line each.

Sentences go as template and values, so that whoever shows them can say them in another language, and nobody has to
look into them to know what has happened: that is what the codes are for.

    model      the events and their codes
    sentences  some of them as sentences, for the terminal and for a page
    wire       `line` writes one, `read` reads them; nothing else knows the form
"""

from __future__ import annotations

from floatip.runs.events.codes import Cause, Failure, Outcome, Refusal, TrialResult
from floatip.runs.events.model import (
    Begin,
    CheckSeen,
    CheckTried,
    Cleared,
    Done,
    End,
    Event,
    Failed,
    LeftAlone,
    NotConnected,
    Planned,
    Proved,
    Refused,
    Remark,
    Restored,
    Stopped,
    WentOn,
)
from floatip.runs.events.sentences import sentence
from floatip.runs.events.wire import line, read

__all__ = [
    "Begin",
    "Cause",
    "CheckSeen",
    "CheckTried",
    "Cleared",
    "Done",
    "End",
    "Event",
    "Failed",
    "Failure",
    "LeftAlone",
    "NotConnected",
    "Outcome",
    "Planned",
    "Proved",
    "Refusal",
    "Refused",
    "Remark",
    "Restored",
    "Stopped",
    "TrialResult",
    "WentOn",
    "line",
    "read",
    "sentence",
]
