"""What was deleted in the last week and can be had back: clusters, and drafts of others."""

from __future__ import annotations

import time
from dataclasses import dataclass

from wizard.context import Context


@dataclass(frozen=True, slots=True)
class Deletion:
    """`key`: by which it is restored; `whole`: a cluster with its file, else a draft; `taken`: another cluster has its
    name by now, so it has to stay where it is."""

    key: str
    title: str
    at: float
    whole: bool
    taken: bool = False

    @property
    def when(self) -> str:
        """The day and the time."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.at))


def deletions(here: Context) -> list[Deletion]:
    """The newest first. A draft that was deleted with its cluster comes back with it."""
    clusters, names = list(here.deleted.recent()), set(here.inventories.names())
    along = {key for gone in clusters for key in gone.drafts}
    found = [Deletion(gone.key, gone.name, gone.at, True, gone.name in names) for gone in clusters]
    found += [
        Deletion(draft.key, draft.title, at, False) for draft, at in here.drafts.recent() if draft.key not in along
    ]
    return sorted(found, key=lambda deletion: deletion.at, reverse=True)
