"""Every page of the wizard in every state that it has, planted where the wizard keeps its things: to be looked at,
by an accessibility checker or by a person. What the pages *do* is shown elsewhere, on real hosts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from floatip.change import summary
from floatip.change.landmarks import Landmark
from floatip.hosts import host_script
from floatip.model import inventory
from floatip.model.messages import say
from floatip.operate.drill import judge
from floatip.operate.drill.script import Answers, Change
from floatip.runs import events
from floatip.server_side.lease.model import What
from lab.paths import ROOT
from tests.browser import planted_servers
from wizard.drafts import Draft, Drafts
from wizard.hosts import discovery

Look = Callable[[str], object]
INSTALL: list[events.Event] = [
    events.Begin(1.8e9, 16, say("Install packages")),
    events.Done("d1", events.Outcome.CHANGED),
    events.Done("d2", events.Outcome.UNCHANGED),
    events.End(1.8e9 + 2.5),
    events.Begin(1.8e9 + 2.5, 16, say("Start keepalived at boot")),
    events.Done("d1", events.Outcome.UNCHANGED),
    events.Done("d2", events.Outcome.UNCHANGED),
    events.End(1.8e9 + 2.9),
]
HOLDS = events.Proved("10.9.1.6", "d1", True, "VI_1")
LATE = say("The cluster did not settle within {seconds} s.", seconds="10")
UNFIT = say("{name} cannot take over: {state}.", name="d2", state=say("keepalived is not running"))
REBOOT: list[events.Event] = [
    events.Begin(1.8e9 + 3, 1, summary.reboot("d1"), Landmark.REBOOTED),
    events.Done("d1", events.Outcome.CHANGED),
    events.End(1.8e9 + 33),
]
ENDS: dict[str, tuple[What, str | None, list[events.Event]]] = {
    "done": (What.DEPLOY, "0", [HOLDS]),
    "failed": (
        What.DEPLOY,
        "1",
        [events.Failed(events.Failure.NOT_SETTLED, LATE), events.Restored("d1", True)],
    ),
    "stopped": (What.DEPLOY, "1", [events.Stopped(say("Stopped after this step, as asked."))]),
    "under-way": (What.DEPLOY, None, [events.Begin(1.8e9 + 3, 16, say("Start keepalived at boot"))]),
    "moved": (What.MOVE, "0", [HOLDS]),
    "rebooted": (What.REBOOT, "0", REBOOT),
    "removed": (What.REMOVE, "0", [events.Cleared(node, ("10.9.1.6",)) for node in ("d1", "d2")]),
    "silent": (What.DEPLOY, "1", []),
}
SERVERS = {
    "well": planted_servers.WELL,
    "ill": planted_servers.ILL,
    "refused": planted_servers.REFUSED,
    "watched": planted_servers.WATCHED,
    "twice": planted_servers.TWICE,
    "moved": planted_servers.MOVED,
    "half": planted_servers.HALF,
}
"""The clusters that were deployed from here; `moved` was changed since."""
KEY = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)).decode()
FOREIGN = """! written by hand
global_defs {
    enable_script_security
    vrrp_garp_master_refresh 60
}
vrrp_instance VI_1 {
    state MASTER
    interface eth1
    virtual_router_id 51
    priority 150
    unknown_word 1
    virtual_ipaddress {
        10.9.1.6/24
    }
}
"""
ODD = "import os\nodd = ([], {})\n"


def plant(place: Path) -> dict[str, Draft]:
    """Drafts, inventories and deploys of every kind; the drafts by what they are for."""
    (place / "inventories").mkdir(parents=True)
    text = (ROOT / "inventories" / "lab.py").read_text()
    (place / "inventories" / "lab.py").write_text(text)
    (place / "inventories" / "odd.py").write_text(ODD)
    for number, end in enumerate(ENDS.values()):
        _run(place / "state" / "floatip" / "runs" / f"20261124-12000{number}-aaaaaa", *end)
    made: dict[str, Draft] = {}
    found = inventory.raw(text, "lab.py")
    assert isinstance(found, tuple)
    hosts, data = found
    data["vrrp_scripts"] = {"web": {"http": "http://127.0.0.1/health", "weight": -60}}
    data["vrrp_instances"]["VI_1"] |= {"track_script": ["web"], "advert_int": 0.1}
    for port, (_, settings) in enumerate(hosts, 1):
        settings["ssh_hostname"], settings["ssh_port"] = "127.0.0.1", port  # nobody answers there
    drafts = Drafts(place / "state" / "floatip" / "drafts")
    for name, ports in SERVERS.items():
        changed = {"log_file": False} if name == "moved" else {}
        made[name] = drafts.new(name=name, hosts=_at(hosts, ports), data={**data, **changed})
        cluster = made[name].parsed().cluster
        assert cluster
        inventory.save(cluster, place / "inventories")
        inventory.save(replace(cluster, log_file=True), place / "state" / "floatip" / "deployed" / name)
    _drills(place / "state" / "floatip" / "drills" / "well")
    _drilling(place / "state" / "floatip" / "drilling")
    looked = Draft("", "lab", hosts, data)
    seen = {name: {"lines": _host(name), "at": 1.7e9} for name in ("d1", "d2")}
    shown = {"host": "[127.0.0.1]:1", "type": "ssh-ed25519", "base64": KEY}
    unknown_keys = {name: {"error": "No host key for [127.0.0.1]:1 found", "key": shown} for name in ("d1", "d2")}
    lost = {name: {"error": "Unable to connect to port 1 on 127.0.0.1"} for name in ("d1", "d2")}
    way = discovery.connections(looked)
    bad = json.loads(json.dumps(data).replace('"10.9.1.6/24"', '"10.9.1.16/24"'))
    return made | {
        "looked": drafts.new(name="lab", hosts=hosts, data=data, found={**seen, "": way}),
        "strangers": drafts.new(name="web", hosts=hosts, data=data, found={**unknown_keys, "": way}),
        "lost": drafts.new(name="db", hosts=hosts, data=bad, found={**lost, "": way}),
        "unsaved": drafts.new(name="shop", hosts=hosts, data=data, found={**seen, "": way}),
        "fresh": drafts.new(),
        "groups": drafts.new(name="groups", found={**seen, "": way}, **_groups(hosts, data)),
        "slow": drafts.new(name="slow", hosts=_at(hosts, planted_servers.SLOW), data=data),
    }


def _groups(hosts: list[list[Any]], data: dict[str, Any]) -> dict[str, Any]:
    """The same servers with a second group, of several addresses."""
    first = data["vrrp_instances"]["VI_1"]
    more = {
        "virtual_router_id": 102,
        "virtual_ipaddress": ["10.9.1.7/24", "10.9.1.8/24"],
        "nopreempt": True,
        "track_script": [],
    }
    parts = [[host, {**its, "vrrp": dict.fromkeys(("VI_1", "VI_2"), its["vrrp"]["VI_1"])}] for host, its in hosts]
    return {"hosts": parts, "data": {**data, "vrrp_instances": {"VI_1": first, "VI_2": {**first, **more}}}}


def _at(hosts: list[list[Any]], ports: tuple[int, int]) -> list[list[Any]]:
    """The servers with these SSH ports, which say what they are like."""
    return [[host, {**settings, "ssh_port": port}] for (host, settings), port in zip(hosts, ports, strict=True)]


@dataclass(frozen=True)
class Tour:
    """What it takes to get to any page. `at`: the addresses of the drafts, by what they are for."""

    page: Page
    origin: str
    at: Mapping[str, str]

    def open(self, path: str) -> None:
        """By its address."""
        self.page.goto(self.origin + path)

    def press(self, button: Locator) -> None:
        """And wait for the page that comes of it, with all that belongs to it."""
        with self.page.expect_navigation():
            button.click()

    def answer(self, draft: str, slug: str, **typed: str) -> None:
        """Fill a question in, and go on."""
        self.open(f"{self.at[draft]}/{slug}")
        for name, value in typed.items():
            self.page.locator(f"[name='{name}']").fill(value)
        self.press(self.page.locator("form.question button[value=go]"))

    def alarm(self) -> None:
        """What was done last is objected to."""
        expect(self.page.get_by_role("alert").first).to_be_visible()


Scenes = Iterator[tuple[str, Callable[[], object]]]


def visit(page: Page, drafts: dict[str, Draft], link: str, look: Look, parts: Iterable[str] = ()) -> None:
    """Open one page after another, of these parts or of all; `look` gets the name of each."""
    origin = link.partition("/start/")[0]
    page.goto(link)
    page.wait_for_url(f"{origin}/")
    tour = Tour(page, origin, {name: f"/cluster/{draft.key}" for name, draft in drafts.items()})
    for part in parts or PARTS:
        for name, show in PARTS[part](tour):
            show()
            look(name)


def _questions(tour: Tour) -> Scenes:
    """Every page that asks, as it is opened."""
    at = tour.at
    yield "start", lambda: tour.open("/")
    yield "start-attention", lambda: tour.open("/?only=attention")
    yield "start-nothing-found", lambda: tour.open("/?find=nobody")
    yield "servers-empty", lambda: tour.open(f"{at['fresh']}/servers")
    for slug in ("servers", "network", "adopt", "address", "vrid", "leader", "checks", "devices", "extras"):
        yield slug, partial(tour.open, f"{at['looked']}/{slug}")
    yield "keys", lambda: tour.open(f"{at['strangers']}/keys")


def _answers(tour: Tour) -> Scenes:
    """From the check on; and what there is when servers could not be looked at."""
    at, page = tour.at, tour.page
    for slug in ("check", "save", "saved"):
        yield slug, partial(tour.open, f"{at['looked']}/{slug}")
    yield "check-groups", partial(tour.open, f"{at['groups']}/check")
    yield "address-several", partial(tour.open, f"{at['groups']}/address?instance=VI_2")

    def differences() -> None:
        tour.open(f"{at['unsaved']}/check")
        for folded in page.locator("#files summary").all():
            folded.click()

    yield "check-differences", differences
    yield "check-empty", lambda: tour.open(f"{at['fresh']}/check")
    for slug in ("network", "check", "vrid"):
        yield f"unreachable-{slug}", partial(tour.open, f"{at['lost']}/{slug}")
    yield "address-with-its-error", lambda: tour.open(f"{at['lost']}/address?from=check")
    yield "not-found", lambda: tour.open("/cluster/aaaaaaaaaaaa/check")


def _care(tour: Tour) -> Scenes:
    """Status, diagnosis, drills, reboot."""
    at = tour.at
    yield "status-empty", lambda: tour.open(f"{at['fresh']}/status")
    for name in ("looked", "well", "ill"):
        for slug in ("status", "doctor", "drill"):
            yield f"{slug}-{name}", partial(tour.open, f"{at[name]}/{slug}")
    for name in ("twice", "moved", "half"):
        yield f"status-{name}", partial(tour.open, f"{at[name]}/status")
    for slug in ("maintain", "history", "reboot", "remove"):
        yield slug, partial(tour.open, f"{at['well']}/{slug}")
    yield "check-well", partial(tour.open, f"{at['well']}/check")
    for slug in ("rename", "delete"):
        yield slug, partial(tour.open, f"{at['well']}/{slug}")
    yield "waiting", partial(tour.open, f"{at['slow']}/doctor")

    def not_confirmed() -> None:
        tour.open(f"{at['well']}/remove")
        tour.press(tour.page.locator("main form button"))
        tour.alarm()

    yield "remove-not-confirmed", not_confirmed
    yield "maintain-ill", partial(tour.open, f"{at['ill']}/maintain")
    yield "history-lab", partial(tour.open, f"{at['looked']}/history")
    yield "reboot-ill", partial(tour.open, f"{at['ill']}/reboot")


def _deeds(tour: Tour) -> Scenes:
    """Drills and deploys, under way and ended."""
    at, page = tour.at, tour.page
    for number in range(2):
        yield f"drilled-{number}", partial(tour.open, f"{at['well']}/drill?of=20261124-12000{number}-stop")

    def under_way() -> None:
        tour.open(f"{at['watched']}/drill")
        page.locator("section.status[data-holders]").wait_for()  # who has the address comes with the second look

    def refused() -> None:
        tour.open(f"{at['well']}/reboot")
        page.locator("#node option").first.evaluate("option => { option.value = 'gone'; }")  # since the page was shown
        tour.press(page.locator("main form button"))
        tour.alarm()

    yield "drill-under-way", under_way
    yield "drill-refused", lambda: tour.open(f"{at['refused']}/drill")
    yield "move-refused", refused
    for number, name in enumerate(ENDS):
        yield f"deploy-{name}", partial(tour.open, f"/run/20261124-12000{number}-aaaaaa")


def _mistakes(tour: Tour) -> Scenes:
    """What comes of a wrong answer, or of one that came too late."""
    page = tour.page

    def wrong(slug: str, draft: str = "fresh", **typed: str) -> None:
        tour.answer(draft, slug, **typed)
        tour.alarm()

    def stale() -> None:
        tour.open(f"{tour.at['looked']}/address")
        page.evaluate("document.querySelectorAll('[name=version]').forEach(one => one.value = '0')")
        page.locator("[name=virtual_ipaddress]").fill("10.9.1.7/24")
        tour.press(page.locator("form.question button[value=go]"))
        expect(page.locator("form.question")).to_have_count(0)

    yield "servers-wrong", lambda: wrong("servers", **{"servers-0-ssh_hostname": "-x", "servers-1-name": "D2!"})
    yield "address-wrong", lambda: wrong("address", virtual_ipaddress="10.9.1")
    yield "address-doubtful", lambda: wrong("address", "strangers", virtual_ipaddress="10.9.2.6/24")
    yield "vrid-wrong", lambda: wrong("vrid", virtual_router_id="0")

    def renamed() -> None:
        tour.open(f"{tour.at['well']}/rename")
        page.locator("#name").fill("No name")
        tour.press(page.locator("#question > button"))
        tour.alarm()

    def gone() -> None:
        tour.open("/")
        tour.press(page.locator("form[action='/new'] button").first)
        key = page.url.split("/")[-2]
        tour.open(f"/delete/{key}")
        tour.press(page.locator("main form button"))
        tour.open(f"/cluster/{key}/servers")
        expect(page.locator(f"[data-gone='{key}']")).to_be_visible()

    def trash() -> None:
        tour.open("/")
        page.locator("#trash summary").click()

    yield "changed-in-the-meantime", stale
    yield "deleted-in-the-meantime", gone
    yield "trash", trash
    yield "rename-wrong", renamed


def _files(tour: Tour) -> Scenes:
    """Inventories that are there, files that are taken over; and nobody who may not see them does."""
    page = tour.page

    def unreadable() -> None:
        tour.open("/")
        tour.press(page.locator("[data-inventory=odd] button"))
        expect(page.locator("[data-inventory]")).to_have_count(0)

    def differs() -> None:
        tour.open(f"{tour.at['looked']}/save")
        tour.press(page.locator("main form button").last)
        tour.alarm()

    def adopted() -> None:
        tour.open(f"{tour.at['looked']}/adopt")
        tour.press(page.locator("main form button").last)
        expect(page.locator("textarea")).to_have_count(0)

    def imported() -> None:
        """With a line that is kept as it is, and one that is not."""
        tour.open(f"{tour.at['looked']}/adopt")
        for file in page.locator("textarea").all():
            file.fill(FOREIGN)
        while page.locator("#question").count():
            tour.press(page.locator("main form button").last)
        expect(page.locator("table.reasons").first).to_be_visible()

    def shut_out() -> None:
        page.context.clear_cookies()
        tour.open("/")

    yield "unreadable", unreadable
    yield "save-differs", differs
    yield "adopted", adopted
    yield "imported", imported
    yield "closed", shut_out


PARTS: Mapping[str, Callable[[Tour], Scenes]] = {
    "deeds": _deeds,  # first: what is just being started has given up half a minute later
    "questions": _questions,
    "answers": _answers,
    "care": _care,
    "mistakes": _mistakes,
    "files": _files,
}
"""Every page belongs to one; the last ends with the way out."""


def _drills(place: Path) -> None:
    """One that went well, and one that did not: d1 stayed away, and both had the address for a while."""
    place.mkdir(parents=True)
    who = {"cluster": "well", "fault": "stop", "node": "d1", "address": "10.9.1.6", "home": "d1"}
    given = who | {"fault_at": 102.0, "undo_at": 106.0, "predicted_ms": 910.0, "allowed_twice": False}
    away = [Change(100, True), Change(103, False)]
    for number, (back, silent) in enumerate([([Change(107, True)], 0.6), ([], 1.4)]):
        other = [Change(100, False), Change(102.6, True), *([Change(107, False)] if back else [])]
        at = tuple(100 + tick / 50 for tick in range(500) if not 2 < tick / 50 < 2 + silent)
        first = [Change(100, True), Change(102, False)] if back else away
        seen = Answers(100, 110, at, ((100.0, "aa"), (102.7, "bb")))
        states = {
            "d1": ((102, "STOPPED"), (106, "BACKUP"), (107, "MASTER")),
            "d2": ((102.6, "MASTER"), (107, "BACKUP")),
        }
        report = judge(
            {**given, "states": states if back else {}},
            {"d1": first + back, "d2": other},
            seen,
            {"aa": "d1", "bb": "d2"},
        )
        (place / f"20261124-12000{number}-stop.json").write_text(json.dumps(report.as_dict()))


def _drilling(place: Path) -> None:
    """The latest drill of `watched`, whose process is just being started, and of `refused`."""
    answers = [tick / 50 for tick in range(600) if not 4 < tick / 50 < 4.6]
    phases = (("looking", -2.0), ("watching", 0.0), ("fault", 4.0), ("undone", 9.0))
    notes = [*({"at": at, "phase": phase} for phase, at in phases), {"at": 12, "answers": answers}]
    steps = "".join(json.dumps(event) + "\n" for event in notes)
    for cluster, files in (
        ("watched", {"steps": steps}),
        ("refused", {"code": "1", "steps": events.line(events.Failed(events.Failure.UNFIT, UNFIT, "d2"))}),
    ):
        own = place / cluster / "20261125-120000-abcdef"
        own.mkdir(parents=True)
        for name, text in {"fault": "stop", "log": "", **files}.items():
            (own / name).write_text(text)


def _run(place: Path, what: What, code: str | None, more: list[events.Event]) -> None:
    place.mkdir(parents=True)
    lines = "".join(map(events.line, [*INSTALL, *more]))
    file = place.parents[3] / "inventories" / "lab.py"
    files = {"inventory": str(file), "what": what.value, "node": "d1", "move": "", "steps": lines}
    for name, text in {**files, "log": "--> Disconnecting from hosts...\n", **({"code": code} if code else {})}.items():
        (place / name).write_text(text)


def _host(name: str) -> list[str]:
    own = {"d1": "10.9.1.16", "d2": "10.9.1.61"}[name]
    links = [
        {"ifname": "eth0", "operstate": "DOWN", "addr_info": []},
        {"ifname": "eth1", "operstate": "UP", "addr_info": [{"local": own, "prefixlen": 24}]},
    ]
    conf = base64.b64encode(b"vrrp_instance VI_1 {\n    smtp_alert\n    nopreempt\n    notify /x.sh\n}\n").decode()
    head = [f"{host_script.MARK}=1", "uid=0", "os=debian 12", "systemd=1", "clock=1700000000"]
    return [*head, f"links={json.dumps(links)}", f"file=conf 644:root:root {conf}", "fw.begin=1", "fw.end=1"]
