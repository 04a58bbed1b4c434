"""Ask an address the same thing again and again, and write down each answer (a script without a package).

    pinger.py ADDRESS INTERVAL_MS      ends when its standard input does

Prints `ready`, then at the end one JSON object: `start` (seconds since the epoch), `stop` and `sent`
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

    def __init__(self, address: str) -> None:
        info = socket.getaddrinfo(address, None, type=socket.SOCK_RAW, flags=socket.AI_NUMERICHOST)[0]
        self.family, self.target = info[0], info[4]
        protocol = socket.IPPROTO_ICMP if self.family == socket.AF_INET else socket.IPPROTO_ICMPV6
        self.socket = socket.socket(self.family, socket.SOCK_RAW, protocol)
        self.socket.setblocking(False)
        self.mark = os.urandom(8)
        self.start = time.monotonic()
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

    def listen(self, seconds: float) -> None:
        """Take in answers for that long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.socket], [], [], left)[0]:
                self.take(self.socket.recv(2048))

    def take(self, packet: bytes) -> None:
        """Note one answer, if it is one of ours. IPv4 hands over the IP header too."""
        icmp = packet[(packet[0] & 15) * 4 :] if self.family == socket.AF_INET else packet
        if len(icmp) >= 20 and icmp[0] == ANSWER[self.family] and icmp[12:20] == self.mark:
            number = struct.unpack("!I", icmp[8:12])[0]
            if self.answered[number] is None:
                self.answered[number] = self.now()


def main(address: str, interval: float) -> None:
    """Ask every `interval` seconds until standard input ends."""
    pinger = Pinger(address)
    began = time.time()
    print("ready", flush=True)
    following = pinger.start
    while not select.select([sys.stdin], [], [], 0)[0]:
        pinger.ask()
        following = max(following + interval, time.monotonic())
        pinger.listen(following - time.monotonic())
    stop = pinger.now()
    pinger.listen(LINGER)
    print(json.dumps({"start": began, "stop": stop, "sent": pinger.sent, "answered": pinger.answered}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) / 1000)
