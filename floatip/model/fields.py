"""Single values: raw Python or typed text in, a checked value out, or `Wrong` with words for a person.

Strict on purpose: `int()` takes digits of every script and `'1_0'`, `ip_address()` takes scope ids and IPv4-mapped
addresses, `re.match('^…$')` lets a newline through, and `True` is an int. None of that is meant here.
"""

from __future__ import annotations

import math
import re
from ipaddress import IPv4Address, IPv6Address

from floatip.model.messages import NO_MESSAGE, Said, any_of, say

Address = IPv4Address | IPv6Address
NODE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")
OBJECT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
CLUSTER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
INTERFACE_NAME = re.compile(r"[A-Za-z0-9._-]{1,15}")
LABEL = re.compile(r"(?=.{1,15}\Z)[A-Za-z0-9._][A-Za-z0-9._-]*:[A-Za-z0-9._:-]+")
USER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
SCRIPT_USER = re.compile(rf"{USER_NAME.pattern}(?: {USER_NAME.pattern})?")
ROUTER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DIGITS = re.compile(r"-?[0-9]{1,9}")
DECIMAL = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
RESERVED_CLUSTER_NAMES = ("all", "config", "deploy", "group_data")
ADDRESS_OPTIONS = frozenset({"dev", "label", "brd", "broadcast", "scope"})
ADDRESS_WORD = re.compile(r"-?[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
MOST_WORDS = 12
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
SHOWN = 60
EMPTY = say("is empty.")


class Wrong(ValueError):
    """One value that cannot be used. `text` continues a sentence that starts with the setting's name."""

    def __init__(self, code: str, text: Said, hint: Said = NO_MESSAGE) -> None:
        self.code, self.text, self.hint = code, text, hint
        super().__init__(text)


def show(raw: object) -> str:
    """The value as a person may see it: escaped, one line, not longer than a line."""
    try:
        text = ascii(raw) if not isinstance(raw, str) or not raw.isprintable() else repr(raw)
    except (ValueError, RecursionError):  # an int of too many digits, or a value nested too deeply
        text = f"a {type(raw).__name__}"
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def text(raw: object) -> str:
    """Printable, non-empty text without blanks around it."""
    if not isinstance(raw, str):
        raise Wrong("not-text", say("must be text, not {value}.", value=show(raw)), say("Put it in quotes."))
    if not raw:
        raise Wrong("empty", EMPTY, say("Write a value."))
    if not raw.isprintable():
        raise Wrong(
            "control-character",
            say("holds a character that cannot be printed: {value}.", value=show(raw)),
            say("Type it again."),
        )
    if raw != raw.strip():
        raise Wrong("blank", say("has spaces around it: {value}.", value=show(raw)), say("Remove the spaces."))
    return raw


def matching(raw: object, pattern: re.Pattern[str], code: str, must: Said) -> str:
    """Text that the whole of `pattern` matches."""
    value = text(raw)
    if not pattern.fullmatch(value):
        raise Wrong(code, say("is {value}.", value=show(value)), must)
    return value


def node_name(raw: object) -> str:
    """A server's name. A leading `@` would pick another of pyinfra's connectors: refused with the rest."""
    hint = say("Use a-z, 0-9 and -, starting with a letter or digit.")
    if isinstance(raw, str) and raw.startswith("@"):
        hint = say("floatip connects by SSH only, not by pyinfra's connector {name}. Name a server.", name=show(raw))
    value = matching(raw, NODE_NAME, "bad-node-name", hint)
    if value == "all":
        raise Wrong("bad-node-name", say("is 'all', which means every server to pyinfra."), say("Choose another name."))
    return value


def object_name(raw: object) -> str:
    """The name of a VRRP instance or a script."""
    must = say("Use letters A-Z a-z, digits, _ and -, starting with a letter, at most 31 characters.")
    return matching(raw, OBJECT_NAME, "bad-name", must)


def cluster_name(raw: object) -> str:
    """The name of a cluster, which is also its file's name and a group of pyinfra's."""
    must = say("Use a-z, 0-9, _ and -, starting with a letter or digit, at most 40 characters.")
    value = matching(raw, CLUSTER_NAME, "bad-cluster-name", must)
    if value in RESERVED_CLUSTER_NAMES:
        raise Wrong(
            "bad-cluster-name",
            say("is {value}, a name with a special meaning in pyinfra.", value=show(value)),
            say("Choose another name."),
        )
    return value


def interface_name(raw: object) -> str:
    """A network interface. Linux allows `$(id)`; what a shell or keepalived could read as more is refused."""
    if isinstance(raw, str) and re.fullmatch(r"[A-Za-z0-9._-]+[:@].*", raw):
        base = re.split("[:@]", raw)[0]
        raise Wrong(
            "bad-interface",
            say("is {value}, not the interface's own name.", value=show(raw)),
            say("Write {base}.", base=base),
        )
    must = say("Use the name that `ip -br link` shows: letters, digits, . _ and -, at most 15 characters.")
    value = matching(raw, INTERFACE_NAME, "bad-interface", must)
    if value in (".", "..") or value.startswith("-"):
        raise Wrong("bad-interface", say("is {value}.", value=show(value)), must)
    if value == "lo":
        raise Wrong(
            "loopback-interface",
            say("is lo, which is connected to no network."),
            say("Use the interface that is in the servers' network."),
        )
    return value


def label(raw: object) -> str:
    """A name for an address on an interface: `eth1:vip`. Whether the interface is the right one, rules tell."""
    must = say(
        "Write the interface, a colon and a name, like eth1:vip: letters, digits, . _ : and -, at most 15 characters."
    )
    return matching(raw, LABEL, "bad-label", must)


def broadcast(raw: object) -> str:
    """A broadcast address, or `+` or `-` for the last or first address of a subnet."""
    value = text(raw)
    if value in ("+", "-"):
        return value
    try:
        return str(IPv4Address(value))
    except ValueError:
        hint = say("Write an IPv4 address without a prefix, or + for the last address of the subnet.")
        raise Wrong("bad-broadcast", say("is {value}.", value=show(value)), hint) from None


def address_words(raw: object) -> str:
    """Further words of keepalived's on the line of a floating address, which nobody checks here: `preferred_lft 0`."""
    words = text(raw).split(" ")
    if known := [word for word in words if word in ADDRESS_OPTIONS]:
        hint = say("Set {first} by its own name.", first=known[0])
        raise Wrong("managed-line", say("sets {first}, which is an option of its own.", first=known[0]), hint)
    if len(words) > MOST_WORDS or not all(ADDRESS_WORD.fullmatch(word) for word in words):
        hint = say("Write words of letters and digits, separated by single spaces, like preferred_lft 0.")
        raise Wrong("bad-line", say("is {value}.", value=show(" ".join(words))), hint)
    return " ".join(words)


def scope(raw: object) -> str | int:
    """A scope of addresses: one of those that every system knows by a name, or a number. One with a name gets it."""
    if isinstance(raw, str) and raw in SCOPES.values():
        return raw
    hint = say("Write {names}, or a number from 0 to 255.", names=any_of(tuple(SCOPES.values())))
    if not isinstance(raw, int) and not (isinstance(raw, str) and DIGITS.fullmatch(raw)):
        raise Wrong("bad-scope", say("is {value}.", value=show(raw)), hint)
    number = whole(raw, 0, 255, "bad-scope", hint)
    return SCOPES.get(number, number)


def whole(raw: object, low: int, high: int, code: str = "out-of-range", hint: Said = NO_MESSAGE) -> int:
    """A whole number from `low` to `high`; text of ASCII digits will do, as forms send it."""
    hint = hint or say("Choose a number from {low} to {high}.", low=low, high=high)
    if isinstance(raw, str) and DIGITS.fullmatch(raw):
        raw = int(raw)
    if raw == "":
        raise Wrong("empty", EMPTY, hint)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Wrong(
            "not-a-number",
            say("must be a whole number from {low} to {high}, not {value}.", low=low, high=high, value=show(raw)),
            hint,
        )
    if not low <= raw <= high:
        raise Wrong(code, say("must be from {low} to {high}, not {value}.", low=low, high=high, value=show(raw)), hint)
    return raw


def seconds(raw: object) -> float:
    """A positive time in seconds; text of ASCII digits with a point will do."""
    if isinstance(raw, str) and DECIMAL.fullmatch(raw):
        raw = float(raw)
    hint = say("Write 1, or 0.1 for 100 ms.")
    if raw == "":
        raise Wrong("empty", EMPTY, hint)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Wrong("not-a-number", say("must be a number of seconds, not {value}.", value=show(raw)), hint)
    if not math.isfinite(raw) or not 0 < raw <= 255:
        raise Wrong("out-of-range", say("must be from 0.01 to 255 seconds, not {value}.", value=show(raw)), hint)
    return float(raw)


def fraction(raw: object, low: float, high: float) -> float:
    """A time in seconds from `low` to `high`, to the microsecond; text of ASCII digits with a point will do."""
    if isinstance(raw, str) and DECIMAL.fullmatch(raw):
        raw = float(raw)
    hint = say("Write 1, or 0.001 for a millisecond.")
    if raw == "":
        raise Wrong("empty", EMPTY, hint)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Wrong("not-a-number", say("must be a number of seconds, not {value}.", value=show(raw)), hint)
    if not low <= raw <= high or round(raw, 6) != raw:
        message = say(
            "must be from {low} to {high} seconds, not {value}.", low=f"{low:.6f}", high=f"{high:g}", value=show(raw)
        )
        raise Wrong("out-of-range", message, hint)
    return float(raw)


def flag(raw: object) -> bool:
    """True or False, nothing that merely looks like it."""
    if not isinstance(raw, bool):
        raise Wrong(
            "not-a-flag",
            say("must be True or False, not {value}.", value=show(raw)),
            say("Write True or False without quotes."),
        )
    return raw


def choice(raw: object, allowed: tuple[str, ...]) -> str:
    """One of `allowed`."""
    if not isinstance(raw, str) or raw not in allowed:
        raise Wrong("not-a-choice", say("is {value}.", value=show(raw)), say("Write {names}.", names=any_of(allowed)))
    return raw


def user_name(raw: object) -> str:
    """A Unix user name."""
    return matching(raw, USER_NAME, "bad-user", say("Write a user name: letters, digits, _ . and -."))


def script_user(raw: object) -> str:
    """Who runs a script: a user, or a user and a group."""
    must = say("Write a user, or a user and a group: letters, digits, _ . and -.")
    return matching(raw, SCRIPT_USER, "bad-user", must)


def router_id(raw: object) -> str:
    """What a server calls itself."""
    must = say("Use letters, digits, . _ and -, starting with a letter or digit, at most 64 characters.")
    return matching(raw, ROUTER_ID, "bad-name", must)


def path(raw: object) -> str:
    """A file name on this machine, relative or absolute; any printable text."""
    value = text(raw)
    if value.startswith("-"):
        raise Wrong(
            "bad-path", say("is {value}, which looks like an option.", value=show(value)), say("Start it with ./")
        )
    return value
