"""A keepalived.conf in anybody's layout means what ours means: the same plan, drift and findings.

What cannot be read is refused, never guessed.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from floatip.change import differences, plan
from floatip.change.plan import Kind, Live, Obstacle, PlanError, Step
from floatip.keepalived import conf, render
from floatip.model.cluster import Cluster
from floatip.operate.doctor import Case, diagnose
from tests.examples import each
from tests.recorded.doctor_answers import HEALTHY, PLACE, Recording, case, cluster

Layout = Callable[[str], str]


def brace_below(text: str) -> str:
    return re.sub(r"^( *)(\S.*) \{$", r"\1\2\n\1{", text, flags=re.MULTILINE)


def commented(text: str) -> str:
    return re.sub(r"([{}])$", r"\1   # so they say", re.sub(r"^", "! here\n", text), flags=re.MULTILINE)


def flat(text: str) -> str:
    return re.sub(r"^ +", "", text, flags=re.MULTILINE)


def on_one_line(text: str) -> str:
    """Blocks in blocks, of single words."""
    return re.sub(r"\{\n +(\S+)\n +\}", r"{ \1 }", text)


def quoted(text: str) -> str:
    return re.sub(r"^( *)(vrrp_instance|interface|priority|virtual_router_id) (\S+)", r'\1\2 "\3"', text, flags=re.M)


def blanks(text: str, blank: str) -> str:
    """Other blanks between words, but not within quotes."""
    return "".join(part if part[:1] == '"' else part.replace(" ", blank) for part in re.split(r'("[^"\n]*")', text))


def without_defaults(text: str) -> str:
    return re.sub(r"^ +(state BACKUP|priority 100|advert_int 1|version 2|rise 1|weight 0)\n", "", text, flags=re.M)


def other_words(text: str) -> str:
    """The same values, and defaults that we never write."""
    text = re.sub(r"advert_int 1$", "advert_int 1.00", text, flags=re.MULTILINE)
    text = re.sub(r"priority (\d+)$", r"priority 0\1", text, flags=re.MULTILINE)
    text = text.replace("send_advert true", "send_advert")
    return text.replace("    version 2\n", "    nopreempt\n    preempt\n    version 2\n    preempt_delay 0\n")


def turned_round(text: str) -> str:
    """The settings of each block from the last to the first."""
    for block in conf.read(text).blocks().values():
        inner = [statement for statement in block.body or [] if not statement.comment]
        lines = [text[statement.begin : statement.end] for statement in reversed(inner)]
        text = text.replace(text[block.opened : block.end - 1], "\n    " + "\n    ".join(lines) + "\n")
    return text


LAYOUTS: dict[str, Layout] = {
    "ours": lambda text: text,
    "brace below": brace_below,
    "comment after a brace": commented,
    "tabs": lambda text: text.replace("    ", "\t"),
    "not indented": flat,
    "quotes": quoted,
    "blocks on one line": on_one_line,
    "windows": lambda text: text.replace("\n", "\r\n"),
    "wide": lambda text: blanks(text.replace("\n", "  \n\n"), " \t  "),
    "no end of line, no space before a brace": lambda text: text.replace(" {", "{").rstrip("\n"),
    "defaults left out": without_defaults,
    "in other words": other_words,
    "another order": turned_round,
    "said for all": lambda text: without_defaults(text).replace("global_defs {", "global_defs {\n    vrrp_version 2"),
    "all of it, and less": lambda text: commented(flat(brace_below(turned_round(without_defaults(text))))),
    "all of it": lambda text: blanks(commented(flat(quoted(brace_below(text)))), "\t"),
}

CHANGES: dict[str, tuple[str, str, Kind]] = {
    "nothing": ("priority", "priority", Kind.RELOAD),
    "priority": ("priority 150", "priority 140", Kind.RELOAD),
    "vrid": ("virtual_router_id 101", "virtual_router_id 102", Kind.IDENTITY),
    "version": ("version 2", "version 3", Kind.IDENTITY),
    "address": ("10.9.1.6/24", "10.9.1.30/24", Kind.RELOAD),
    "interface": ("interface eth1", "interface eth0", Kind.START_OVER),
    "virtual mac": ("version 2\n", "version 2\n    use_vmac vrrp.101\n", Kind.START_OVER),
    "password": ("auth_pass one", "auth_pass two", Kind.IDENTITY),
}
PASSWORD = "    authentication {\n        auth_type PASS\n        auth_pass one\n    }\n"


def texts(ours: Cluster) -> dict[str, str]:
    """The servers' files, with a password."""
    plain = {node.name: render.keepalived_conf(ours, node.name) for node in ours.nodes}
    return {
        name: text.replace("    virtual_ipaddress", f"{PASSWORD}    virtual_ipaddress") for name, text in plain.items()
    }


@cache
def planned(layout: Layout, before: str, after: str) -> plan.Plan:
    """From this file in a layout to the changed one in ours."""
    ours, now = cluster(), texts(cluster())
    wanted = {name: text.replace(before, after) for name, text in now.items()}
    held = {"d1": ours.floating, "d2": frozenset[str]()}
    return plan.make(ours, wanted, {name: Live(layout(text), True, False, held[name]) for name, text in now.items()})


def meaning(made: plan.Plan) -> list[object]:
    """The waits, and the steps that make a daemon run something else than before: the interim ones as well."""
    ours, found = texts(cluster()), list[object]()
    now = dict(ours)
    for step in made.steps:
        if not isinstance(step, Step):
            found.append(step)
        elif not conf.same(step.conf, now[step.node]):
            now[step.node] = step.conf
            found.append((step.node, conf.compared(step.conf, ours[step.node])[0]))
    return found


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("layout", each(LAYOUTS))
def test_the_same_plan(layout: str, change: str) -> None:
    before, after, kind = CHANGES[change]
    ours, made = planned(LAYOUTS["ours"], before, after), planned(LAYOUTS[layout], before, after)
    assert made.kinds == ours.kinds
    if layout != "ours" or change != "nothing":  # the file itself is always exchanged
        assert made.kind == kind
    assert meaning(made) == meaning(ours)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_drift_and_findings(layout: str) -> None:
    healthy = Recording.load(PLACE / f"bookworm-{HEALTHY}.json")
    found, drifted = [], []
    for priority in ("priority 100", "priority 7"):
        live = LAYOUTS[layout](render.keepalived_conf(cluster(), "d2").replace("priority 100", priority))
        d2 = dict(healthy.servers["d2"])
        line = f"file=conf 640:root:root {base64.b64encode(live.encode()).decode()}"
        d2["lines"] = [line if text.startswith("file=conf ") else text for text in d2["lines"]]
        given = looked(replace(healthy, servers={**healthy.servers, "d2": d2}))
        found.append([(finding.code, finding.node, finding.what, finding.evidence) for finding in diagnose(given)])
        drifted.append(differences.of(cluster(), {name: state.state for name, state in given.seen.items()})["d2"])
    assert (found[0], drifted[0]) == ([], [])
    assert [entry[0] for entry in found[1]] == ["drift", "not-loaded"]
    assert found[1][0][3] == ("-    priority 7", "+    priority 100")
    assert [line for line in drifted[1] if line[:1] in "+-"][2:] == ["-    priority 7", "+    priority 100"]


def looked(made: Recording) -> Case:
    """As the doctor sees it."""
    return case(made, Recording.load(PLACE / f"bookworm-{HEALTHY}.json"))


UNCLEAR = {
    "another file": "include /etc/keepalived/more/*.conf\n",
    "a definition": "$VRID=101\n",
    "for some servers": "@d1 priority 3\n",
    "a sequence": "~SEQ(x, 1, 4) track_file $x\n",
    "a line that goes on": "router_id \\\n",
    "a brace too many": "}\n",
    "no end": "vrrp_script x {\n",
    "no name": "vrrp_instance {\n}\n",
    "two names": "vrrp_instance a b {\n}\n",
    "twice": "vrrp_instance VI_1 {\n}\n",
    "no block": "vrrp_instance VI_9\n",
    "a quote without an end": 'router_id "d1\n',
}


@pytest.mark.parametrize("line", UNCLEAR.values(), ids=UNCLEAR)
def test_what_nobody_can_read_is_refused(line: str) -> None:
    with pytest.raises(PlanError) as refused:
        planned(lambda text: text + line, "virtual_router_id 101", "virtual_router_id 102")
    assert (refused.value.code, refused.value.nodes) == (Obstacle.UNCLEAR, ("d1",))
    assert line.split("\n", maxsplit=1)[0] in refused.value.message
    assert "or stop keepalived on d1 first" in refused.value.message


def silent_about_its_version(text: str) -> str:
    """As many people's files are."""
    return text.replace("    version 2\n", "")


def test_a_version_that_is_not_written_is_the_daemons_own() -> None:
    assert planned(silent_about_its_version, "priority 150", "priority 140").kind is Kind.RELOAD
    assert planned(silent_about_its_version, "version 2", "version 3").kind is Kind.IDENTITY
    for_all = "global_defs {\n    vrrp_version 3\n}\n"
    assert planned(lambda text: text + for_all, "priority 150", "priority 140").kind is Kind.RELOAD
    silent = planned(lambda text: silent_about_its_version(text) + for_all, "priority 150", "priority 140")
    assert silent.kind is Kind.IDENTITY


def test_what_does_not_run_is_never_unclear() -> None:
    ours, now = cluster(), texts(cluster())
    made = plan.make(ours, now, {name: Live("include x", False, False, frozenset()) for name in now})
    assert made.kind == Kind.START


def test_a_password_in_such_a_line_is_not_shown() -> None:
    assert conf.unclear("auth_pass canary\\\n") == "auth_pass …"


def test_another_name_and_another_number_at_once_are_refused() -> None:
    def renamed(text: str) -> str:
        return text.replace("vrrp_instance VI_1", "vrrp_instance FOO")

    assert planned(renamed, "priority 150", "priority 140").kind == Kind.RELOAD
    with pytest.raises(PlanError) as refused:
        planned(renamed, "virtual_router_id 101", "virtual_router_id 102")
    assert (refused.value.code, refused.value.nodes) == (Obstacle.UNCLEAR, ("d1",))
    assert "calls VI_1 by the name FOO" in refused.value.message


def test_a_priority_that_the_file_does_not_say_is_lowered_too() -> None:
    text = "vrrp_instance VI_1\n{ state BACKUP\n\tnopreempt # ours\n}\n"
    assert conf.priority(conf.instances(text)["VI_1"]) == 100
    changed = conf.read(text).drop("vrrp_instance VI_1", ["nopreempt"]).put("vrrp_instance VI_1", {"priority": ["1"]})
    assert changed.text == "vrrp_instance VI_1\n{\n    priority 1\n state BACKUP\n # ours\n}\n"
