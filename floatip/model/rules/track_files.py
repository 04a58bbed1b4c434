"""Rules on files with a number: that a weight moves the address depends on what somebody writes into them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.model.problems import Level, Problem
from floatip.model.rules.fifos import OPEN
from floatip.model.rules.tracking import defined_and_tracked_once
from floatip.model.tracking import TrackFile

OUT: Final = -254
"""A product that takes a server out."""


def files_exist(cluster: Cluster) -> Iterator[Problem]:
    """Every tracked file is defined, and tracked once."""
    names = [file.name for file in cluster.track_files]

    def unknown(instance: str, name: str) -> Said:
        return say("track_file of {instance} names {name}, which is not in track_files.", instance=instance, name=name)

    yield from defined_and_tracked_once(cluster, "track_file", names, "unknown-file", unknown)


def files_used(cluster: Cluster) -> Iterator[Problem]:
    """keepalived forgets a file that no instance tracks."""
    tracked = {name for instance in cluster.instances for name in instance.track_file}
    for file in cluster.track_files:
        if file.name not in tracked:
            message = say("No instance tracks the file {name}.", name=file.name)
            hint = say('Add it to an instance: "track_file": ["{name}"], or remove it.', name=file.name)
            yield Problem(f"track_files.{file.name}", "unused-file", message, hint)


def open_to_all(cluster: Cluster) -> Iterator[Problem]:
    """Whoever writes the number decides who leads."""
    for file in cluster.track_files:
        if file.file.startswith(OPEN):
            message = say(
                "Tracked file {name} is {path}: any user of a server can create it and move the address.",
                name=file.name,
                path=file.file,
            )
            yield Problem(_path(file, "file"), "open-file", message, say("Use a path in /run."), Level.WARNING)


def fit_at_first(cluster: Cluster) -> Iterator[Problem]:
    """With such a number all servers are in FAULT until somebody writes another one."""
    for file in cluster.track_files:
        out = bool(file.init_file) if file.weight == 0 else (file.init_file or 0) * file.weight <= OUT
        if out:
            message = say(
                "Tracked file {name} starts with {number}, which puts every server into FAULT.",
                name=file.name,
                number=file.init_file,
            )
            hint = say("Use the number of a healthy server, usually 0.")
            yield Problem(_path(file, "init_file"), "starts-in-fault", message, hint)


def _path(file: TrackFile, key: str) -> str:
    return f"track_files.{file.name}.{key}"


RULES = (files_exist, files_used, open_to_all, fit_at_first)
