"""What was deployed is noted on this computer: once the proof of all clusters of a run has succeeded, and not before. A
run that fails comes to no end of that step. After a removal nothing is deployed there any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from pyinfra import logger
from pyinfra.api import State
from pyinfra.api.state import BaseStateCallback

from floatip.change.landmarks import Landmark, landmark
from floatip.language.telling import tell
from floatip.model import reasons
from floatip.model.cluster import Cluster
from floatip.model.inventory import keys
from floatip.model.messages import say
from floatip.runs import deployed

NOTES = {Landmark.PROVEN: deployed.keep, Landmark.REMOVED: deployed.forget}
"""What is noted at the end of which step."""


class Noting(BaseStateCallback):
    """`clusters`: those of this run of which every server takes part, as the inventory has them."""

    def __init__(self, clusters: Callable[[], Iterable[Cluster]]) -> None:
        self.clusters = clusters

    def operation_end(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Note it, or forget it."""
        ended = {landmark(name) for name in state.get_op_meta(op_hash).names}
        for note in (note for known, note in NOTES.items() if known in ended):
            for cluster in self.clusters():
                _tried(note, keys.whole(cluster, Path.cwd()))


def _tried(note: Callable[[Cluster], None], cluster: Cluster) -> None:
    try:
        note(cluster)
    except (OSError, ValueError) as error:
        why: str = str(error)[:300]
        if isinstance(error, OSError):
            known = reasons.of(error)
            why = say("{name}: {why}", name=error.filename, why=known) if error.filename else known
        message = say("Could not record on this computer what runs now: {why}", why=why)
        logger.warning(f"    {tell(message)}")
