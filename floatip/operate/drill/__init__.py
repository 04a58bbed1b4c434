"""Does it really move? A fault on one server, watched from the servers and from a client, undone by itself.

faults   what can be done to a server, and undone
script   what the servers and the observer write down meanwhile
progress how far one is, while it is under way
report   what came of it: outage, who had the address when, whether it went home; sides: the rest of its group
diagram  the same as a page with a picture
runner   running one; reports keeps what came of it; worker is the child process that does it
"""

from __future__ import annotations

from floatip.operate.drill.faults import FAULTS, Fault
from floatip.operate.drill.progress import Progress
from floatip.operate.drill.report import Report, judge

__all__ = ["FAULTS", "Fault", "Progress", "Report", "judge"]
