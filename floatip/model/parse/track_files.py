"""Reads `track_files`: files with a number that instances track."""

from __future__ import annotations

from floatip.model import fields
from floatip.model.messages import say
from floatip.model.parse.reading import Raw, Reading, join
from floatip.model.parse.rows import Block, keys, required
from floatip.model.settings.track_files import FILES
from floatip.model.tracking import TrackFile


def read_track_files(reading: Reading, path: str, raw: object) -> tuple[TrackFile, ...]:
    """All of them, in file order; broken ones with neutral values."""
    blocks = reading.mapping(path, say("{name}", name=path), raw)
    return tuple(
        _file(reading, join(path, name), str(name), block)
        for name, block in blocks.items()
        if reading.accepts(join(path, name), say("The name of a tracked file"), fields.object_name, name)
    )


def _file(reading: Reading, path: str, name: str, raw: object) -> TrackFile:
    subject = say("Tracked file {name}", name=name)
    block: Raw = reading.mapping(path, subject, raw)
    reading.keys(path, subject, block, keys(FILES), required(FILES))
    settings = Block(reading, path, block, lambda key: say("{key} of {subject}", key=key, subject=subject))
    return TrackFile(name, **settings.values(FILES))
