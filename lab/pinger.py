"""Ask addresses the same thing again and again, and write down each answer (a script without a package).

    pinger.py INTERVAL_MS ADDRESS [ADDRESS]      ends when its standard input does

Prints `ready`, then at the end a JSON list, an object an address: `start` (seconds since the epoch), `stop` and `sent`
(milliseconds after the start; of each question), `answered` (of its answer, or null), same order.
Raw ICMP sockets, because `ping` is too slow and too coarse for a hand-over of a few milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import sys
import time

QUESTION = {socket.AF_INET: 8, socket.AF_INET6: 128}
ANSWER = {socket.AF_INET: 0, socket.AF_INET6: 129}
LINGER = 0.3


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


class Pinger:
    """One series of questions to one address."""

    def __init__(self, address: str, start: float) -> None:
        info = socket.getaddrinfo(address, None, type=socket.SOCK_RAW, flags=socket.AI_NUMERICHOST)[0]
        self.family, self.target = info[0], info[4]
        protocol = socket.IPPROTO_ICMP if self.family == socket.AF_INET else socket.IPPROTO_ICMPV6
        self.socket = socket.socket(self.family, socket.SOCK_RAW, protocol)
        self.socket.setblocking(False)
        self.mark = os.urandom(8)
        self.start = start
        self.sent: list[float] = []
        self.answered: list[float | None] = []

    def now(self) -> float:
        """Milliseconds since the start."""
        return round((time.monotonic() - self.start) * 1000, 3)

    def ask(self) -> None:
        """Send the next question; where it cannot be sent it counts as unanswered."""
        number = len(self.sent)
        body = struct.pack("!HHI", os.getpid() & 0xFFFF, number & 0xFFFF, number) + self.mark
        head = struct.pack("!BBH", QUESTION[self.family], 0, 0)
        if self.family == socket.AF_INET:
            head = struct.pack("!BBH", QUESTION[self.family], 0, checksum(head + body))
        self.sent.append(self.now())
        self.answered.append(None)
        with contextlib.suppress(OSError):
            self.socket.sendto(head + body, self.target)

    def take(self, packet: bytes) -> None:
        """Note one answer, if it is one of ours. IPv4 hands over the IP header too."""
        icmp = packet[(packet[0] & 15) * 4 :] if self.family == socket.AF_INET else packet
        if len(icmp) >= 20 and icmp[0] == ANSWER[self.family] and icmp[12:20] == self.mark:
            number = struct.unpack("!I", icmp[8:12])[0]
            if self.answered[number] is None:
                self.answered[number] = self.now()

    def report(self, began: float, stop: float) -> dict[str, object]:
        """What was seen, ready for JSON."""
        return {"start": began, "stop": stop, "sent": self.sent, "answered": self.answered}


def listen(pingers: dict[socket.socket, Pinger], seconds: float) -> None:
    """Take in answers for that long."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for ready in select.select(list(pingers), [], [], left)[0]:
            pingers[ready].take(ready.recv(2048))


def main(interval: float, addresses: list[str]) -> None:
    """Ask each every `interval` seconds until standard input ends."""
    began, following = time.time(), time.monotonic()
    pingers = {pinger.socket: pinger for pinger in (Pinger(address, following) for address in addresses)}
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        for pinger in pingers.values():
            pinger.ask()
        following = max(following + interval, time.monotonic())
        listen(pingers, following - time.monotonic())
    stop = next(iter(pingers.values())).now()
    listen(pingers, LINGER)
    print(json.dumps([pinger.report(began, stop) for pinger in pingers.values()]))


if __name__ == "__main__":
    main(float(sys.argv[1]) / 1000, sys.argv[2:])
