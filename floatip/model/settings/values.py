"""Kinds of values: raw value or typed text → value → raw value again, and the words of keepalived.conf."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from floatip.model import address_fields, fields
from floatip.model.messages import NO_MESSAGE, Said


@dataclass(frozen=True, slots=True)
class Value:
    """A value that its reader judges. `keyword`: whether it stands in keepalived.conf."""

    keyword = True

    def read(self, raw: object) -> Any:
        """The checked value; `fields.Wrong` where it is none."""
        raise NotImplementedError

    def plain(self, value: Any) -> object:
        """The literal for an inventory."""
        return value

    def words(self, value: Any) -> str:
        """What stands behind the keyword."""
        return str(value)

    def adopted(self, word: str) -> object:
        """The raw value that a word of somebody's keepalived.conf stands for."""
        return word

    def typed(self, text: str) -> object:
        """The raw value that one of several in a field of a form stands for."""
        return text

    def field(self, raw: object) -> str:
        """The same the other way round."""
        return str(raw)


@dataclass(frozen=True, slots=True)
class Text(Value):
    """Text, as one of the readers of `fields` takes it."""

    reader: Callable[[object], Any]

    def read(self, raw: object) -> Any:
        """What the reader makes of it."""
        return self.reader(raw)


@dataclass(frozen=True, slots=True)
class Inner(Text):
    """Text that is no keyword of keepalived's."""

    keyword = False


@dataclass(frozen=True, slots=True)
class Address(Text):
    """An address with its prefix."""

    keyword = False
    reader: Callable[[object], Any] = address_fields.address

    def plain(self, value: Any) -> object:
        """As it is written."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Own(Value):
    """One of the server's own addresses, without a prefix: rules and preflight see to it that it is."""

    def read(self, raw: object) -> fields.Address:
        """An address that a host can have."""
        return address_fields.ip(raw)

    def plain(self, value: Any) -> object:
        """As it is written."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Flag(Value):
    """True or False; in keepalived.conf the keyword alone, or nothing."""

    def read(self, raw: object) -> bool:
        """One of the two."""
        return fields.flag(raw)

    def words(self, value: Any) -> str:
        """Nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Switch(Flag):
    """A flag of floatip's own."""

    keyword = False


@dataclass(frozen=True, slots=True)
class Whole(Value):
    """A whole number. `code`, `hint`: of the problem where it is out of range."""

    low: int
    high: int
    code: str = "out-of-range"
    hint: Said = NO_MESSAGE

    def read(self, raw: object) -> int:
        """A number between the two."""
        return fields.whole(raw, self.low, self.high, self.code, self.hint)

    def adopted(self, word: str) -> object:
        """Digits as a number."""
        return int(word) if re.fullmatch(r"-?[0-9]{1,9}", word) else word


@dataclass(frozen=True, slots=True)
class Seconds(Value):
    """A time in seconds, also in parts of one."""

    def read(self, raw: object) -> float:
        """A positive time."""
        return fields.seconds(raw)

    def plain(self, value: Any) -> object:
        """Whole seconds without a point."""
        return int(value) if float(value).is_integer() else value

    def words(self, value: Any) -> str:
        """As short as can be."""
        return f"{value:g}"

    def adopted(self, word: str) -> object:
        """The number, as an inventory would have it."""
        return self.plain(float(word)) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", word) else word


@dataclass(frozen=True, slots=True)
class Fraction(Value):
    """Seconds, to the microsecond."""

    low: float
    high: float

    def read(self, raw: object) -> float:
        """A time between the two."""
        return fields.fraction(raw, self.low, self.high)

    def plain(self, value: Any) -> object:
        """Whole seconds without a point."""
        return int(value) if value is not None and float(value).is_integer() else value

    def words(self, value: Any) -> str:
        """Without an exponent, which keepalived does not read."""
        return f"{value:.6f}".rstrip("0").rstrip(".")

    def adopted(self, word: str) -> object:
        """The number, as an inventory would have it."""
        return self.plain(float(word)) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", word) else word


@dataclass(frozen=True, slots=True)
class Choice(Value):
    """One of some words of floatip's own."""

    keyword = False
    allowed: tuple[str, ...]

    def read(self, raw: object) -> str:
        """One of them."""
        return fields.choice(raw, self.allowed)


@dataclass(frozen=True, slots=True)
class Many(Value):
    """Several values, each read by `one`; in keepalived.conf a block."""

    item: Value

    def read(self, raw: object) -> Any:
        """One of them."""
        return self.item.read(raw)

    def plain(self, value: Any) -> object:
        """A list."""
        return [self.item.plain(item) for item in value]


@dataclass(frozen=True, slots=True)
class Lines(Value):
    """Raw lines; `floatip.model.parse.raw_lines` reads them. `block`: that they stand in, where it is not an instance's
    and not the top level of the file."""

    keyword = False
    block: str = ""

    def plain(self, value: Any) -> object:
        """A list."""
        return list(value)


@dataclass(frozen=True, slots=True)
class Connection(Value):
    """How to reach a host; `floatip.model.parse.nodes` reads it."""

    keyword = False

    def plain(self, value: Any) -> object:
        """A dict."""
        return dict(value)
