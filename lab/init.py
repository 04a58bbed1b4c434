"""The lab's first process: it is PID 1 of the lab's namespaces, and it forwards SSH into them.

Run as a script, with no package around it: `init.py FD=ADDRESS…`. Each FD is a socket that listens on
the controller's loopback; it was opened there, and a socket stays in the network namespace that it
was opened in. This process lives in the lab's namespace, so what it connects to is a lab host.
When it ends, the kernel ends every process in the lab and drops its mounts and its networks.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from functools import partial

SSH = 22
CONNECT_SECONDS = 5


def no_delay(writer: asyncio.StreamWriter) -> None:
    """Pass on small packets at once: the forwarder must not be what a measurement sees."""
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction until its end, then say so to the other side."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def forward(address: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Join one connection with a new one to `address`; a host that is off closes it."""
    try:
        coming = asyncio.open_connection(address, port)
        far_reader, far_writer = await asyncio.wait_for(coming, CONNECT_SECONDS)
    except (OSError, TimeoutError):
        writer.close()
        return
    no_delay(writer)
    no_delay(far_writer)
    try:
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
    except asyncio.CancelledError:  # its network may be gone: what was not sent yet is not waited for
        for end in (writer, far_writer):
            end.transport.abort()
        return
    for end in (writer, far_writer):
        end.close()


async def main(pairs: list[str]) -> None:
    """Serve every `FD=ADDRESS` for ever."""
    for pair in pairs:
        descriptor, _, address = pair.partition("=")
        listener = socket.socket(fileno=int(descriptor))
        await asyncio.start_server(partial(forward, address, SSH), sock=listener)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans of the lab end here: let the kernel reap them
    asyncio.run(main(sys.argv[1:]))
