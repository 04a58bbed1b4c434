"""Who holds each address now, in words: values in, values out. What is not known is never called good.

reading  the rows, from what the servers say
model    a row, and its codes
causes   why an address has two holders, or none
"""

from __future__ import annotations

from floatip.operate.status.causes import DROPPED
from floatip.operate.status.model import WORDS, Cause, Code, Level, NodeRow, Row, Verdict
from floatip.operate.status.reading import age, at_work, full, read

__all__ = ["DROPPED", "WORDS", "Cause", "Code", "Level", "NodeRow", "Row", "Verdict", "age", "at_work", "full", "read"]
