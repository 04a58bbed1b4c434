"""What a health check expects of an answer, and whom it asks: statuses, texts, sites, CAs, DNS servers.

`word` makes one word of keepalived.conf of any of them, and `unworded` the same the other way round.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, unquote

from floatip.model import address_fields, fields, targets
from floatip.model.fields import Wrong, show
from floatip.model.messages import say

RECORDS: Final = ("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
STATUS = re.compile(r"[1-5][0-9]{2}(-[1-5][0-9]{2})?(,[1-5][0-9]{2}(-[1-5][0-9]{2})?){0,9}")
FILE = re.compile(r"/[A-Za-z0-9_./,:=@%+-]*[A-Za-z0-9_.,:=@%+-]")
LONGEST = 100
"""Characters of a text: each may become nine in keepalived.conf."""


def word(value: str) -> str:
    """The value as one word that neither keepalived's tokenizer nor a shell reads as more."""
    return quote(value, safe="/:,")


def unworded(text: str) -> str | None:
    """What the word stands for; None where `word` does not write it so."""
    value = unquote(text)
    return value if word(value) == text else None


def status(raw: object) -> str:
    """Statuses of HTTP: `200`, `200-299,401`."""
    hint = say("Write it like 200, or 200-299,401.")
    value = fields.matching(str(raw) if type(raw) is int else raw, STATUS, "bad-status", hint)
    for part in value.split(","):
        low, _, high = part.partition("-")
        if high and high < low:
            raise Wrong("bad-status", say("has {value}, which is empty.", value=show(part)), hint)
    return value


def text(raw: object) -> str:
    """A text to look for within a line."""
    value = fields.text(raw)
    if len(value) > LONGEST:
        raise Wrong(
            "too-long",
            say("has {count} characters.", count=len(value)),
            say("Write at most {most} characters.", most=LONGEST),
        )
    return value


def virtual_host(raw: object) -> str:
    """The name of a site."""
    return address_fields.host(raw)


def file(raw: object) -> str:
    """A file on the server."""
    value = fields.text(raw)
    if not FILE.fullmatch(value) or len(value) > targets.LONGEST or "/../" in f"{value}/":
        hint = say("Write its whole path, without blanks: /etc/….")
        raise Wrong("bad-file", say("is {value}.", value=show(value)), hint)
    return value


def dns_server(raw: object) -> str:
    """The address of a DNS server, with a port where that is not 53."""
    value = fields.text(raw)
    hint = say("Write an IP address, like 127.0.0.1 or [::1]:5353.")
    try:
        return str(ip_address(value))
    except ValueError:
        pass
    try:
        host, port = targets.split_host_port(targets.tcp(value))
        return targets.joined(str(ip_address(host)), port)
    except (Wrong, ValueError):
        raise Wrong("bad-server", say("is {value}.", value=show(value)), hint) from None


def dns_host(server: str) -> str:
    """Its address without a port."""
    port = server.startswith("[") or server.count(":") == 1
    return targets.split_host_port(server)[0] if port else server
