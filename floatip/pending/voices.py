"""How the masters of a keepalived.conf sound."""

from __future__ import annotations

from floatip import conf
from floatip.pending.model import Voice

HEAD = "vrrp_instance "
MULTICAST_VERSION = {4: 2, 6: 3}
"""What keepalived speaks where the file does not say."""


def of(text: str) -> dict[str, Voice]:
    """Instance → its voice. An instance that is not written as floatip writes it has none."""
    found = {}
    for name, settings in _instances(text).items():
        try:
            found[name] = _voice(settings)
        except (LookupError, ValueError):
            continue
    return found


def priority(text: str, name: str) -> int:
    """The priority of an instance."""
    return int(_instances(text)[name]["priority"][0])


def advert_int(text: str) -> float:
    """The longest of a file; 1 where it says nothing."""
    every = [settings.get("advert_int", ("1",)) for settings in _instances(text).values()]
    return max([1.0, *(float(one[0]) for one in every if one and one[0].replace(".", "", 1).isdigit())])


def _instances(text: str) -> dict[str, conf.Settings]:
    heads = {head: block for head, block in conf.blocks(text).items() if head.startswith(HEAD)}
    return {head.removeprefix(HEAD): conf.settings(block) for head, block in heads.items()}


def _voice(settings: conf.Settings) -> Voice:
    addresses = settings.get("virtual_ipaddress", ())
    family = 6 if any(":" in one.split()[0] for one in addresses) else 4
    return Voice(
        settings["interface"][0],
        int(settings["virtual_router_id"][0]),
        int(settings.get("version", (str(MULTICAST_VERSION[family]),))[0]),
        family,
        "unicast_peer" not in settings,
    )
