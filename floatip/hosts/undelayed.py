"""Small packets are sent at once: else each command waits 40 ms for the server to acknowledge the packet before it.

ssh does that for its sessions, paramiko does not (Nagle's algorithm against delayed acknowledgements).
"""

from __future__ import annotations

import socket
from typing import Any

from paramiko import Transport

_start_client = Transport.start_client


def undelay(transport: Any) -> None:
    """Have this connection send at once. One by way of a jump host or a command has no socket of its own."""
    there = getattr(transport, "sock", None)
    if isinstance(there, socket.socket) and there.family in (socket.AF_INET, socket.AF_INET6):
        there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _started(self: Transport, *given: Any, **more: Any) -> Any:
    undelay(self)
    return _start_client(self, *given, **more)


Transport.start_client = _started  # type: ignore[method-assign]
