"""What a server prints is bounded while it is read, and nothing in it reaches a terminal but text.

pyinfra reads a command's output to its end, however long that is, and prints it as it came. All of it comes in through
one function of its SSH client, which is another one here, for every command that this process runs.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Any

from paramiko import Channel
from paramiko import SSHClient as Client
from pyinfra.connectors.sshuserclient.client import SSHClient

from floatip.hosts.ssh_errors import visible

BYTES = 4_000_000  # of both outputs of one command; the files of a host have 1 MB each at most
LINES = 20_000
CUT_OFF = "floatip-cut-off"
"""The last line of an output that was too long."""
_PIECE = 32_768


class Allowance:
    """How much a command may print yet."""

    def __init__(self) -> None:
        self.bytes, self.lines = BYTES, LINES

    def take(self, size: int, lines: int) -> bool:
        """Whether that much more is not too much."""
        self.bytes -= size
        self.lines -= lines
        return self.bytes >= 0 and self.lines >= 0


class Output:
    """One output of a command, line by line, without its line ends: as far as it is allowed, then CUT_OFF."""

    def __init__(self, channel: Channel, receive: Callable[[int], bytes], allowance: Allowance) -> None:
        self.channel, self._receive, self._allowance = channel, receive, allowance

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        while piece := self._receive(_PIECE):
            *lines, rest = (rest + decoder.decode(piece)).split("\n")
            if not self._allowance.take(len(piece), len(lines)):
                self.channel.close()
                yield CUT_OFF
                return
            yield from map(text_of, lines)
        if rest := rest + decoder.decode(b"", final=True):
            yield text_of(rest)


def text_of(line: str) -> str:
    """A line without what only a terminal understands."""
    return visible(line.removesuffix("\r"))


def _exec_command(self: SSHClient, *args: Any, **more: Any) -> tuple[Any, Output, Output]:
    stdin, stdout, _ = Client.exec_command(self, *args, **more)
    channel, allowance = stdout.channel, Allowance()
    receivers = (channel.recv, channel.recv_stderr)
    out, err = (Output(channel, receive, allowance) for receive in receivers)
    return stdin, out, err


SSHClient.exec_command = _exec_command  # type: ignore[assignment]
