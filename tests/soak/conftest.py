"""What takes long: statistics, and whole series. The fixtures of the lab serve here too."""

from __future__ import annotations

import pytest

from tests.conftest import ISOLATED
from tests.lab.conftest import deploy, floatip, lab, labs, place, servers, suite  # noqa: F401


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything here is for `make soak` alone, and needs hosts."""
    for item in items:
        if "tests/soak/" not in item.nodeid:
            continue
        item.add_marker(pytest.mark.soak)
        item.add_marker(pytest.mark.lab)
        if config.stash[ISOLATED]:
            item.add_marker(pytest.mark.skip(reason=config.stash[ISOLATED]))
