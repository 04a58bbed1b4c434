"""A test run is nobody else's business: a network of its own, and the home directory of nobody.

`apart` leaves the machine's network for a namespace; where that is not allowed, no socket of the internet can be made,
in any child either. `nobody_s_home` takes away what a person's environment says. Each xdist worker does both again.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import platform
import shutil
import struct
import tempfile
from pathlib import Path

from lab import namespace
from lab.shell import LabError

NAMESPACE = "FLOATIP_TESTS_NETWORK"
"""In the environment: the network namespace that a test run has made, for its workers."""
HOME = "floatip-home-"
PERSONAL = (
    *("SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "SSH_ASKPASS"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_DIRS"),
    *("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "FLOATIP_RUN"),
)


def apart() -> str:
    """Leave the machine's network; empty, or why no test can open a socket. RuntimeError where neither can be had."""
    try:
        namespace.isolate(anyone=True)
    except LabError as refused:
        if os.environ.get(NAMESPACE) == _namespace():
            return ""  # a worker of a test run that could, which has threads already, and lives in its network
        _no_sockets(str(refused))
        return str(refused)
    os.environ[NAMESPACE] = _namespace()
    return ""


def _namespace() -> str:
    return os.readlink("/proc/self/ns/net")


def nobody_s_home() -> None:
    """An empty directory as HOME, for as long as this process is there; no agent, no browser, no taste in colours."""
    inherited = Path(os.environ.get("HOME", ""))
    # A worker's is in that of its test run, which removes both: a worker ends without saying goodbye.
    home = tempfile.mkdtemp(prefix=HOME, dir=inherited if inherited.name.startswith(HOME) else None)
    atexit.register(_remove, home, os.getpid())
    for name in PERSONAL:
        os.environ.pop(name, None)
    os.environ |= {"HOME": home, "XDG_STATE_HOME": str(Path(home, "state"))}


def _remove(home: str, owner: int) -> None:
    if os.getpid() == owner:  # and not a child that was forked
        shutil.rmtree(home, ignore_errors=True)


# seccomp(2). Machine → (its name in <linux/audit.h>, the number of socket(2)).
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _ARCHITECTURE, _FAMILY = 0, 4, 16  # where they stand in struct seccomp_data
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES
_INTERNET = (2, 10)  # AF_INET, AF_INET6
_SET_SECCOMP, _FILTER, _NO_NEW_PRIVS = 22, 2, 38


def _no_sockets(why: str) -> None:
    """From now on this thread and its children get EACCES for a socket of the internet."""
    if platform.machine() not in _MACHINES:
        raise RuntimeError(f"{why}; and sockets cannot be refused on {platform.machine()}")
    rows = _program(*_MACHINES[platform.machine()])
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    program = ctypes.create_string_buffer(struct.pack("HP", len(rows), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    address = ctypes.c_void_p(ctypes.addressof(program))
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, address, 0, 0):
        raise RuntimeError(f"{why}; and sockets cannot be refused: {os.strerror(ctypes.get_errno())}")


def _program(machine: int, socket_number: int) -> list[tuple[int, int, int, int]]:
    """For the kernel: (instruction, how many to skip where equal, and where not, value)."""
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, 5, machine),  # the numbers of another one are not known: refused
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, 0, 4, socket_number),
        (_LOAD, 0, 0, _FAMILY),
        (_EQUAL, 1, 0, _INTERNET[0]),
        (_EQUAL, 0, 1, _INTERNET[1]),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
