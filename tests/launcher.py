"""What `tests.preloaded.python` puts in Python's place. It takes a hundredth of a second: every import counts here."""

import os
import sys
from _signal import SIG_DFL, SIGHUP, SIGINT, SIGKILL, SIGTERM, signal  # type: ignore[import-not-found]
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_SEQPACKET, SOL_SOCKET, socket


def main() -> None:
    """Have the module run by a fork, and be its deputy; what nobody keeps ready, Python itself runs."""
    words = sys.argv[1:]
    there = socket(AF_UNIX, SOCK_SEQPACKET)
    try:
        there.connect(f"{os.path.dirname(sys.argv[0])}/{words[1] if words[0] == '-m' else ''}")
    except OSError:
        os.execv(sys.executable, [sys.executable, *words])
    there.sendmsg([_request(words[1:])], [(SOL_SOCKET, SCM_RIGHTS, _numbers(0, 1, 2))])
    child = int(there.recv(20))
    for number in (SIGHUP, SIGINT, SIGTERM):
        signal(number, lambda what, _: os.kill(child, what))
    code = int(there.recv(20) or b"70")
    if code < 0:
        if code != -SIGKILL:
            signal(-code, SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _request(words: list[str]) -> bytes:
    environment = [f"{name}={value}" for name, value in os.environ.items()]
    rows = [os.getcwd(), sys.argv[0], str(len(environment)), *environment, *words]
    return "\0".join(rows).encode("utf-8", "surrogateescape")


def _numbers(*files: int) -> bytes:
    return b"".join(number.to_bytes(4, sys.byteorder) for number in files)


main()
