"""Who holds a lease: a user on a computer, and a process that can be looked for on that very computer.

A run that was killed leaves its leases behind. Who runs it again on the same computer need not wait for them to expire:
the process that they name is gone, and nobody else can be it.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from pathlib import Path

TOKEN = re.compile(r"([0-9a-f-]{36}):([0-9]{1,20}):([0-9]{1,10}):([0-9]{1,20})")


def who() -> str:
    """user@host, in letters that need no quoting anywhere."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        user = str(os.getuid())
    return re.sub(r"[^A-Za-z0-9@._+-]", "?", f"{user}@{socket.gethostname()}")[:100]


def this() -> str:
    """This process: boot of the computer, PID namespace, PID, and when it was started. `-` where that is unknown."""
    born = _birth(os.getpid())
    return f"{_here()}:{os.getpid()}:{born}" if born else "-"


def ended(token: str) -> bool:
    """Whether that process was one of this computer and is no more. False where that cannot be known."""
    found = TOKEN.fullmatch(token)
    if found is None or f"{found[1]}:{found[2]}" != _here():
        return False
    pid = int(found[3])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # somebody else's, whose /proc may be hidden
        pass
    born = _birth(pid)
    return born not in ("", found[4])


def _here() -> str:
    """Processes of two containers may have the same PID, and one boot."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{re.sub('[^0-9]', '', os.readlink('/proc/self/ns/pid'))}"
    except OSError:
        return "-"


def _birth(pid: int) -> str:
    """When it was started, in the kernel's clock ticks; `dead` where it only waits to be buried, empty if unknown."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "dead" if fields[0] in "ZX" else fields[19]
