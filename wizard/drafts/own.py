"""Whether a draft says something of its own, or just what the inventory says that it was saved as."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.operate import fleet
from wizard.drafts import Draft, Drafts
from wizard.drafts.inventories import Inventories

MOST = 200  # digests that are remembered


@lru_cache(MOST)
def digest(cluster: Cluster | None) -> str:
    """Of what a cluster is as an inventory; empty where there is none."""
    return hashlib.sha256(inventory.dumps(cluster).encode()).hexdigest() if cluster else ""


class Own:
    """Remembers what was found out of a draft: it is looked at again and again."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, int], str] = {}

    def changed(self, draft: Draft, saved: Cluster | None) -> bool:
        """Whether something is in it that was not saved. `saved`: the inventory as it is now."""
        own = self._of(draft)
        return not own or own not in (draft.base, digest(saved))

    def stale(self, draft: Draft, saved: Cluster | None) -> bool:
        """Whether nobody has typed anything into it, and the file has become another one since."""
        return bool(draft.base) and self._of(draft) == draft.base and digest(saved) not in ("", draft.base)

    def unsaved(self, drafts: Iterable[Draft], files: Mapping[str, fleet.File]) -> list[Draft]:
        """The drafts that say something of their own."""
        return [draft for draft in drafts if self.changed(draft, saved(files.get(draft.name)))]

    def _of(self, draft: Draft) -> str:
        key = (draft.key, draft.version)
        if key not in self._drafts:
            older = {key: known for key, known in self._drafts.items() if key[0] != draft.key}
            self._drafts = {**older, key: digest(draft.parsed().cluster)}
        return self._drafts[key]


def saved(file: fleet.File | None) -> Cluster | None:
    """The one cluster of an inventory."""
    return file.clusters[0] if file and len(file.clusters) == 1 else None


def of(name: str, drafts: Drafts, inventories: Inventories, own: Own) -> Draft | None:
    """The draft of an inventory, the newest where there are several; None where there is none. One that nobody has
    changed says what the file says now."""
    file = saved(inventories.files().get(name))
    found = [draft for draft in drafts.all() if draft.name == name]
    draft = next((draft for draft in found if own.changed(draft, file)), found[0] if found else None)
    return None if draft is None or own.stale(draft, file) else draft
