"""What a diagnosis is made from, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from floatip.cluster import Cluster
from floatip.doctor.aside import Aside
from floatip.heard import Heard
from floatip.host_state import HostState
from floatip.vitals import Vitals
from floatip.words import SILENT, Said


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause: what is wrong on which server, the lines that show it, and how to mend it."""

    code: str
    node: str
    what: Said
    mend: Said = SILENT
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One server as it was looked at. `clock`: seconds by which its clock differs from this computer's."""

    state: HostState
    vitals: Vitals
    aside: Aside = field(default_factory=Aside)
    heard: Heard = field(default_factory=Heard)
    clock: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """A cluster, what is wanted on its servers, and what was found there. `failures`: server → why nothing was."""

    cluster: Cluster
    wanted: Mapping[str, str]
    seen: Mapping[str, Seen]
    failures: Mapping[str, str]
