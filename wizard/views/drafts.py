"""The draft that an address names, and how what a form says gets into it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from flask import abort, request
from werkzeug.wrappers import Response

from floatip.hosts.monitor import Snapshot
from floatip.operate.running import Running
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import deployed, discovery

Answer = str | Response | tuple[str, int]


def draft_of(key: str) -> Draft:
    """The draft of this address; not found where there is none."""
    try:
        return context().drafts.get(key)
    except KeyError:
        abort(404)


def deployed_of(key: str) -> tuple[Draft, Running]:
    """A draft, and what its servers run, whatever was typed or saved since."""
    draft = draft_of(key)
    return draft, context().deployed.of(draft)


def of_now(draft: Draft, running: Running, seen: Snapshot | None) -> dict[str, Any]:
    """What the pages about a cluster at this moment all show. `old`: seconds since the servers were looked at."""
    inventories = context().inventories
    return {
        "draft": draft,
        "running": running,
        "drafted": deployed.drafted(draft, inventories),
        "known": bool(running.record) or draft.name in inventories.names(),
        "at": time.strftime("%H:%M:%S", time.localtime(seen.at)) if seen else "",
        "old": max(0.0, time.time() - seen.at) if seen else None,
    }


def look(draft: Draft) -> None:
    """Ask its servers what they are like, and keep that."""
    draft.found = discovery.ask(draft)
    keep(draft)


def keep(draft: Draft) -> None:
    """Store it, where nobody was faster."""
    with suppress(Stale):  # somebody else has just looked, or answered: their version is as good
        context().drafts.save(draft, draft.version)


def based_on() -> int:
    """The version of the draft that the form was made from."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else abort(400)
