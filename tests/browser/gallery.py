"""Every page of the wizard in every state that it has, planted where the wizard keeps its things: to be looked at,
by an accessibility checker or by a person. What the pages *do* is shown elsewhere, on real hosts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from floatip import host_state, inventory
from floatip.drill import judge
from floatip.drill.script import Answers, Change
from lab.paths import ROOT
from tests.browser import planted
from wizard import discovery
from wizard.drafts import Draft, Drafts

Look = Callable[[str], object]
LOG = """--> Starting operation: Install packages
    [d1] Success
    [d2] No changes
--> Starting operation: Activate the configuration: bring the new file to a backup
    [d1] Success
"""
ENDS = {
    "done": ("0", "    d1 holds 10.9.1.6, and it answers\n"),
    "failed": ("1", "        The cluster did not settle within 10 s.\n    [d1] Error: executed 0 commands\n"),
    "stopped": ("1", "    Stopped after this step, as asked. Run it again to finish.\n"),
    "under-way": (None, ""),
    "rebooted": ("0", "--> Starting operation: Reboot d1 and wait until it is well\n    [d1] Success\n"),
}
SERVERS = {"well": planted.WELL, "ill": planted.ILL, "slow": planted.SLOW}
KEY = base64.b64encode(b"\0\0\0\x0bssh-ed25519" + bytes(36)).decode()
ODD = "import os\nodd = ([], {})\n"


def plant(place: Path) -> dict[str, Draft]:
    """Drafts, inventories and deploys of every kind; the drafts by what they are for."""
    (place / "inventories").mkdir(parents=True)
    text = (ROOT / "inventories" / "lab.py").read_text()
    (place / "inventories" / "lab.py").write_text(text)
    (place / "inventories" / "odd.py").write_text(ODD)
    for number, (name, (code, more)) in enumerate(ENDS.items()):
        _run(place / "state" / "floatip" / "runs" / f"20261124-12000{number}-aaaaaa", name, code, more)
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
        others = [[host, {**one, "ssh_port": port}] for (host, one), port in zip(hosts, ports, strict=True)]
        made[name] = drafts.new(name=name, hosts=others, data=data)
        cluster = made[name].parsed().cluster
        assert cluster
        inventory.save(cluster, place / "inventories")
    _drills(place / "state" / "floatip" / "drills" / "well")
    looked = Draft("", "lab", hosts, data)
    seen = {name: {"lines": _host(name), "at": 1.7e9} for name in ("d1", "d2")}
    shown = {"host": "[127.0.0.1]:1", "type": "ssh-ed25519", "base64": KEY}
    strangers = {name: {"error": "No host key for [127.0.0.1]:1 found", "key": shown} for name in ("d1", "d2")}
    lost = {name: {"error": "Unable to connect to port 1 on 127.0.0.1"} for name in ("d1", "d2")}
    way = discovery.connections(looked)
    bad = json.loads(json.dumps(data).replace('"10.9.1.6/24"', '"10.9.1.16/24"'))
    return made | {
        "looked": drafts.new(name="lab", hosts=hosts, data=data, found={**seen, "": way}),
        "strangers": drafts.new(name="web", hosts=hosts, data=data, found={**strangers, "": way}),
        "lost": drafts.new(name="db", hosts=hosts, data=bad, found={**lost, "": way}),
        "fresh": drafts.new(),
    }


def visit(page: Page, drafts: dict[str, Draft], link: str, look: Look) -> None:
    """Open one page after another; `look` gets the name of each."""
    origin = link.partition("/start/")[0]
    page.goto(link)
    page.wait_for_url(f"{origin}/")
    look("start")
    for name, path in _addresses({name: f"/cluster/{draft.key}" for name, draft in drafts.items()}):
        page.goto(origin + path)
        look(name)
    for name, state in _states(page, origin, drafts):
        state()
        page.wait_for_load_state()  # what it waited for is there before the style sheet is
        look(name)


def _addresses(at: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from ((f"fresh-{slug}", f"{at['fresh']}/{slug}") for slug in ("servers", "check", "status"))
    pages = ("servers", "network", "adopt", "address", "vrid", "leader", "checks", "extras", "check", "save", "saved")
    yield from ((slug, f"{at['looked']}/{slug}") for slug in pages)
    for name in ("looked", "well", "ill"):
        yield from ((f"{slug}-{name}", f"{at[name]}/{slug}") for slug in ("status", "doctor", "drill"))
    yield from ((f"drilled-{number}", f"{at['well']}/drill?of=20261124-12000{number}-stop") for number in range(2))
    yield "reboot", f"{at['well']}/reboot"
    yield "keys", f"{at['strangers']}/keys"
    yield from ((f"unreachable-{slug}", f"{at['lost']}/{slug}") for slug in ("network", "check", "vrid"))
    yield "address-with-its-error", f"{at['lost']}/address?from=check"
    yield from ((f"deploy-{name}", f"/run/20261124-12000{number}-aaaaaa") for number, name in enumerate(ENDS))
    yield "not-found", "/cluster/aaaaaaaaaaaa/check"


def _states(page: Page, origin: str, drafts: dict[str, Draft]) -> Iterator[tuple[str, Callable[[], object]]]:
    """What comes of a button."""
    go = page.locator("form.question button[value=go]")

    def wrong(slug: str, draft: str = "fresh", **typed: str) -> Callable[[], object]:
        def press() -> None:
            page.goto(f"{origin}/cluster/{drafts[draft].key}/{slug}")
            for name, value in typed.items():
                page.locator(f"[name='{name}']").fill(value)
            go.click()
            page.locator("[role=alert]").wait_for()

        return press

    yield "servers-wrong", wrong("servers", **{"servers-0-ssh_hostname": "-x", "servers-1-name": "D2!"})
    yield "address-wrong", wrong("address", virtual_ipaddress="10.9.1")
    yield "address-doubtful", wrong("address", "strangers", virtual_ipaddress="10.9.2.6/24")
    yield "extras-wrong", wrong("vrid", virtual_router_id="0")

    def stale() -> None:
        page.goto(f"{origin}/cluster/{drafts['looked'].key}/address")
        page.evaluate("document.querySelectorAll('[name=version]').forEach(one => one.value = '0')")
        page.locator("[name=virtual_ipaddress]").fill("10.9.1.7/24")
        go.click()
        page.wait_for_function("!document.querySelector('form.question')")

    def edit(name: str) -> None:
        page.goto(f"{origin}/")
        page.locator("select[name=name]").select_option(name)
        page.locator("form.inline button:not([formaction])").click()
        page.wait_for_function("!document.querySelector('form.inline')")

    def differs() -> None:
        page.goto(f"{origin}/cluster/{drafts['looked'].key}/save")
        page.locator("main form button").last.click()
        page.locator("[role=alert]").wait_for()

    def adopted() -> None:
        page.goto(f"{origin}/cluster/{drafts['looked'].key}/adopt")
        page.locator("main form button").last.click()
        page.wait_for_function("!document.querySelector('textarea')")

    def shut_out() -> None:
        page.context.clear_cookies()
        page.goto(f"{origin}/")

    def pressed(name: str, slug: str, button: str, then: str) -> Callable[[], object]:
        def press() -> None:
            page.goto(f"{origin}/cluster/{drafts[name].key}/{slug}")
            page.locator(button).first.click()
            page.locator(then).wait_for()

        return press

    yield "move-refused", pressed("ill", "status", "button[name=node][value=d2]", "[role=alert]")
    yield "drill-refused", pressed("ill", "drill", "form.drill button", "[role=alert]")
    yield "drill-under-way", pressed("slow", "drill", "form.drill button", "svg .lost")
    yield "changed-in-the-meantime", stale
    yield "unreadable", lambda: edit("odd")
    yield "save-differs", differs
    yield "adopted", adopted
    yield "closed", shut_out


def _drills(place: Path) -> None:
    """One that went well, and one that did not: d1 stayed away, and both had the address for a while."""
    place.mkdir(parents=True)
    who = {"cluster": "well", "fault": "stop", "node": "d1", "address": "10.9.1.6", "home": "d1"}
    given = who | {"fault_at": 102.0, "undo_at": 106.0, "predicted_ms": 910.0, "allowed_twice": False}
    away = [Change(100, True), Change(103, False)]
    for number, (back, silent) in enumerate([([Change(107, True)], 0.6), ([], 1.4)]):
        other = [Change(100, False), Change(102.6, True), *([Change(107, False)] if back else [])]
        at = tuple(100 + one / 50 for one in range(500) if not 2 < one / 50 < 2 + silent)
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


def _run(place: Path, name: str, code: str | None, more: str) -> None:
    place.mkdir(parents=True)
    (place / "inventory").write_text("/inventories/lab.py")
    (place / "log").write_text(LOG + more)
    steps: list[dict[str, Any]] = [{"begin": 1.8e9, "of": 16}, {"end": 1.8e9 + 2.5}, {"begin": 1.8e9 + 3, "of": 16}]
    (place / "steps").write_text("".join(json.dumps(one) + "\n" for one in steps))
    if name == "stopped":
        (place / "stop").touch()
    if name == "rebooted":
        (place / "reboot").write_text("d1")
    if code is not None:
        (place / "code").write_text(code)


def _host(name: str) -> list[str]:
    own = {"d1": "10.9.1.16", "d2": "10.9.1.61"}[name]
    links = [
        {"ifname": "eth0", "operstate": "DOWN", "addr_info": []},
        {"ifname": "eth1", "operstate": "UP", "addr_info": [{"local": own, "prefixlen": 24}]},
    ]
    conf = base64.b64encode(b"vrrp_instance VI_1 {\n    smtp_alert\n    nopreempt\n    notify /x.sh\n}\n").decode()
    head = [f"{host_state.MARK}=1", "uid=0", "os=debian 12", "systemd=1", "clock=1700000000"]
    return [*head, f"links={json.dumps(links)}", f"file=conf 644:root:root {conf}", "fw.begin=1", "fw.end=1"]
