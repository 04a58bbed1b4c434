"""What the product reads in a keepalived.conf is what the daemon of each release understood, or it is refused."""

from __future__ import annotations

import os
from typing import Any

import pytest

from floatip.keepalived import conf
from tests import releases
from tests.config.daemon import Daemon
from tests.config.dump import Dump
from tests.recorded.doctor_answers import cluster
from tests.strategies import INTERFACES
from tests.unit.test_layouts import LAYOUTS, texts

HERE, BESIDE = INTERFACES[:2]
OTHER = f"vrrp_instance B {{\n interface {BESIDE}\n virtual_router_id 9\n virtual_ipaddress {{198.51.100.1/24}}\n}}\n"
"""So that the daemon always has something to run, and tells."""
START = f"vrrp_instance A {{\n interface {HERE}\n virtual_router_id 51\n"
END = " virtual_ipaddress {\n 192.0.2.9/24\n }\n}\n"
READ = {
    "ours": START + " priority 90\n nopreempt\n" + END,
    "braces below": START.replace(" {", "\n{ # here") + " priority 90\n" + END.replace(" {", "\n\t{ ! there"),
    "braces glued": f"vrrp_instance A{{interface {HERE}\nvirtual_router_id 51\nvirtual_ipaddress{{192.0.2.9/24}}}}",
    "windows": (START + " priority 90\n" + END).replace("\n", "\r\n"),
    "a mark before a comment": "\ufeff! Configuration\n" + START + END,
    "quotes": START + ' "priority" "90" # "}\n notify "/bin/x }"\n nopreempt\n' + END,
    "quotes inside a word": START + ' priority"90"\n' + END,
    "other blanks": START + " priority\f90\n nopreempt\v\r\n" + END,
    "a no-break space": START + " garp_master_delay 3\n" + END.replace("192", "\t\t192") + "# \u00a0\u2028\n",
    "a comment at a word": START + " priority 90#1\n nopreempt!\n" + END,
    "settings behind braces": START + f" track_interface {{ {BESIDE} }} priority 90\n" + END,
    "behind another block": "global_defs {\n} " + START + END,
    "a line that is long enough": START + " # " + "x" * 1019 + "\n priority 90\n" + END,
    "other signs": START + ' notify "/bin/x $HOME ${FOO} a@b ~SEQ(x) a\\b"\n nopreempt\n' + END,
    "a name like another word": START + " notify include\n priority 90\n" + END,
    "no priority, as master": START + " state MASTER\n" + END,
    "the owner's priority": START + " priority 255\n" + END,
    "numbers": START + " advert_int 1.0\n priority 090\n" + END,
    "for all, and later": START + END + "global_defs {\n vrrp_version 3\n}\n",
    "two lists": START + " virtual_ipaddress {\n 192.0.2.8/24\n }\n" + END,
    "no prefix": START + END.replace("/24", ""),
    "both words": START + " nopreempt\n preempt\n" + END,
    "another order": START.replace(" {\n", " {\n priority 90\n") + END,
    "IPv6": START + END.replace("192.0.2.9/24", "fe80::9/64\n 2001:DB8::9/64"),
}
REFUSED = {
    "a mark before a word": "\ufeff" + START + " priority 90\n" + END,
    "a comment that goes on": START + " priority 90 # x\\\n" + END,
    "braces of nothing": START + " frobnicate {\n priority 90\n }\n" + END,
    "braces of a plain setting": START + " priority 90 {\n nopreempt\n }\n" + END,
    "a state twice": START + " state MASTER\n state BACKUP\n" + END,
    "a version twice": START + " version 3\n version 2\n" + END,
    "a brace in quotes": START + ' "}" priority 90\n' + END,
    "a line too long": START + " #" + "x" * 1021 + " priority 5\n" + END,
    "a zero byte": START + " priority 9\x000\n" + END,
    "a priority that is none": START + " priority 300\n state MASTER\n" + END,
}


@pytest.fixture(scope="module", params=["bullseye", "bookworm", "trixie"])
def daemon(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Daemon:
    if os.geteuid() != 0:
        pytest.skip("running keepalived in namespaces of its own needs root")
    return Daemon(releases.need(request.param), tmp_path_factory.mktemp(request.param))


def test_the_daemon_understands_the_same(daemon: Daemon) -> None:
    cases = {**READ, **REFUSED}
    answers = daemon.ask([f"{text}\n{OTHER}" for text in cases.values()])
    assert len(answers) == len(cases)
    for (name, text), answer in zip(cases.items(), answers, strict=True):
        assert bool(conf.unclear(text)) == (name in REFUSED), name
        assert (understood(answer.dump) == expected(text)) is (name in READ), (name, answer)


def understood(dump: Dump) -> dict[str, Any]:
    block = dump.instances.get("A", {})
    amount, unit = block.get("Advert interval", "0 sec").split()
    return {
        "state": block.get("Wantstate"),
        "interface": block.get("Interface"),
        "virtual_router_id": block.get("Virtual Router ID"),
        "priority": block.get("Priority"),
        "version": block.get("VRRP Version"),
        "advert_int": float(amount) / (1000 if unit == "milli-sec" else 1),
        "nopreempt": block.get("Preempt") == "disabled",
        "virtual_ipaddress": [line.split()[0] for line in block.get("addresses") or ()],
    }


def expected(text: str) -> dict[str, Any]:
    settings = conf.instances(text).get("A", {})
    words = ("state", "interface", "virtual_router_id", "priority", "version")
    return {
        **{key: settings.get(key, (None,))[0] for key in words},
        "advert_int": float(settings.get("advert_int", ("0",))[0]),
        "nopreempt": "nopreempt" in settings,
        "virtual_ipaddress": [address.removesuffix("/32") for address in settings.get("virtual_ipaddress", ())],
    }


def test_a_layout_means_nothing_to_the_daemon(daemon: Daemon) -> None:
    """What the product takes for the same is the same: layouts, defaults that are left out, another order."""
    ours = texts(cluster())["d2"].replace("router_id d2", "router_id d2\n    vrrp_garp_master_delay 3")
    layouts = [layout(ours) for layout in LAYOUTS.values()]
    assert all(conf.same(ours, text) for text in layouts)
    first, *others = daemon.ask(layouts)
    assert first.dump.instances["VI_1"]["Virtual Router ID"] == "101"
    for name, other in zip(list(LAYOUTS)[1:], others, strict=True):
        assert said(other.dump) == said(first.dump), name


def said(dump: Dump) -> dict[str, Any]:
    """All of it, but the times of day."""
    instances = {
        name: {key: value for key, value in block.items() if "transition" not in key}
        for name, block in dump.instances.items()
    }
    return {"globals": dump.globals, "instances": instances, "scripts": dump.scripts}
