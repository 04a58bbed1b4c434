"""Rules on raw lines: nothing is said in them that the instance says by its own name too."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say
from floatip.model.problems import Problem
from floatip.model.rules.known import instance_path, of_instance
from floatip.model.settings import INSTANCE, MEMBER, keyword, keyworded


def said_twice(cluster: Cluster) -> Iterator[Problem]:
    """keepalived takes the last one, and whoever reads the inventory the first."""
    for instance in cluster.instances:
        said = _said(instance)
        for number, line in enumerate(instance.extra_lines):
            row = keyworded().get(keyword(line))
            if row and row.key in said:
                subject = of_instance(instance, "extra_lines")
                message = say("{subject} set {key}, which is set by its own name too.", subject=subject, key=row.key)
                path = instance_path(instance, f"extra_lines.{number}")
                yield Problem(path, "said-twice", message, say("Keep one of the two."))


def _said(instance: Instance) -> set[str]:
    shared = {row.key for row in INSTANCE if row.given(instance)}
    return shared | {row.key for row in MEMBER for member in instance.members if row.given(member)}


RULES = (said_twice,)
