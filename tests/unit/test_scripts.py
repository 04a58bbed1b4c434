"""Each generated script with each of its commands failing in turn: it says so and stops, and every file is whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import pytest

from floatip.change import networkd, nonlocal_bind, shipping
from floatip.deploy.operations import hosts, keepalived, pending, trials
from floatip.deploy.operations import packages as operations
from floatip.deploy.steps import log, origin, removal
from floatip.firewall import boot, observe, places, planning
from floatip.firewall.model import Peer
from floatip.hosts import host_answer
from floatip.hosts.host_state import File
from floatip.model import paths
from floatip.model.tracking import Script
from floatip.server_side import shell
from floatip.server_side.pending.change import Files
from tests import examples
from tests.unit import samples, test_change
from tests.unit.breaking import Call, Machine
from tests.unit.test_firewall import CASES as FIREWALLS
from tests.unit.test_firewall import host, read, zones

OLD, NEW, MINE = "# Managed by floatip\nold\n", "# Managed by floatip\nnew\n", "somebody's own\n"
SERVICE = "keepalived.service"


MILD = (r"systemctl reset-failed", r"journalctl", r"rmdir ")
"""Calls whose failure changes nothing."""
LATER = (r"grep -(vE|E)", r"tail", r"rm -f( \S+~)*$", r"journalctl", r"rmdir ", r"systemctl show")
"""What a script may still do after something failed: tidy up, and say why."""


@dataclass(frozen=True, slots=True)
class Case:
    """A script and the server that it runs on. `mild`: calls (regular expressions) whose failure changes nothing;
    `between`: what a file may be besides its old and its new self, so that the next run goes on; `later`: what it may
    still do after something failed; `undone`: it then brings everything back; `loose`: its parts do not depend on each
    other; `once`: it cannot be run a second time."""

    script: str
    files: Mapping[str, str] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()
    between: Mapping[str, str | None] = field(default_factory=dict)
    later: tuple[str, ...] = LATER
    undone: bool = False
    loose: bool = False
    once: bool = False

    def machine(self, root: Path) -> Machine:
        """That server."""
        return Machine(root, self.files, self.running)


LIVE = {paths.KEEPALIVED_CONF: OLD}
MOVED = {paths.KEEPALIVED_CONF: NEW, paths.PREVIOUS_CONF: OLD}
PENDING = {paths.PENDING: "644 "}
LOG = {paths.RSYSLOG_CONF: OLD}
NOT_TOLD = {paths.RSYSLOG_CONF: f"600 {NEW}"}
EMPTIED = {paths.RSYSLOG_CONF: "600 ", paths.RESTART_CONF: "600 "}


def file_script(text: str | None, after: str, found: str | None = OLD) -> str:
    """What the operation for one file runs."""
    there = None if found is None else File("644:root:root", found)
    work = hosts.file._inner(path=paths.RSYSLOG_CONF, text=text, mode="0644", found=there, after=after)
    return "\n".join(str(command) for command in work)


def of_keepalived() -> Iterator[tuple[str, Case]]:
    """The configuration, there and back."""
    activate, restore = keepalived.activate_script, keepalived.restore_script
    running, mine = (SERVICE,), {paths.KEEPALIVED_CONF: MINE}
    yield "stage", Case(keepalived.stage_script(NEW), LIVE, running)
    yield "activate the first", Case(activate(NEW, was=None), between=PENDING)
    yield "activate", Case(activate(NEW, was=OLD), LIVE, running, between=PENDING)
    yield "activate over somebody's", Case(activate(NEW, was=MINE), mine, running, between=PENDING)
    yield "restore", Case(restore(OLD, active=True), {paths.KEEPALIVED_CONF: NEW}, running, between=PENDING)
    yield "restore the kept one", Case(restore(OLD, active=True), MOVED, running, between=PENDING)
    yield "restore a stopped one", Case(restore(OLD, active=False), MOVED, running, between=PENDING)
    yield "restore nothing", Case(restore(None, active=False), LIVE, running)
    yield "look", Case(keepalived.live_script(), LIVE)


def of_trials() -> Iterator[tuple[str, Case]]:
    """Health checks, each run once: one that fails stops nothing, and so does one that could not be tried."""
    checks = [Script("web", "process", "nginx"), Script("other", "command", "/usr/bin/test -e /run/fit", timeout=9)]
    checks.append(Script("as", "command", "/usr/bin/true", user="www-data adm"))
    pipe = ("timeout ", "base64")  # whose parts begin in any order
    yield "try", Case(trials.script(checks), mild=("timeout",), later=(*LATER, *pipe))


def of_scripts() -> Iterator[tuple[str, Case]]:
    """Files beside the inventory; and the question about programs, which changes nothing."""
    path = f"{paths.SCRIPTS}/up.sh.0123"
    yield "ship", Case(shipping.put({path: NEW}) or "")
    gone = shell.script(*shipping.away([path]))
    yield "ship no more", Case(gone, {path: OLD}, mild=("rmdir ",))


def of_files() -> Iterator[tuple[str, Case]]:
    """Any file."""
    yield "a file", Case(file_script(NEW, ""), LOG)
    yield "a new file", Case(file_script(NEW, "", None))
    yield "a file and its service", Case(file_script(NEW, log.RESTART), LOG, between=NOT_TOLD)
    yield "who deployed it", Case(origin.script("1 5 ann@desk " + "f" * 64), {paths.ORIGIN: "1 4 bob@desk\n"})
    yield "no file", Case(file_script(None, ""), LOG)
    yield "no file and its service", Case(file_script(None, log.RESTART), LOG, between=EMPTIED)


def of_packages() -> Iterator[tuple[str, Case]]:
    """What is installed, and what of it is ours."""
    packages = ["keepalived", "rsyslog"]
    record = "packages=keepalived libnl\nenabled=\nactive=\n"
    kept = {paths.RECORD: record}
    # Lists that were not read completely are good enough where the packages can be had all the same.
    lists = ("apt-get -q -o APT::Update::Error-Mode=any update", "find ")
    read = {operations.LISTS_READ: "644 "}
    yield "record", Case(operations.record_script(packages, known=None), mild=lists, between=read)
    yield "record nothing new", Case(operations.record_script([], known=None))
    yield "record more", Case(operations.record_script(packages, known=record), kept, mild=lists, between=read)
    yield "install", Case(operations.install_script(packages))
    yield "purge", Case(operations.purge_script(record) or "", kept)


def of_removal() -> Iterator[tuple[str, Case]]:
    """Everything away again."""
    of_service = {paths.RSYSLOG_CONF: OLD, paths.RESTART_CONF: OLD}
    files = {**of_service, paths.LOGROTATE_CONF: OLD, paths.CHECK_SCRIPT: OLD, paths.LOG: "a log\n"}
    keys = {key: File("644:root:root", OLD) for key in ("rsyslog", "restart", "logrotate", "check", "conf")}
    record = {"record": File("644:root:root", "packages=\nenabled=enabled\nactive=active\n")}
    found = replace(host_answer.parse(["floatip-state=1", "uid=0", "links=[]", "noted=1"]), files={**keys, **record})
    found = replace(found, packages={"keepalived": "1", "rsyslog": "1"})
    kept = {**MOVED, paths.FOREIGN_CONF: MINE, paths.PENDING: "", **LIVE, paths.CHANGE: "", paths.WATCH: ""}
    yield "stop", Case(removal.stop_script(found) or "", kept, (SERVICE,))
    yield "remove files", Case(removal.files_script(found) or "", files, between=EMPTIED, mild=("rmdir ",))
    yield "as before", Case(removal.service_script(found) or "", LIVE)
    yield "remove the record", Case(removal.record_script(found) or "", {paths.RECORD: OLD})


def of_changes() -> Iterator[tuple[str, Case]]:
    """A change that is kept until it is proven, and forgotten."""
    files = {paths.KEEPALIVED_CONF: OLD, paths.MOVED: "1 VI_1=d2\n"}
    kept = {**files, paths.CHANGE: "floatip-change 1\n", paths.UNPROVED: "", paths.WATCH: "", paths.WATCHED: ""}
    change = test_change.CHANGE
    now = replace(change, previous=Files(OLD, None, "1 VI_1=d2\n"), wanted=Files(NEW, None, "2\n"))
    within = {path: None for path in kept if path.startswith(paths.CHANGE_DIRECTORY)} | {paths.WATCHED: None}
    yield "keep a change", Case(pending.keep(now), files)
    yield "keep another one", Case(pending.keep(now), {**kept, paths.KEEPALIVED_CONF: "an interim file\n"})
    yield "prove a change", Case(pending.proved(), kept)
    yield "forget a change", Case(pending.forget("2\n"), kept, between=within)
    yield "forget its note", Case(pending.forget(None), kept, between=within)
    yield "forget it, back", Case(pending.forget_back(OLD, changed=True), kept, between=within)


def of_services() -> Iterator[tuple[str, Case]]:
    """Services may bind the floating address anywhere, and may no more."""
    asked = replace(samples.lab(), nonlocal_bind=True)
    found = host_answer.parse(["floatip-state=1", "uid=0", "links=[]", "nonlocal=4 0", "nonlocal=6 0"])
    file = nonlocal_bind.text(asked, found) or ""
    there = replace(found, files={"sysctl": File("644:root:root", file)})
    yield "bind", Case(nonlocal_bind.script(asked, found) or "", {IPV4: "0\n"})
    kept = {IPV4: "1\n", paths.SYSCTL_CONF: file}
    lines = (
        *("unit=Id=systemd-networkd.service", "unit=ActiveState=active", "unit="),
        *("package=systemd installed 257", "network=eth1 /etc/systemd/network/eth1.network"),
    )
    networked = host_answer.parse(["floatip-state=1", "uid=0", "links=[]", *lines])
    (guard, text), *_ = networkd.files(samples.lab(), "d1", networked).items()
    yield "keep", Case(networkd.script(samples.lab(), "d1", networked) or "", between={guard: f"444 {text}"})
    guarded = replace(networked, managers=replace(networked.managers, networks={}, guards={guard: ("644", text)}))
    yield "keep no more", Case(networkd.script(samples.lab(), "d1", guarded) or "", {guard: text}, mild=("networkctl",))
    yield "bind no more", Case(nonlocal_bind.script(samples.lab(), there) or "", kept, between={IPV4: "644 0\n"})


IPV4 = "/proc/sys/net/ipv4/ip_nonlocal_bind"
TIMER = f"{planning.UNDO_UNIT}.timer"
ADVERTS: Sequence[Peer] = [("eth1", "10.9.1.61", False)]
MANAGERS = ("nftables-included", "iptables-persistent", "iptables-script", "ufw-0.36", "ufw-0.36.2", "firewalld")


def of_firewall(manager: str) -> Iterator[tuple[str, Case]]:
    """Open, by a timer closed again, and closed for good. Whatever fails: nothing is open, and it was said."""
    zone = {"/etc/firewalld/zones/public.xml": "<zone/>\n"} if manager == "firewalld" else {}
    answer = host(**zones()) if manager == "firewalld" else observe(read(CASES_OF[manager]).lines())
    files = {path: text for path in places.KEYS if (text := answer.file(path)) is not None} | zone
    steps = planning.steps(answer, planning.parts(answer, ADVERTS))
    undo = f"{places.UNDO_DIRECTORY}/undo"
    yield f"{manager}: open", Case(planning.make(steps), files, later=("",), undone=True)
    yield f"{manager}: timer", Case(planning.undo(steps), {**files, undo: ""}, later=("",), loose=True)
    if manager == "iptables-script":
        lines = [line for part in planning.parts(answer, ADVERTS) for line in part.boot]
        yield "at boot", Case(boot.script(lines) or "", later=("",), loose=True)
    if manager == "nftables-included":
        yield "arm", Case(planning.arm(steps), running=(TIMER,), between={undo: "600 " + planning.undo(steps)})
        yield "disarm", Case(planning.DISARM, {undo: OLD}, (TIMER,), once=True)


CASES_OF = {path.stem: path for path in FIREWALLS}
FIREWALL = chain.from_iterable(map(of_firewall, MANAGERS))
CASES = dict(
    chain(
        of_keepalived(),
        of_trials(),
        of_changes(),
        of_scripts(),
        of_files(),
        of_packages(),
        of_removal(),
        of_services(),
        FIREWALL,
    )
)


def matches(call: str, patterns: tuple[str, ...]) -> bool:
    return any(re.match(pattern, call) for pattern in patterns)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_command_that_fails(tmp_path: Path, case: Case) -> None:
    whole = case.machine(tmp_path / "server")
    before = whole.files()
    undisturbed = whole.run(case.script)
    assert (undisturbed.code, undisturbed.stderr) == (0, "")
    end = whole.files()
    assert whole.leftovers() == []
    assert case.once or (whole.run(case.script).code == 0 and whole.files() == end), "run twice"
    disks = [(None, number + 1) for number in range(sum(call.line.startswith("mktemp") for call in undisturbed.calls))]
    for call, full in some([*((call, 0) for call in undisturbed.calls), *disks]):
        machine = case.machine(tmp_path / "server")
        ran = machine.run(case.script, call, full)
        what = f"{call}, full disk {full}: {ran}"
        mild = call is not None and matches(call.line, (*MILD, *case.mild))
        assert ran.code != 0 or mild, what
        if call is not None and not mild:
            assert [line for line in ran.after(call) if not matches(line, case.later)] == [], what
        assert machine.leftovers() == [] or (call and call.line.startswith("rm ")), what
        for path, found in machine.files().items():
            allowed = (before.get(path), end.get(path), case.between.get(path))
            assert case.loose or found in allowed or is_left(path, call), f"{path} is {found!r}; {what}"
        assert not case.undone or mild or machine.files() == before, what
        if machine.files() == before:
            continue  # as at the beginning, so that it is run again is nothing new
        again = machine.run(case.script)
        assert again.code == 0, f"{what}; then {again}"
        assert {path: text for path, text in machine.files().items() if not path.endswith("~")} == end, what


def some(faults: list[tuple[Call | None, int]]) -> list[tuple[Call | None, int]]:
    """All of them; in `make quick` every tenth."""
    return faults[::10] if os.environ.get(examples.VARIABLE) == "few" else faults


def is_left(path: str, call: Call | None) -> bool:
    """A temporary file may be left only where it could not be removed."""
    return path.endswith("~") and call is not None and call.line.startswith("rm ")
