"""Python looks for garbage each 700 objects, and sees all modules again and again while it imports others: a tenth of
the processor time of a run that changes nothing. What is there already stays there, and the rest can wait a little.
"""

from __future__ import annotations

import gc

OBJECTS = 50_000
"""More of them than a look at two servers makes; with 100 bytes each, 5 MB."""


def seldom() -> None:
    """Have this process look seldom from here on, and not at what is there by now."""
    gc.freeze()
    gc.set_threshold(OBJECTS)
