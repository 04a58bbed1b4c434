"""Linux namespaces: the controller's own loopback, and the walls that the lab lives within."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lab.shell import LabError, run, wait_until

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
NAMED = Path("/run/netns")
OUTSIDE = "FLOATIP_OUTSIDE"
"""In the environment: the network that the first process left which isolated itself, for those that it starts."""
_outside: int | None = None


def isolate(*, anyone: bool = False) -> None:
    """Give this process (before it has threads) and its children a network namespace of their own.

    Its loopback is empty: the lab's fixed ports are free, whatever else runs on this machine. `anyone`: whoever may not
    do that gets a user namespace too, where they are who they were and, for their children, can do no more than before.
    """
    if _outside is not None:
        return
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        _enter(anyone=anyone)
    except OSError as refused:
        os.close(here)
        raise LabError(f"no network namespace of our own: {refused.strerror} (are you root?)") from refused
    _left(here)


def join(name: str) -> None:
    """Like `isolate`, but into a network namespace that stays for the next process that asks for it (ip-netns(8))."""
    if _outside is not None:
        return
    if not (place := NAMED / name).exists():
        run(["ip", "netns", "add", name])
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    enter_network(place)
    _left(here)
    _loopback_up()


def _left(network: int) -> None:
    global _outside
    _outside = network
    if not os.access(os.environ.get(OUTSIDE, ""), os.F_OK):  # whoever may not look there may not enter it, either
        os.environ[OUTSIDE] = f"/proc/{os.getpid()}/fd/{network}"


def enter_network(place: Path) -> None:
    """Have this thread, and all that it starts, live in the network namespace that a file stands for (setns(2))."""
    with place.open("rb") as there:
        if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), _CLONE_NEWNET):
            raise LabError(f"{place} cannot be entered: {os.strerror(ctypes.get_errno())}")


def forget(name: str) -> bool:
    """Remove a namespace that `join` made; whether there was one."""
    return (NAMED / name).exists() and run(["ip", "netns", "delete", name]).returncode == 0


def _enter(*, anyone: bool) -> None:
    user, group = os.geteuid(), os.getegid()
    try:
        _unshare(_CLONE_NEWNET)
    except PermissionError:
        if not anyone:
            raise
        _unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
        _be(user, group)
    _loopback_up()


def _unshare(flags: int) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _be(user: int, group: int) -> None:
    """In a new user namespace: keep the user and the group that we have outside."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _loopback_up() -> None:
    """By ioctl, as a child such as `ip` would not have the capability that only this process has in its namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name, flags = struct.unpack("16sh", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sh", b"lo", 0)))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", name, flags | _IFF_UP))


def outside() -> list[str]:
    """What to put before a command that needs the network which `isolate` left. A worker of a test run has left only
    the one that the run made for itself."""
    return [] if _outside is None else ["nsenter", f"--net={os.environ[OUTSIDE]}"]


def children(pid: int) -> list[int]:
    """The direct children of a process that has no threads."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:  # it has ended
        return []


def child_named(pid: int, name: str) -> int:
    """The first child of a process that runs the program `name`; 0 where there is none."""
    return next((child for child in children(pid) if command_name(child) == name), 0) if pid else 0


def command_name(pid: int) -> str:
    """The kernel's name of a process, empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def birth(pid: int) -> str:
    """When a process was started, in the kernel's clock ticks; empty where it is gone or a zombie.

    A pid together with its birth names one process for good: pids are used again.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def listeners(ports: Iterable[int]) -> list[socket.socket]:
    """Sockets that listen on these ports of 127.0.0.1, in the namespace of the caller."""
    opened = []
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as taken:
            raise LabError(f"port 127.0.0.1:{port} is taken; is a lab running? (`make lab-stop`)") from taken
        listener.listen(100)
        opened.append(listener)
    return opened


def start_init(forwards: Mapping[int, str], *, log: Path, cgroups: Sequence[Path], tied: bool) -> tuple[int, int]:
    """Start the lab's first process in new namespaces; returns the pids of its keeper and of itself.

    `forwards`: SSH port on loopback → lab address. `tied`: the lab ends when the caller does.
    """
    sockets = listeners(forwards)
    pairs = [f"{s.fileno()}={address}" for s, address in zip(sockets, forwards.values(), strict=True)]
    walls = [
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "--propagation",
        "private",
    ]
    tie = ["setpriv", "--pdeathsig", "KILL"] if tied else []
    init = [sys.executable, "-I", str(Path(__file__).with_name("init.py"))]
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [*in_cgroups(cgroups), *tie, *walls, *init, *pairs],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[s.fileno() for s in sockets],
        )
    for listener in sockets:
        listener.close()
    keep.append(keeper)
    wait_until("the lab's first process is ready", lambda: keeper.poll() is not None or "ready" in log.read_text())
    if keeper.poll() is not None:
        raise LabError(f"the lab's first process ended: {log.read_text()}")
    return keeper.pid, children(keeper.pid)[0]


keep: list[subprocess.Popen[bytes]] = []
"""Child processes that must outlive the calls that start them (`reap` forgets the ended ones)."""


def reap() -> None:
    """Collect children that have ended, so that none stays as a zombie."""
    keep[:] = [child for child in keep if child.poll() is None]


def in_cgroups(cgroups: Sequence[Path]) -> list[str]:
    """What to put before a command that shall live in these control groups."""
    joins = " ".join(f"echo $$ > {group}/cgroup.procs;" for group in cgroups)
    return ["sh", "-c", f'{joins} exec "$@"', "sh"]
