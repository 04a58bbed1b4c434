"""What the application keeps besides its routes: one value, the same for every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, current_app

from wizard.drafts import Drafts
from wizard.drafts.inventories import Inventories
from wizard.drafts.own import Own
from wizard.drafts.whole import Deleted
from wizard.hosts.background import Background
from wizard.hosts.deployed import Deployed
from wizard.hosts.fleet import Fleet
from wizard.hosts.looks import Looks
from wizard.hosts.monitors import Watchers
from wizard.pages.network_scan import NetworkScans
from wizard.show.drills import Drills
from wizard.start_link import StartLink

NAME = "floatip"


@dataclass(frozen=True, slots=True)
class Context:
    """`runs`: the directory of runs; `deleted`: clusters whose deletion can be undone."""

    drafts: Drafts
    inventories: Inventories
    drills: Drills
    runs: Path
    deleted: Deleted
    scans: NetworkScans = field(default_factory=NetworkScans)
    own: Own = field(default_factory=Own)
    fleet: Fleet = field(default_factory=Fleet)
    deployed: Deployed = field(default_factory=Deployed)
    looks: Looks = field(default_factory=Looks)
    background: Background = field(default_factory=Background)
    watchers: Watchers = field(default_factory=Watchers)
    start_link: StartLink = field(default_factory=StartLink)


def equip(app: Flask, state: Path, inventories: Path) -> None:
    """Give an application its own."""
    app.extensions[NAME] = made(state, inventories)


def made(state: Path, inventories: Path) -> Context:
    """What is kept there. `state`: the directory of drafts, runs and drills; `inventories`: that of finished
    clusters."""
    drafts, drills = Drafts(state / "drafts"), Drills(state / "drilling")
    files = Inventories(inventories)
    return Context(drafts, files, drills, state / "runs", Deleted(state / "deleted", drafts, files))


def of(app: Flask) -> Context:
    """That of an application."""
    found: Context = app.extensions[NAME]
    return found


def context() -> Context:
    """That of the application whose request this is."""
    return of(current_app)
