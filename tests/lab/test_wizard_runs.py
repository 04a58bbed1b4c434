"""What runs that were begun in the browser say at their end, with JavaScript off: what they have seen, and no more.

One cluster from a deploy with nothing to do to its removal. Hosts: deployed, and bare afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from floatip.model import paths
from floatip.runs import jobs
from floatip.runs.events import Cleared, Done, Event, Failed, Failure, Outcome, Proved, Refused
from floatip.runs.jobs import Run
from floatip.server_side.lease.model import What
from lab import wait_until
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import INVENTORY, settled
from tests.lab.test_removal import traces
from tests.lab.test_wizard import somebody
from tests.web.conftest import Person
from wizard import context, create_app
from wizard.hosts import background

HERE = Path(paths.LOGROTATE_CONF).parent
READ_ONLY = f"rm {paths.LOGROTATE_CONF} && mount --bind {HERE} {HERE} && mount -o remount,ro,bind {HERE}"


def ended(app: Flask, person: Person, what: What, state: str) -> Run:
    """The run whose page the person is on, once it has ended like this."""
    watched = person.at
    assert f'data-what="{what.value}"' in person.page.text
    wait_until("it has ended", lambda: 'data-state="going"' not in person.open(watched).text, timeout=120, every=0.3)
    assert f'data-state="{state}"' in person.page.text
    run = jobs.read(context.of(app).runs, watched.rpartition("/")[2])
    assert run
    return run


def all_of(run: Run, kind: type[Event]) -> list[Event]:
    """Its events of one kind."""
    return [event for event in run.events if isinstance(event, kind)]


def changed(run: Run) -> set[str]:
    """The servers on which it has changed something."""
    return {event.node for event in run.events if isinstance(event, Done) and event.outcome is Outcome.CHANGED}


@pytest.mark.hosts(State.DEPLOYED)
def test_from_nothing_to_do_to_nothing_left(lab: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "SOON", 60.0)  # a page is asked for once, and the servers are waited for
    settled(lab)
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text())
    app = create_app(tmp_path / "state", tmp_path / "inventories")
    person = somebody(app)

    person.send("/run/", name="lab")
    run = ended(app, person, What.DEPLOY, "done")
    assert changed(run) == set()
    assert all_of(run, Proved) == [Proved(FLOATING, "d1", None, "VI_1")]
    assert person.page.text.count('class="proof"') == 1

    lab.host("d2").run(READ_ONLY)
    person.open("/")
    person.send("/run/", name="lab")
    run = ended(app, person, What.DEPLOY, "failed")
    (failed,) = all_of(run, Failed)
    assert isinstance(failed, Failed)
    assert (failed.code, failed.node) == (Failure.STEP, "d2")
    assert "Read-only file system" in failed.said
    reasons = person.page.text.partition('role="alert"')[2].partition("</section>")[0]
    assert "d2" in reasons and "Read-only file system" in reasons
    assert (all_of(run, Refused), changed(run)) == ([], set())
    assert 'class="proof"' not in person.page.text
    assert lab.holders(FLOATING) == ["d1"]
    lab.host("d2").run(f"umount {HERE}")

    person.open("/")
    person.send("/edit", name="lab")
    draft = person.at.rpartition("/")[0]
    person.open(f"{draft}/maintain")
    assert f'href="{draft}/remove"' in person.page.text
    person.open(f"{draft}/remove")
    person.send()
    assert (person.page.status_code, len(jobs.runs(context.of(app).runs))) == (422, 2)
    assert 'data-codes="not-confirmed"' in person.page.text
    assert lab.holders(FLOATING) == ["d1"] and lab.client.answers(FLOATING)

    person.send(sure="yes")
    run = ended(app, person, What.REMOVE, "done")
    assert changed(run) == {"d1", "d2"}
    assert set(all_of(run, Cleared)) == {Cleared(name, (FLOATING,)) for name in ("d1", "d2")}
    assert lab.holders(FLOATING) == [] and not lab.client.answers(FLOATING)
    assert [stories.runs(host) for host in lab.servers] == [False, False]
    assert [traces(host) for host in lab.servers] == [[], []]
    assert (tmp_path / "inventories" / "lab.py").read_text() == INVENTORY.read_text()
    assert 'data-inventory="lab"' in person.open("/").text
