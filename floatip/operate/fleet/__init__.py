"""Many clusters at once: how each of them is, in one line.

files     what inventories describe, or why it cannot be used
standing  a cluster in one line: who holds what, how many servers are well, the last failover test, what needs a person
servers      one look at the servers of all of them
"""

from __future__ import annotations

from floatip.operate.fleet.files import File, read
from floatip.operate.fleet.servers import FleetServers
from floatip.operate.fleet.standing import Need, Note, Standing, Tested, elsewhere, of

__all__ = ["File", "FleetServers", "Need", "Note", "Standing", "Tested", "elsewhere", "of", "read"]
