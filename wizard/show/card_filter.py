"""Which cards of the start page somebody wants to see: what is looked for by words, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wizard.drafts import Draft
from wizard.show.cards import Card

MANY = 6  # clusters that are seen at a glance; with more there is something to look with
LONGEST = 80  # characters of what is looked for
ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class CardFilter:
    """`find`: words that all stand in the name, an address or a server of a cluster; `attention`: only those that need
    a person."""

    find: str = ""
    attention: bool = False

    @property
    def active(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.find or self.attention)

    @property
    def query(self) -> Mapping[str, str]:
        """How an address says it."""
        return {**({"find": self.find} if self.find else {}), **({"only": ATTENTION} if self.attention else {})}

    def found(self, cards: Sequence[Card]) -> list[Card]:
        """Those in which the words are, whatever they need."""
        return [card for card in cards if self._matches(f"{card.name} {card.words}")]

    def shown(self, cards: Sequence[Card]) -> list[Card]:
        """Those that are left."""
        return [card for card in self.found(cards) if card.attention or not self.attention]

    def drafts(self, drafts: Sequence[Draft]) -> list[Draft]:
        """The same of what is not saved yet, and needs nobody."""
        if self.attention:
            return []
        return [draft for draft in drafts if self._matches(" ".join(_words(draft)))]

    def _matches(self, text: str) -> bool:
        return all(word in text.casefold() for word in self.find.casefold().split())


def _words(draft: Draft) -> Iterator[str]:
    yield draft.name
    for name, data in draft.hosts:
        yield from (str(name), str(data.get("ssh_hostname", "")))


def asked(arguments: Mapping[str, str]) -> CardFilter:
    """What an address asks for."""
    find = " ".join(arguments.get("find", "")[:LONGEST].split())
    return CardFilter(find, arguments.get("only") == ATTENTION)
