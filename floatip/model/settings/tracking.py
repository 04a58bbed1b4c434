"""What an instance tracks: names, each of which may have a weight there.

In an inventory a name is text, or a dict with its weight: `["web", {"script": "db", "weight": -60}]`; in a form it is
`db:-60`, and in keepalived.conf `db weight -60`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from floatip.model import fields
from floatip.model.cluster import Instance, Member
from floatip.model.fields import Wrong, show
from floatip.model.messages import NO_MESSAGE, say
from floatip.model.problems import did_you_mean
from floatip.model.settings.row import Place, Scope, Setting
from floatip.model.settings.values import Many, Value
from floatip.model.tracking import Tracked, tracked

MOST = 253


RAISE = say("Raise the priority of the server by that much and write a negative weight: the effect is the same.")


@dataclass(frozen=True, slots=True)
class Follow(Value):
    """Something that is tracked. `called`: the key of its name in a dict; `silent`: the weight of one that says none,
    None where that is said elsewhere; `most`: the highest weight."""

    reader: Callable[[object], str]
    called: str
    silent: int | None = None
    most: int = MOST

    def read(self, raw: object) -> Tracked:
        """Text, or a dict."""
        if not isinstance(raw, Mapping):
            return Tracked(self.reader(raw))
        for key in raw:
            if key not in (self.called, "weight"):
                hint = did_you_mean(key, (self.called, "weight"))
                raise Wrong("unknown-key", say("has an unknown setting {value}.", value=show(key)), hint)
        if self.called not in raw:
            hint = say('Write {{"{key}": …, "weight": -60}}.', key=self.called)
            raise Wrong("missing", say("has no {key}.", key=self.called), hint)
        hint = RAISE if self.most == 0 else NO_MESSAGE
        weight = fields.whole(raw["weight"], -MOST, self.most, hint=hint) if "weight" in raw else self.silent
        return Tracked(self.reader(raw[self.called]), None if weight == self.silent else weight)

    def plain(self, value: Any) -> object:
        """Text, as long as that says it all."""
        return value.name if value.weight is None else {self.called: value.name, "weight": value.weight}

    def words(self, value: Any) -> str:
        """Its line."""
        return str(value.name if value.weight is None else f"{value.name} weight {value.weight}")

    def typed(self, text: str) -> object:
        """`db:-60`."""
        name, colon, weight = text.rpartition(":")
        if not colon:
            return text
        return {self.called: name, "weight": int(weight) if re.fullmatch(r"-?[0-9]{1,9}", weight) else weight}

    def field(self, raw: object) -> str:
        """The same the other way round."""
        if isinstance(raw, Mapping) and self.called in raw:
            return f"{raw[self.called]}:{raw['weight']}" if "weight" in raw else str(raw[self.called])
        return str(raw)


def _of_instance(key: str) -> Callable[[Instance], tuple[Tracked, ...]]:
    return lambda instance: tracked(getattr(instance, key), instance.weights, key)


def _interfaces(member: Member) -> tuple[Tracked, ...]:
    return tracked(member.track_interface, member.weights, "track_interface")


def _beside_its_own(member: Member) -> tuple[Tracked, ...]:
    """Its own interface is tracked anyway; keepalived complains where it is named."""
    return tuple(interface for interface in _interfaces(member) if interface.name != member.interface)


TRACKED: Final = (
    Setting(
        key="track_interface",
        scope=Scope.MEMBER,
        value=Many(Follow(fields.interface_name, "interface", 0, 0)),
        default=(),
        stored=_interfaces,
        shown=_beside_its_own,
        place=Place.BLOCK,
        managed=True,
        doc="more interfaces that must be up for this server to keep the address; with a weight its priority falls "
        "instead (below)",
        label=say("Other interfaces that must be up to keep the address (track_interface)"),
        help=say("with commas between them; with a weight: eth2:-60"),
        page="extras",
    ),
    Setting(
        key="track_script",
        scope=Scope.INSTANCE,
        value=Many(Follow(fields.object_name, "script")),
        default=(),
        stored=_of_instance("track_script"),
        shown=_of_instance("track_script"),
        place=Place.BLOCK,
        managed=True,
        doc="names of health checks, each with the weight of the check itself, or with another one for this instance "
        "(below)",
        page="checks",
        field="scripts-0-name",
    ),
    Setting(
        key="track_file",
        scope=Scope.INSTANCE,
        value=Many(Follow(fields.object_name, "file")),
        default=(),
        stored=_of_instance("track_file"),
        shown=_of_instance("track_file"),
        place=Place.BLOCK,
        managed=True,
        tolerated=True,
        since=(2, 1, 0),  # before, the files themselves were called vrrp_track_file
        doc="names of `track_files`, each with the weight that stands there, or with another one for this instance",
        label=say("Which of these files count here (track_file)"),
        help=say("names separated by commas; with another weight: load:-2"),
        page="extras",
    ),
)


def apart(values: dict[str, Any], rows: Iterable[Setting] = TRACKED) -> dict[str, Any]:
    """The values of a model: names, and beside them the weights."""
    lists = {row.key: values[row.key] for row in rows if row.key in values}
    weights = [
        (key, tracked.name, tracked.weight)
        for key, some in lists.items()
        for tracked in some
        if tracked.weight is not None
    ]
    names = {key: tuple(entry.name for entry in some) for key, some in lists.items()}
    return {**values, **names, "weights": tuple(weights)}
