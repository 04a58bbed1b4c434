"""What a run is given besides the inventory's own words: `--data`, and `group_data` of pyinfra.

pyinfra takes any name after `--data`, and a group's data from wherever it finds some; what floatip does not see there
would be done, or not be done, in silence.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import Path

from pyinfra import inventory
from pyinfra.api import Host

from floatip.change import pins
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.model.fields import Wrong
from floatip.model.inventory import beside
from floatip.model.messages import say
from floatip.model.problems import Problem, did_you_mean
from floatip.runs.events import Refusal
from floatip.runs.pyinfra_run import DISMISS, FORGET, MOVE, REMOVE, REPLACE

OPTIONS = (DISMISS, FORGET, MOVE, REMOVE, REPLACE)


def check_options() -> None:
    """Refusing where `--data` has a name that looks like one of ours, and is none."""
    for name in inventory.get_override_data():
        close = name.startswith("floatip") or get_close_matches(name.lower(), OPTIONS, 1)
        if close and name not in OPTIONS:
            hint = did_you_mean(name, OPTIONS)
            raise Refusing(Refusal.OPTION, say("There is no option --data {name}=…. {hint}", name=name, hint=hint))


def option(name: str) -> bool:
    """A switch given with `--data NAME=true`."""
    value = inventory.get_override_data().get(name, False)
    if not isinstance(value, bool):
        raise Refusing(
            Refusal.OPTION, say("--data {name}=… takes true or false, not {value}.", name=name, value=repr(value))
        )
    return value


def lead() -> dict[str, str]:
    """Which server shall lead which instance from now on, as `--data floatip_move=…` asks for."""
    asked = inventory.get_override_data().get(MOVE)
    try:
        return {} if asked is None else pins.from_option(str(asked))
    except Wrong as wrong:
        message = say("--data floatip_move=… {text} {hint}", text=wrong.text, hint=wrong.hint)
        raise Refusing(Refusal.OPTION, message) from None


def file() -> Path | None:
    """The inventory, which pyinfra does not tell: the argument that is called like one of its groups."""
    named = (Path(word) for word in sys.argv[1:])
    return next((path.resolve() for path in named if path.stem in inventory.groups and path.is_file()), None)


def directory() -> Path | None:
    """Where it is."""
    found = file()
    return found.parent if found else None


def cluster_of(of: Host) -> str:
    """The group of a server that is its cluster; Refusing where it belongs to none, or to several."""
    groups = dict.fromkeys(of.groups)  # pyinfra names one twice with some connectors
    names = [str(name) for name in groups if "vrrp_instances" in inventory.get_group_data(name)]
    if not names:
        message = say(
            "{name} belongs to no floatip cluster: no group of this inventory has 'vrrp_instances'. "
            "`floatip check FILE` tells more.",
            name=of.name,
        )
        raise Refusing(Refusal.NO_CLUSTER, message, [of.name])
    if len(names) > 1:
        message = say("{name} belongs to {first}, and to {second}.", name=of.name, first=names[0], second=names[1])
        raise Refusing(Refusal.INVENTORY, message, [of.name])
    return names[0]


def misplaced(group: str, hosts: list[Host]) -> tuple[Problem, ...]:
    """What is wrong with the data of groups that the servers of a cluster belong to besides."""
    names = {name for host in hosts for name in host.groups} - {group, "all"}
    others = {name: inventory.get_group_data(name) for name in sorted(names)}
    return beside.misplaced({"all": inventory.get_data(), **others})
