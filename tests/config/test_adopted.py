"""What is adopted means what it meant, but for what the findings and questions say: the daemon is asked about both."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from floatip.keepalived.adopt import Adopted, Asked, Code, adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model.parse import parse
from floatip.model.problems import errors
from tests import releases
from tests.config.daemon import Daemon
from tests.config.dump import Dump
from tests.config.made_by_hand import ADDRESSES, BESIDE, INTERFACE, PAIRS
from tests.strategies import INTERFACES

OURS = re.compile(
    r"globals (Router ID|Gratuitous ARP refresh timer|Send advert after receive higher priority advert"
    r"|Script security .*|Default script uid:gid|VRRP default protocol version)"
    r"|instance (Wantstate|Send advert after receive higher priority advert|Gratuitous ARP refresh"
    r"|Highest other priority|.*transition.*)"
)
"""What floatip writes into every file (docs/decisions/adopting.md), or what is no setting."""
TOLD: dict[Code | Asked, str] = {
    Code.CHECK: r"script (Command|Path|Script uid:gid)",
    Code.USER: r"script Script uid:gid",
    Code.PREFIX: r"instance addresses",
    Asked.PRIORITY: r"instance (Priority|Address owner ignores received adverts)",  # that is with 255 alone
    Asked.LEADER: r"instance Priority",
    Asked.PREEMPTION: r"instance (Preempt|Flags.*)",
    Asked.WEIGHT: r"script (Weight|Tracking instances)|instance track_script",
}
"""What a finding or a question says → what the daemon may understand in another way."""
NOTHING_CHANGES = ("another interval and version", "with files of its own", "one file for all")
"""Pairs without a password, which version 3 has not, or with another one."""
AUTHENTICATION = r"instance (Authentication type|Password)"


@pytest.fixture(scope="module", params=["bullseye", "bookworm", "trixie"])
def daemon(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Daemon:
    if os.geteuid() != 0:
        pytest.skip("running keepalived in namespaces of its own needs root")
    return Daemon(releases.need(request.param), tmp_path_factory.mktemp(request.param))


def differences(before: Dump, after: Dump) -> Iterator[tuple[str, object, object]]:
    """(what, before, after) of all that the daemon understood in another way."""
    yield from _different("globals", before.globals, after.globals)
    for kind in ("instances", "scripts"):
        old, new = getattr(before, kind), getattr(after, kind)
        for name in dict.fromkeys((*old, *new)):
            if kind == "scripts" and name not in old:
                continue  # the program is not here, and 2.2.7 leaves such a check out; it has floatip's own then
            yield from _different(kind.removesuffix("s"), old.get(name, {}), new.get(name, {}))


def _different(kind: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, object, object]]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield f"{kind} {key}", old.get(key), new.get(key)


def unsaid(found: Adopted, node: str, before: Dump, after: Dump) -> list[tuple[str, object, object]]:
    """What changed its meaning, and nobody says so."""
    mine = [finding for finding in found.findings if finding.node == node]
    said = [TOLD[finding.code] for finding in mine if finding.code in TOLD]
    said += [TOLD[question.code] for question in found.questions if question.code in TOLD]
    said += [AUTHENTICATION for finding in mine if finding.text.startswith("authentication")]
    return [
        (what, old, new)
        for what, old, new in differences(before, after)
        if not OURS.fullmatch(what)
        and not any(re.fullmatch(pattern, what) for pattern in said)
        and not (what == "script Timeout" and old == "0 sec")  # which is as long as the interval
    ]


def test_an_adopted_pair_means_what_it_meant(daemon: Daemon) -> None:
    found = {name: adopt(pair.sources, ADDRESSES) for name, pair in PAIRS.items()}
    rows = [(name, node) for name, pair in PAIRS.items() for node in pair.texts]
    texts = [text for name, node in rows for text in (PAIRS[name].texts[node], rendered(found[name], node))]
    beside = {name: text.replace(INTERFACE, INTERFACES[1]) for name, text in BESIDE.items()}
    hosts = [node for _, node in rows for _ in ("before", "after")]
    answers = daemon.ask([text.replace(INTERFACE, INTERFACES[1]) for text in texts], beside, hosts)
    silent = Adopted({}, {}, {}, ())
    for (name, node), before, after in zip(rows, answers[::2], answers[1::2], strict=True):
        assert list(before.dump.instances) == list(after.dump.instances) == ["VI_1"], name
        assert unsaid(found[name], node, before.dump, after.dump) == [], (name, node)
        assert unsaid(silent, node, before.dump, after.dump) != [] or name in NOTHING_CHANGES, (name, node)


def rendered(found: Adopted, node: str) -> str:
    """The file that floatip writes."""
    parsed = parse(
        "web", [(name, {**found.hosts[name], "vrrp": vrrp}) for name, vrrp in found.vrrp.items()], found.data
    )
    assert parsed.cluster is not None, errors(parsed.problems)
    return keepalived_conf(parsed.cluster, node)
