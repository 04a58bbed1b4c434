"""The probe's output as values. A host is not trusted: every text is bounded and decoded strictly."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from floatip.firewall import ipt, nft, places
from floatip.firewall.model import FirewallError
from floatip.firewall.probe import MAX_BYTES
from floatip.model.messages import say

LINE = re.compile(r"fw\.([A-Za-z0-9._-]{1,80})=([A-Za-z0-9+/=_.-]*)")
PLAIN = ("begin", "end", "enabled", "iptables", "ip6tables", "ufw", "ufw.vrrp", "ufw.noipv6", "pending")
VARIANTS = {"iptables-nft": 4, "iptables-legacy": 4, "ip6tables-nft": 6, "ip6tables-legacy": 6}


@dataclass(frozen=True, slots=True)
class Observed:
    """A host's firewalls: `flags` as the probe prints them, `texts` decoded, rules parsed."""

    flags: frozenset[tuple[str, str]] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    ruleset: nft.Ruleset = field(default_factory=nft.Ruleset)
    iptables: Mapping[str, ipt.Filter] = field(default_factory=dict)

    def has(self, key: str, value: str = "1") -> bool:
        """Whether the probe printed `key=value`."""
        return (key, value) in self.flags

    def file(self, path: str) -> str | None:
        """The content of one of `places.FILES`, or None where it is not there."""
        return self.texts.get(places.KEYS[path])

    @property
    def firewalld(self) -> bool:
        """Whether firewalld runs."""
        return "firewalld.default" in self.texts

    @property
    def ufw(self) -> bool:
        """Whether ufw is switched on."""
        return self.has("ufw", "on")


def observe(lines: Iterable[str]) -> Observed:
    """The lines that `floatip_firewall` printed; FirewallError where they are anything else."""
    flags: set[tuple[str, str]] = set()
    texts: dict[str, str] = {}
    for line in lines:
        found = LINE.fullmatch(line)
        if not found:
            unknown = say("The firewall check printed an unknown line: “{line}”", line=line[:80])
            raise FirewallError(unknown)
        key, value = found.groups()
        if key in PLAIN:
            flags.add((key, value))
        else:
            texts[key] = _text(key, value)
    if ("begin", "1") not in flags or ("end", "1") not in flags:
        raise FirewallError(say("The firewall check did not finish."))
    tables = {name: ipt.read(texts[name]) for name in VARIANTS if name in texts}
    return Observed(frozenset(flags), texts, nft.read(texts.get("nft", "")), tables)


def _text(key: str, value: str) -> str:
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise FirewallError(say("The firewall check printed no base64 for {key}.", key=key)) from None
    if len(content) >= MAX_BYTES:
        larger = say("The firewall's {key} is larger than {size} MB.", key=key, size=MAX_BYTES // 1_000_000)
        raise FirewallError(larger)
    return content.decode("utf-8", errors="surrogateescape")
