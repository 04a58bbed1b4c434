"""Where images and layers are made: nothing that another checkout is making in a shared cache is in the way."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from lab import image, layers, making, paths
from lab.lab import Lab
from lab.layers import State

OLD = "0123456789ab"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that checkouts share, with what each of them is making or has left, each with a file in it."""
    monkeypatch.setenv("FLOATIP_LAB_CACHE", str(tmp_path))
    kinds = ("bookworm", *(f"bookworm-{state}" for state in (State.READY, State.WALLED)), "trixie", "trixie-ready")
    for kind in kinds:
        for name in (f"{kind}-{OLD}.partial", f"{kind}-{OLD}"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "file").write_text("")
    return tmp_path


def partial(cache: Path) -> set[str]:
    """What is being made, or was left, by its kind."""
    return {path.name.removesuffix(f"-{OLD}.partial") for path in cache.glob(f"*-{OLD}.partial")}


def test_an_image_takes_away_only_what_an_image_of_its_suite_has_left(cache: Path) -> None:
    before, final = partial(cache), image._image("bookworm").path
    fresh = paths.begin(final)
    assert (fresh.parent, [*fresh.iterdir()]) == (final.parent, [])
    assert before - partial(cache) == {"bookworm"}
    assert len([*cache.glob(f"*-{OLD}/file")]) == len(before)


def test_a_layer_takes_away_only_what_a_layer_of_its_state_has_left(cache: Path) -> None:
    before = partial(cache)
    with layers.place_for(State.READY, "bookworm") as place:
        assert place
        (place / "d1").mkdir()
        assert before - partial(cache) == {"bookworm-ready"}
    assert (layers.path(State.READY, "bookworm") / "d1").is_dir()


def test_what_was_left_of_the_very_image_is_made_anew(cache: Path) -> None:
    final = image._image("bookworm").path
    (paths.begin(final) / "half").write_text("")
    assert [*paths.begin(final).iterdir()] == []


def test_a_layer_is_not_recorded_as_what_somebody_has_deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$XDG_STATE_HOME" >"$0.state"; [ -d "$XDG_STATE_HOME" ]\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(Lab, "up", lambda *_: nullcontext())
    monkeypatch.setattr(making, "_keep", lambda *_: None)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "somebody"))
    making.deployed("bookworm", tmp_path)
    state = Path((tmp_path / "python.state").read_text().strip())
    assert state != tmp_path / "somebody" and not state.exists()
