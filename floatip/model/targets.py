"""What a health check may look at: process names, `host:port`, URLs, units, files, DNS names and command lines.

All of it lands in one quoted string of keepalived.conf, so nothing passes that keepalived's tokenizer
(quotes, `$`, `{`, `!`, `#`) or a shell could read as more than plain words.
"""

from __future__ import annotations

import re

from floatip.model import address_fields, fields
from floatip.model.fields import Wrong, show
from floatip.model.messages import Said, say

PROCESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,62}")
UNIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@:-]{0,100}")
DOMAIN = re.compile(r"(?=.{1,253}\.?\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
HTTP = re.compile(r"(?P<scheme>https?)://(?P<where>[^/?#\s]+)(?P<rest>(?:/[A-Za-z0-9._~%&=?+,:@/-]*)?)")
COMMAND = re.compile(r"/[A-Za-z0-9_./,:=@%+-]*(?: [A-Za-z0-9_./,:=@%+-]+)*")
LONGEST = 400


def process(raw: object) -> str:
    """The name of a process, as `ps -e` shows it."""
    hint = say("Write the name that `ps -e` shows, like nginx; for anything else use `command`.")
    return fields.matching(raw, PROCESS, "bad-process", hint)


def split_host_port(value: str) -> tuple[str, str]:
    """`host:port` or `[v6]:port` in two parts; both may be empty."""
    found = re.fullmatch(r"\[([^\]]*)\]:(.*)|([^:]*):([^:]*)", value)
    if not found:
        raise Wrong(
            "bad-target", say("is {value}.", value=show(value)), say("Write host:port, or [address]:port for IPv6.")
        )
    return (found[1], found[2]) if found[1] is not None else (found[3], found[4])


def joined(host: str, port: str) -> str:
    """The same the other way round."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def tcp(raw: object) -> str:
    """A TCP port to connect to: `127.0.0.1:80` or `[::1]:80`."""
    value = fields.text(raw)
    name, port = split_host_port(value)
    where = address_fields.host(name)
    number = fields.whole(port, 1, 65535)
    return joined(where, str(number))


def http(raw: object) -> str:
    """An http URL."""
    return _url(raw, "http", say("Write it like http://127.0.0.1:8080/health."))


def https(raw: object) -> str:
    """An https URL."""
    return _url(raw, "https", say("Write it like https://127.0.0.1:8443/health."))


def _url(raw: object, scheme: str, hint: Said) -> str:
    value = fields.text(raw)
    found = HTTP.fullmatch(value)
    if not found or len(value) > LONGEST:
        raise Wrong("bad-url", say("is {value}.", value=show(value)), hint)
    if found["scheme"] != scheme:
        other = say("Use `{kind}` instead of `{scheme}`.", kind=found["scheme"], scheme=scheme)
        raise Wrong("bad-url", say("is {value}.", value=show(value)), other)
    where, port = url_host_port(value)
    address_fields.host(where)
    fields.whole(port, 1, 65535)
    return value


def url_host_port(url: str) -> tuple[str, str]:
    """Host and port of a URL; 80 or 443 where it names none."""
    found = HTTP.fullmatch(url)
    where = found["where"] if found else ""
    bare = ":" not in where or where.endswith("]")
    port = 443 if found and found["scheme"] == "https" else 80
    return split_host_port(f"{where}:{port}" if bare else where)


def unit(raw: object) -> str:
    """A unit of systemd: `nginx` or `nginx.service`."""
    hint = say("Write the name that `systemctl list-units` shows, like nginx.service.")
    return fields.matching(raw, UNIT, "bad-unit", hint)


def domain(raw: object) -> str:
    """A name to ask a DNS server for."""
    return fields.matching(raw, DOMAIN, "bad-name", say("Write a host name, like www.example.org."))


def command(raw: object) -> str:
    """A command line: an absolute path and plain words. No shell reads it."""
    value = fields.text(raw)
    if not value.startswith("/"):
        raise Wrong(
            "bad-command",
            say("is {value}.", value=show(value)),
            say("Start it with the program's absolute path: /usr/bin/…."),
        )
    if not COMMAND.fullmatch(value) or len(value) > LONGEST:
        hint = say("Use plain words separated by single spaces; put quotes, pipes and the like into a script.")
        raise Wrong("bad-command", say("is {value}, which keepalived would read differently.", value=show(value)), hint)
    if value.split(" ")[0].endswith("/"):
        raise Wrong(
            "bad-command", say("is {value}, a directory.", value=show(value)), say("Write the path of the program.")
        )
    return value
