"""Debian releases that a test needs: one that is past its support, or is not out yet, need not be in an archive, and is
then left out by name."""

from __future__ import annotations

from functools import cache

import pytest

from lab import image, names, namespace
from lab.image import Image
from lab.names import DEFAULT_SUITE, SUITES

USUAL = [suite if suite == DEFAULT_SUITE else pytest.param(suite, marks=pytest.mark.soak) for suite in SUITES]
"""All releases, those besides the usual one in `make soak` alone: for what does not differ between them, or what
another story of `make test` shows on each of them (docs/decisions/tests.md)."""
COMING = [pytest.param(suite, marks=pytest.mark.soak) for suite in names.COMING]
"""What is not out yet."""


def need(suite: str) -> Image:
    """The image of a release; the test is skipped where one of those cannot be had."""
    found, gone = _had(suite)
    if found is None:
        when = "is not out yet" if suite in names.COMING else "is past its support"
        pytest.skip(f"Debian {suite} {when}, and its archive cannot be reached: {gone.splitlines()[0]}")
    return found


@cache
def _had(suite: str) -> tuple[Image | None, str]:
    built, gone = image.ensure_supported([suite], prefix=namespace.outside())
    return built.get(suite), gone.get(suite, "")
