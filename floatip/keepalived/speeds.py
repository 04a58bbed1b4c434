"""How fast a dead server is replaced: the choices, with what each was measured to do and what it costs.

Measured by `python -m tests.bench.soak` on booted Debian 12 hosts, two cores for all of them: docs/decisions/fast.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from floatip.keepalived import timing
from floatip.model.cluster import Instance
from floatip.model.messages import Said, say


@dataclass(frozen=True, slots=True)
class Speed:
    """`advert_int` in seconds. `median`, `worst`: milliseconds that a client waited when the cable of the server that
    had the address was cut, a hundred times."""

    advert_int: float
    label: Said
    median: int
    worst: int

    @property
    def measured(self) -> Said:
        """What came of a hundred cut cables, and of a minute of full load."""
        return say(
            "Measured with 100 pulled cables: {median} ms, {worst} ms at worst. In a minute of full load on "
            "both servers the address never moved by mistake.",
            median=self.median,
            worst=self.worst,
        )


SPEEDS = (
    Speed(1, say("standard"), 3081, 3610),
    Speed(0.1, say("fast"), 315, 365),
    Speed(0.05, say("fastest"), 155, 193),
)


def price(instance: Instance) -> Said:
    """What may be taken for a death: a silence that the settings do not bear."""
    patience = timing.master_down(instance, timing.successor_priority(instance))
    return say(
        "A server that freezes for {seconds} s, as a virtual machine may while it is saved or moved, "
        "loses the address.",
        seconds=f"{patience:.2g}",
    )
