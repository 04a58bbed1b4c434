"""How the masters of a keepalived.conf sound."""

from __future__ import annotations

from floatip.keepalived import conf
from floatip.server_side.pending.model import Voice


def of(text: str) -> dict[str, Voice]:
    """Instance → its voice. An instance that is not written as floatip writes it has none."""
    found = {}
    for name, settings in conf.instances(text).items():
        try:
            found[name] = _voice(settings)
        except (LookupError, ValueError):
            continue
    return found


def advert_int(text: str) -> float:
    """The longest of a file, and 1 at least."""
    return max([1.0, *(float(settings["advert_int"][0]) for settings in conf.instances(text).values())])


def _voice(settings: conf.Settings) -> Voice:
    return Voice(
        settings["interface"][0],
        int(settings["virtual_router_id"][0]),
        int(settings["version"][0]),
        conf.family(settings),
        "unicast_peer" not in settings,
    )
