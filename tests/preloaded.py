"""Programs of floatip without their imports, which are most of what a short run takes.

`python()` is a path to put where `sys.executable` would stand: `PATH -m pyinfra …`. Behind it are two processes that
have imported everything and do nothing else, one for what gevent patches and one for the rest. For each program that
is wanted one of them forks, and the fork runs the module as Python would have: with its own arguments, environment,
directory and files. What the program starts itself comes the same way. Signals are passed on, the exit code comes back.

What stands in Python's place has another pid than the program: `program` tells that one. Anything else than the modules
of FAMILIES is left to Python itself.
"""

from __future__ import annotations

import _socket
import atexit
import gc
import io
import os
import runpy
import socket
import subprocess
import sys
import threading
from functools import cache
from importlib import import_module
from os import fork, waitpid
from pathlib import Path
from select import select
from signal import SIG_DFL, SIG_IGN, SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGTERM, default_int_handler, signal
from typing import TextIO

from lab import namespace
from lab.paths import ROOT

LAUNCHER = Path(__file__).with_name("launcher.py")
FAMILIES = {
    "patched": (
        "pyinfra",
        "floatip.hosts.probe_worker",
        "floatip.hosts.monitor_worker",
        "floatip.hosts.follow_worker",
        "floatip.operate.drill.worker",
        "floatip.runs.lock.keeper",
        "floatip.runs.program",
    ),
    "plain": ("floatip",),
}
USED = {
    "patched": (
        "floatip.hosts.patched",
        *("pyinfra_cli.main", "pyinfra.connectors.ssh", "pyinfra.facts.server", "pyinfra.operations.apt"),
        "floatip.deploy.survey.run",
        *(f"floatip.deploy.steps.{name}" for name in ("install", "log", "firewall", "keepalived", "proof", "removal")),
        *("floatip.operate.doctor", "floatip.operate.drill.script", "floatip.operate.drill.faults"),
    ),
    "plain": (
        *(
            f"floatip.cli.{name}"
            for name in (
                *(
                    "adopt",
                    "check",
                    "drill",
                    "drilling",
                    "files",
                    "history",
                    "maintenance",
                    "rename",
                    "several",
                    "show",
                    "status",
                    "unlock",
                ),
            )
        ),
        "floatip.operate.drill.runner",
        "floatip.operate.drill.diagram",
        "wizard.serve",
    ),
}
"""What is imported beforehand."""
MOST = 1 << 17
"""Bytes of a request."""


@cache
def python() -> str:
    """The path; what is behind it ends with this process."""
    place = Path(os.environ["HOME"], f"preloaded-{os.getpid()}")
    place.mkdir()
    for family, modules in FAMILIES.items():
        _keep(family, place / family)
        for module in modules:
            (place / module).symlink_to(family)
    path = place / "python"
    path.write_text(f"#!{sys.executable} -IS\n{LAUNCHER.read_text()}")
    path.chmod(0o700)
    return str(path)


def _keep(family: str, address: Path) -> None:
    """Start the process; whoever connects before it is ready waits."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen(100)
        number = listener.fileno()
        words = [sys.executable, "-m", "tests.preloaded", family, str(number)]
        keepers.append(subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, pass_fds=[number]))


keepers: list[subprocess.Popen[bytes]] = []
"""Processes that fork. Each ends when its standard input does."""


def _serve(listener: _socket.socket) -> list[str]:
    """Fork for each request; returns, in a fork that has become what was asked for, its module and arguments."""
    signal(SIGCHLD, SIG_IGN)  # nobody waits for the forks here
    while True:
        if 0 in select([listener.fileno(), 0], [], [])[0]:
            os._exit(0)
        number, _ = listener._accept()  # type: ignore[attr-defined]
        asking = _socket.socket(fileno=number)
        if fork() == 0:
            listener.close()
            return _become(asking)
        asking.close()


def program(deputy: int) -> int | None:
    """The program that a fork runs for what stands in Python's place; None where the process is nothing of the kind."""
    try:
        return int(Path(python()).with_name(str(deputy)).read_text())
    except (OSError, ValueError):  # it is being written
        return None


def _become(asking: _socket.socket) -> list[str]:
    signal(SIGINT, default_int_handler)
    for ours in (SIGCHLD, SIGHUP, SIGTERM):
        signal(ours, SIG_DFL)
    deputy = int.from_bytes(asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 4), sys.byteorder)
    request, files, _, _ = socket.recv_fds(asking, MOST, 3)  # type: ignore[arg-type]
    directory, launcher, count, *rest = request.decode("utf-8", "surrogateescape").split("\0")
    if child := fork():
        for file in files:
            os.close(file)
        _attend(asking, child, Path(launcher).with_name(str(deputy)))
    asking.close()
    os.setsid()  # the kernel shares the processors out by sessions: in its worker's it would hardly get its turn
    _enter_network(Path(f"/proc/{deputy}/ns/net"))
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(directory)
    os.environ.clear()
    for line in rest[: int(count)]:
        name, _, value = line.partition("=")
        os.environ[name] = value
    sys.stdout, sys.stderr = map(_anew, (sys.stdout, sys.stderr))
    sys.executable = launcher
    os.getppid = lambda: _parent(deputy)
    return rest[int(count) :]


def _anew(stream: TextIO) -> TextIO:
    """The stream on what its number stands for by now, in the character set that is asked for: the old one knows
    whether one could seek in what was there."""
    file = open(stream.fileno(), "wb", closefd=False)  # noqa: SIM115
    encoding = os.environ.get("PYTHONIOENCODING") or stream.encoding
    return io.TextIOWrapper(file, encoding, stream.errors, line_buffering=bool(stream.line_buffering))


def _enter_network(wanted: Path) -> None:
    if not wanted.samefile("/proc/self/ns/net"):
        namespace.enter_network(wanted)


def _parent(deputy: int) -> int:
    """Whose child a program is: that of what stands in Python's place; 1 where that has gone, as anywhere."""
    try:
        return int(Path(f"/proc/{deputy}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 1


def _attend(asking: _socket.socket, child: int, answers: Path) -> None:
    """Tell the pid, and at its end the exit code; whoever asked takes the program along when it dies. `answers`: the
    file that tells others of it for as long as it is there."""
    answers.write_text(str(child))
    asking.send(str(child).encode())
    if select([asking.fileno(), os.pidfd_open(child)], [], [])[0][0] == asking.fileno():
        os.kill(child, SIGKILL)
    _, status = waitpid(child, 0)
    answers.unlink(missing_ok=True)
    try:
        asking.send(str(os.waitstatus_to_exitcode(status)).encode())
    finally:
        os._exit(0)


def main() -> None:
    """Be whatever is asked for."""
    for name in USED[sys.argv[1]]:
        import_module(name)
    gc.freeze()
    sys.argv = _serve(_socket.socket(fileno=int(sys.argv[2])))
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int | None):
            _leave(end.code or 0)
        raise
    _leave(0)


def _leave(code: int) -> None:
    """End as Python does, but for taking everything apart: a fork would have to copy all that was imported for that,
    which takes as long as the rest of a short run."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if not stream.closed:
                stream.flush()
    except OSError:
        raise SystemExit(code) from None  # whoever read it has gone: Python has words and a code for that
    os._exit(code & 0xFF)


if __name__ == "__main__":
    main()
