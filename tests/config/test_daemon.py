"""The configuration means what the model says: cluster → keepalived.conf → what the real daemon understood."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from floatip.hosts.systems import SUPPORTED
from floatip.keepalived import conf
from floatip.keepalived.render import command_line, groups_of, keepalived_conf, scripts_of, vmac_interface
from floatip.model import passwords
from floatip.model.cluster import Cluster, Floating, Instance, Member
from floatip.model.problems import Level
from floatip.model.rules.strict import BESIDE
from floatip.model.settings import BLOCK, GLOBAL, MEMBER, NODE, OPTIONS, Setting, programs
from floatip.model.settings.addresses import EXTRA
from floatip.model.settings.fifos import PAIRS, owner
from floatip.model.settings.scripts import notified
from floatip.model.settings.values import Own
from floatip.model.tracking import Script
from tests import releases
from tests.config.daemon import Answer, Daemon
from tests.config.dump import Dump
from tests.strategies import another, clusters, plain
from tests.unit.samples import parsed, put
from tests.unit.test_routes import ROUTE_LINES, RULE_LINES, routed
from tests.unit.test_settings import placed, shared
from tests.unit.test_track_files import of_two

HOW_MANY = {"bullseye": 30, "bookworm": 60, "trixie": 30}
RELEASES = {"bullseye": "11", "bookworm": "12", "trixie": "13"}
MOST = 250
"""Of each release, for `make soak`."""
NOBODY = "65534:65534"
HARMLESS = (
    # 2.1.5 says so of every IPv6 instance without a link-local address, and carries on
    re.compile(r"\(\S+\) the first IPv6 VIP address must be link local"),
    # 2.1.5 reads 16.33 as 16.329999 and makes 16.33 of it again, as the dump shows
    re.compile(r"\(\S+\) VRRPv3 advertisement interval [\d.]+s must be in units of 10ms - rounding"),
    # 2.1.5 has unicast or the virtual MAC, not both: a warning of ours says so
    re.compile(r"\(\S+\): Cannot use VMAC/ipvlan with unicast peers - clearing use_vmac"),
)


@pytest.fixture(scope="module", params=HOW_MANY)
def daemon(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Daemon:
    if os.geteuid() != 0:
        pytest.skip("running keepalived in namespaces of its own needs root")
    return Daemon(releases.need(request.param), tmp_path_factory.mktemp(request.param))


@cache
def samples(count: int) -> list[tuple[Cluster, str]]:
    """So many generated clusters, each with one of its servers; the same ones every time."""
    found: list[tuple[Cluster, str]] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(clusters())
    def collect(cluster: Cluster) -> None:
        found.append((cluster, cluster.nodes[len(found) % len(cluster.nodes)].name))

    collect()
    return found


@pytest.mark.parametrize("which", ["some", pytest.param("all", marks=pytest.mark.soak)])
def test_what_the_daemon_understood_is_what_the_model_says(daemon: Daemon, which: str) -> None:
    number = MOST if which == "all" else HOW_MANY[daemon.suite]
    chosen = samples(max(number, *HOW_MANY.values()))[:number]
    texts = [keepalived_conf(cluster, node) for cluster, node in chosen]
    answers = daemon.ask(texts)
    assert len(answers) == number
    for (cluster, node), text, answer in zip(chosen, texts, answers, strict=True):
        assert accepted(answer) == [], text
        assert understood(answer.dump) == expected(cluster, node, daemon.suite), text


BROKEN = [("    virtual_router_id", "    virtual_rooter_id"), ("    virtual_ipaddress {", "    virtual_ipaddress")]


def test_what_is_no_configuration_is_refused(daemon: Daemon) -> None:
    """By its exit code or, on bullseye, by what it says alone (docs/decisions/config-test.md). What a deploy does then:
    `tests/lab/test_rollback`."""
    cluster = parsed().cluster
    assert cluster
    right = keepalived_conf(cluster, "d1")
    wrong = [right.replace(*pair) for pair in BROKEN]
    assert right not in wrong
    good, *refused = daemon.ask([right, *wrong])
    assert accepted(good) == []
    assert all(accepted(text) for text in refused)
    assert "virtual_rooter_id" in " ".join(refused[0].messages)


def accepted(answer: Answer) -> list[str]:
    """What the test of the file says against it."""
    words = [line for line in answer.messages if not any(known.search(line) for known in HARMLESS)]
    return words if answer.code == 0 else [f"exit {answer.code}", *answer.messages]


def understood(dump: Dump) -> dict[str, Any]:
    """The dump in the words of the model."""
    return {
        "router_id": dump.globals["Router ID"],
        "garp_master_refresh": dump.globals["Gratuitous ARP refresh timer"],
        "script_user": dump.globals.get("Default script uid:gid", ""),
        "secure": "Script security enabled" in dump.globals,
        "instances": {name: _instance(block) for name, block in dump.instances.items()},
        "scripts": {name: _script(block) for name, block in dump.scripts.items()},
        "groups": {name: _group(block) for name, block in dump.groups.items()},
        "files": {name: (block["File"], int(block["Weight"])) for name, block in dump.files.items()},
        "fifos": {key: dump.globals[title] for key, title in FIFO_TITLES.items() if title in dump.globals},
    }


FIFO_TITLES = {
    f"{of}notify_fifo{what}": f"{title} notify fifo{what.replace('_', ' ')}"
    for of, title in (("", "Global"), ("vrrp_", "VRRP"))
    for what in ("", "_script")
}


def _group(block: dict[str, Any]) -> tuple[list[str], bool]:
    """Its instances, and whether weights count in it."""
    return [line.split(",")[0] for line in block["instances"]], "sync group tracking weight set" in block


def _instance(block: dict[str, Any]) -> dict[str, Any]:
    base = re.search(r"vmac on ([^,]+)", block["Interface"])
    amount, unit = block["Advert interval"].split()
    source = re.fullmatch(r"(\S+) \(from configuration\)", block["Using src_ip"])
    return {
        "state": block["Wantstate"],
        "version": int(block["VRRP Version"]),
        "interface": base[1] if base else block["Interface"],
        "vmac": block["Interface"].split(",")[0] if base else "",
        "xmit_base": "xmit_base = true" in block.get("Use VMAC", ""),
        "virtual_router_id": int(block["Virtual Router ID"]),
        "priority": int(block["Priority"]),
        "advert_int": float(amount) / (1000 if unit == "milli-sec" else 1),
        "preempt": block["Preempt"],
        "preempt_delay": float(block.get("Preempt delay", "0 secs").split()[0]),
        "higher_prio_send_advert": block["Send advert after receive higher priority advert"],
        "addresses": [_address(line) for line in block["addresses"]],
        "excluded": [_address(line) for line in block.get("excluded", ())],
        "source": source[1] if source else "",
        "peers": [line.split()[0] for line in block.get("peers", ())],
        "track_interface": block.get("track_interface", []),
        "track_script": block.get("track_script", []),
        "track_file": block.get("track_file", []),
        "lower_prio_send_advert": block["Send advert after receive lower priority advert"],
    }


def _address(line: str) -> dict[str, str]:
    """`10.9.1.6/24 brd 10.9.1.255 dev eth1@eth0 scope global label eth1:vip …`"""
    address, *words = line.split()
    found: dict[str, str] = {
        key: words[words.index(key) + 1] for key in ("dev", "label", "brd", "scope") if key in words
    }
    return {"address": address, **found, "dev": found["dev"].split("@")[0]}


def _of_address(floating: Floating, device: str) -> dict[str, str]:
    said: dict[str, str] = {
        row.key: str(row.of(floating)) for row in OPTIONS if row.given(floating) and row.key != EXTRA
    }
    if floating.brd in ("+", "-"):
        said["brd"] = str(
            floating.network.broadcast_address if floating.brd == "+" else floating.network.network_address
        )
    address = str(floating.address).removesuffix(f"/{floating.ip.max_prefixlen}")
    return {"address": address, "dev": device, "scope": "global", **said}


def _script(block: dict[str, Any]) -> dict[str, str]:
    keys = ("Command", "Interval", "Timeout", "Weight", "Rise", "Fall", "Script uid:gid", "Insecure")
    return {key: block[key] for key in keys}


def expected(cluster: Cluster, node: str, suite: str) -> dict[str, Any]:
    """The model in the same words."""
    mine = cluster.instances_of(node)
    runs = bool(scripts_of(cluster, node) or cluster.extra_lines or any(instance.extra_lines for instance in mine))
    runs = runs or any(True for _ in notified(cluster, mine)) or bool(cluster.notify_fifo or cluster.vrrp_notify_fifo)
    return {
        "router_id": cluster.node(node).router_id or node,
        "garp_master_refresh": str(cluster.vrrp_garp_master_refresh),
        "script_user": NOBODY if runs else "0:0",
        "secure": runs,
        "instances": {
            instance.name: _of_instance(cluster, instance, instance.members, node, suite) for instance in mine
        },
        "scripts": {script.name: _of_script(script) for script in scripts_of(cluster, node)},
        "groups": {group.name: ([*group.instances], weighs) for group, weighs in groups_of(cluster, node)},
        "files": {
            file.name: (file.file, file.weight)
            for file in cluster.track_files
            if any(file.name in instance.track_file for instance in mine)
        },
        "fifos": dict(_of_fifos(cluster)),
    }


USERS = {"nobody": NOBODY, "root": "0:0", "www-data adm": "33:4"}


def _of_fifos(cluster: Cluster) -> Iterator[tuple[str, str]]:
    for fifo, program in PAIRS:
        path, _, _ = (getattr(cluster, fifo) or "").partition(" ")
        if path:
            yield fifo, f"{path}, uid:gid = {USERS[owner(cluster, fifo, program)]}"
        if runs := getattr(cluster, program):
            words = " ".join(f"'{word}'" for word in [*programs.command(runs).split(" "), path])
            yield program, f"{words}, uid:gid = {USERS[runs.user]}"


def _of_instance(
    cluster: Cluster, instance: Instance, members: tuple[Member, ...], node: str, suite: str
) -> dict[str, Any]:
    member = next(member for member in members if member.node == node)
    vmac = vmac_interface(instance) if instance.use_vmac and not _refuses_vmac(instance, suite) else ""
    device = vmac or member.interface
    weights = {script.name: script.weight for script in cluster.scripts}
    others = [name for name in member.track_interface if name != member.interface]
    return {
        "state": "BACKUP",
        "version": instance.version,
        "interface": member.interface,
        "vmac": vmac,
        "xmit_base": bool(vmac),
        "virtual_router_id": instance.virtual_router_id,
        "priority": member.priority,
        "advert_int": instance.advert_int,
        "preempt": "disabled" if instance.nopreempt else "enabled",
        "preempt_delay": instance.preempt_delay,
        "higher_prio_send_advert": "true",
        "addresses": [_of_address(address, device) for address in instance.virtual_ipaddress],
        "excluded": [_of_address(address, device) for address in instance.virtual_ipaddress_excluded],
        "source": str(member.source) if instance.unicast or _has_source(member) else "",
        "peers": [str(peer.source) for peer in instance.senders(node)] if instance.unicast else [],
        "track_interface": [_weighed("track_interface", member, name, 0) for name in others],
        "track_script": [_weighed("track_script", instance, name, weights[name]) for name in instance.track_script],
        "track_file": [f"{file.name}, weight {weight}" for file, weight in cluster.files_of(instance)],
        "lower_prio_send_advert": "false" if "lower_prio_no_advert true" in instance.extra_lines else "true",
    }


def _weighed(key: str, owner: Instance | Member, name: str, silent: int) -> str:
    own = {tracked: weight for where, tracked, weight in owner.weights if where == key}
    return f"{name} weight {own.get(name, silent)}"


def _has_source(member: Member) -> bool:
    return any(isinstance(row.value, Own) and row.given(member) for row in MEMBER)


def _refuses_vmac(instance: Instance, suite: str) -> bool:
    return instance.unicast and suite == "bullseye"


PLAIN = plain((*BLOCK, *GLOBAL, *NODE))


def saying(row: Setting) -> list[str]:
    """A file with another value of a setting than its default; and one that says the default, where it is a number."""
    raw = [another(row), *([int(row.standard)] if row.standard.isdecimal() else [])]
    clusters = [parsed(put(placed(row), value)).cluster for value in raw]
    return [keepalived_conf(cluster, "d1") for cluster in clusters if cluster]


@pytest.fixture(scope="module")
def answers(daemon: Daemon) -> Mapping[str, Sequence[Answer]]:
    """Plain setting → what the daemon says to its files, and "" → to one without any; all are asked in one go."""
    silent = parsed().cluster
    assert silent
    texts = {"": [keepalived_conf(silent, "d1")], **{row.key: saying(row) for row in PLAIN}}
    verdicts = iter(daemon.ask([text for some in texts.values() for text in some]))
    return {key: list(islice(verdicts, len(some))) for key, some in texts.items()}


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.key)
def test_the_daemon_knows_a_plain_setting_and_its_default(
    daemon: Daemon, answers: Mapping[str, Sequence[Answer]], row: Setting
) -> None:
    (silent,), (said, *default) = answers[""], answers[row.key]
    if SUPPORTED[RELEASES[daemon.suite]] < row.since:
        assert any(row.key in line for line in said.messages)
        assert meaning(said) == meaning(silent)
        return
    assert accepted(said) == []
    assert meaning(said) != meaning(silent)
    assert [meaning(text) for text in default] == [meaning(silent)] * len(default)


def meaning(answer: Answer) -> tuple[Any, ...]:
    """What a daemon understood, without the limits of this moment that it prints too."""
    return answer.dump.instances, {key: value for key, value in answer.dump.globals.items() if "current" not in key}


def test_strict_and_what_the_rules_refuse_beside_it(daemon: Daemon) -> None:
    """`docs/decisions/rules.md`: each of them is refused by the daemon's own test, or said to be reset."""
    alone = parsed(put("data.vrrp_strict", True)).cluster
    every = ("unicast", *BESIDE)
    beside = [parsed(put(f"VI_1.{key}", 5 if key not in ("unicast", "use_vmac") else True)).cluster for key in every]
    assert alone
    texts = [
        keepalived_conf(cluster, "d1").replace("global_defs {", "global_defs {\nvrrp_strict")
        for cluster in beside
        if cluster
    ]
    good, *refused = daemon.ask([keepalived_conf(alone, "d1"), *texts])
    assert accepted(good) == []
    assert good.dump.globals["VRRP strict mode"] == "true"
    assert good.dump.instances["VI_1"]["Accept"] == "disabled"
    well = [key for key, verdict in zip(every, refused, strict=True) if not accepted(verdict)]
    assert well == ([] if daemon.suite == "bullseye" else ["unicast"])


def test_what_becomes_of_a_keyword_that_a_daemon_does_not_know(daemon: Daemon) -> None:
    lines = put("VI_1.extra_lines", ["garp_extra_if 100", "no_such_keyword 1"])  # the first one came with 2.2.3
    cluster = parsed(lines).cluster
    assert cluster is not None
    (answer,) = daemon.ask([keepalived_conf(cluster, "d1")])
    known = [word for word in ("garp_extra_if", "no_such_keyword") if any(word in line for line in answer.messages)]
    old = SUPPORTED[RELEASES[daemon.suite]] < (2, 2, 3)
    assert known == (["garp_extra_if", "no_such_keyword"] if old else ["no_such_keyword"])
    assert (answer.code == 0) == old
    assert list(answer.dump.instances) == ["VI_1"]


def test_the_daemon_takes_the_routes_and_rules_that_the_rules_allow(daemon: Daemon) -> None:
    """One after the other, so that none hides another one."""
    ways, rules = (dict.fromkeys(kept for _, kept in lines) for lines in (ROUTE_LINES, RULE_LINES))
    every = [routed(way) for way in ways] + [routed(rules=(rule,)) for rule in rules]
    answers = daemon.ask([keepalived_conf(cluster, "d1") for cluster in every])
    assert [accepted(answer) for answer in answers] == [[]] * len(every)
    blocks = [instance for answer in answers for instance in answer.dump.instances.values()]
    counts = [(len(block.get("routes", ())), len(block.get("rules", ()))) for block in blocks]
    assert counts == [(1, 0)] * len(ways) + [(0, 1)] * len(rules)


def _of_script(script: Script) -> dict[str, str]:
    return {
        "Command": " ".join(f"'{word}'" for word in command_line(script).split(" ")),
        "Interval": f"{script.interval} sec",
        "Timeout": f"{script.timeout} sec",
        "Weight": str(script.weight),
        "Rise": str(script.rise),
        "Fall": str(script.fall),
        "Script uid:gid": USERS[script.user],
        "Insecure": "no",
    }


def many(count: int) -> Callable[[Any], None]:
    """So many IPv6 addresses, for a pair of IPv6 servers."""

    def change(raw: Any) -> None:
        put("VI_1.virtual_ipaddress", [f"fd00::1:{number:x}/64" for number in range(1, count + 1)])(raw)
        put("d1.VI_1.address", "fd00::16/64")(raw)
        put("d2.VI_1.address", "fd00::61/64")(raw)

    return change


def test_a_group_forgets_nothing_that_it_tracks(daemon: Daemon) -> None:
    """2.1.5 does, weight or not, unless weights count in the group."""
    cluster = parsed(of_two(["load"], ["load"]), put("web.process", "nginx"), put("VI_1.track_script", ["web"])).cluster
    assert cluster is not None
    (answer,) = daemon.ask([keepalived_conf(cluster, "d1")])
    assert accepted(answer) == []
    tracked = {name: (block.get("track_script"), block["track_file"]) for name, block in answer.dump.instances.items()}
    assert tracked == {"VI_1": (["web weight 0"], ["load, weight -2"]), "VI_2": (None, ["load, weight -2"])}
    assert list(answer.dump.scripts) == ["web"]


def test_the_names_of_a_group_stand_on_one_line_or_several(daemon: Daemon) -> None:
    cluster = parsed(of_two(["load"], ["load"])).cluster
    assert cluster is not None
    text = keepalived_conf(cluster, "d1")
    layouts = [re.sub(r"group \{[^}]*\}", names, text) for names in ("group {\n VI_1 VI_2\n}", "group { VI_1 VI_2 }")]
    assert text not in layouts
    for layout, answer in zip(layouts, daemon.ask(layouts), strict=True):
        members, _ = _group(answer.dump.groups["both"])
        assert {*members} == conf.groups(layout)["both"] == {"VI_1", "VI_2"}, layout


def test_as_many_addresses_as_the_rules_allow(daemon: Daemon) -> None:
    four = put("VI_1.virtual_ipaddress", [f"10.9.1.{number}/24" for number in range(62, 255)])
    allowed = [parsed(four).cluster, parsed(many(89)).cluster]
    assert parsed(many(90)).cluster is None
    answers = daemon.ask([keepalived_conf(cluster, "d1") for cluster in allowed if cluster])
    assert [accepted(answer) for answer in answers] == [[], []]
    counts = [len(block["addresses"]) for answer in answers for block in answer.dump.instances.values()]
    assert counts == [193, 89]


def test_the_daemon_reads_every_password_that_is_allowed(daemon: Daemon) -> None:
    """And cuts those that are not: a sign that a parser eats would leave the servers with another one than the rest."""
    signs = [chr(code) for code in range(32, 127)]
    allowed = "".join(sign for sign in signs if passwords.GOOD.fullmatch(sign))
    words = [allowed[start : start + passwords.LONGEST] for start in range(0, len(allowed), passwords.LONGEST)]
    cluster = parsed(shared(authentication="env:X")).cluster
    assert cluster is not None
    texts = []
    for word in words:
        sealed, problems = passwords.resolved(cluster, Level.ERROR, {"X": word})
        assert problems == ()
        texts.append(passwords.opened(keepalived_conf(sealed, "d1")))
    answers = daemon.ask(texts)
    assert [accepted(answer) for answer in answers] == [[] for _ in words]
    assert [answer.dump.instances["VI_1"]["Password"] for answer in answers] == words
