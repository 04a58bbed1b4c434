"""What inventories describe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.problems import Problem, errors


@dataclass(frozen=True, slots=True)
class File:
    """An inventory; `problems`: every error, and no clusters then."""

    path: Path
    clusters: tuple[Cluster, ...]
    problems: tuple[Problem, ...] = ()


def read(paths: Iterable[Path]) -> list[File]:
    """What they describe."""
    return [_read(path) for path in paths]


def _read(path: Path) -> File:
    parsed = inventory.attempt(path)
    wrong = errors(problem for result in parsed for problem in result.problems)
    return File(path, () if wrong else tuple(result.cluster for result in parsed if result.cluster), wrong)
