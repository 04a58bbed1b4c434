"""Where the state of this computer is kept: as the XDG Base Directory Specification says, on every system."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.runs import storage

USUAL = "~/.local/state/floatip"


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (None, USUAL),
        ("", USUAL),
        ("relative/state", USUAL),  # "the path should be considered invalid and ignored"
        ("/var/tmp/x", "/var/tmp/x/floatip"),
        ("/var/tmp/x/", "/var/tmp/x/floatip"),
        ("/var/tmp/ö ä", "/var/tmp/ö ä/floatip"),
    ],
)
def test_the_state_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str | None, place: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME")
    if given is not None:
        monkeypatch.setenv("XDG_STATE_HOME", given)
    assert storage.state_directory() == Path(place.replace("~", str(tmp_path)))
    assert not (tmp_path / ".local").exists()
