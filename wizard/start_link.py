"""The link that opens the wizard, once."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable

LIFETIME = 600.0  # seconds that a start link can be used


class StartLink:
    """A token of 256 bits, good for one use within ten minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.token = secrets.token_urlsafe(32)
        self._clock = clock
        self._until = clock() + LIFETIME
        self._lock = threading.Lock()
        self._used = False

    def use(self, token: str) -> bool:
        """Whether this token opens the wizard; of two at once exactly one does."""
        with self._lock:
            good = hmac.compare_digest(token.encode(), self.token.encode())
            if not good or self._used or self._clock() > self._until:
                return False
            self._used = True
            return True
