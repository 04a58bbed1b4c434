"""Holding the leases of all servers of a run.

process  who this process is, and whether another one on this computer has ended
holder   the leases of one run on all of its servers (pyinfra)
keeper   a child process that holds them for a command that is no pyinfra run itself
messages what it says: one writer, one reader
held     that child, as a context manager; breaking a lease
"""

from __future__ import annotations

RUN = "FLOATIP_LEASE"
"""The environment variable by which a command lends its lease to a pyinfra that it starts: the run."""
