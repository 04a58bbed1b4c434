"""What a process of ours that uses pyinfra imports before anything else: whatever opens sockets becomes gevent's.

Two things would take nearly half of the time that such a process needs to begin. At each step gevent looks for plug-ins
and pyinfra, with each host, for connectors: each time they read what all installed packages offer, which is read once
here. And two packages import half of Python for nothing: paramiko by way of invoke, for which pyinfra puts something of
its own, and typeguard for a test's objects, which nobody has.
"""

from __future__ import annotations

import sys
from importlib import metadata
from types import ModuleType

from gevent import monkey

from floatip.hosts import collecting


def _sparingly() -> None:
    """Import the two without what they do not need."""
    mock = ModuleType("unittest.mock")
    vars(mock).update(Mock=type("Mock", (), {}), patch=None)
    instead = {"invoke": None, "unittest": ModuleType("unittest"), "unittest.mock": mock}
    needless = {name: module for name, module in instead.items() if name not in sys.modules}
    sys.modules.update(needless)  # type: ignore[arg-type]
    try:
        import paramiko  # noqa: F401
        import typeguard  # noqa: F401
    finally:
        for name in needless:
            del sys.modules[name]


metadata.entry_points = metadata.entry_points().select
monkey.patch_all()
collecting.seldom()  # only now: gevent looks for locks among what Python would collect
_sparingly()
