"""Files with a number that instances track: written, judged, rendered and imported."""

from __future__ import annotations

from typing import Any

import pytest

from floatip.hosts import preflight
from floatip.hosts.host_state import HostState, Link
from floatip.keepalived import forecast
from floatip.keepalived.adopt import Code, adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model.inventory import dumps, loads
from floatip.model.problems import Level
from tests.unit.samples import Change, found, lab, problems_at, put
from tests.unit.test_settings import tracked_file
from wizard.pages import track_files

LOAD = tracked_file(file="/run/load", weight=-2, init_file=0)
VI = "vrrp_instances.VI_1"
BLOCK = """
track_file load {
    file /run/load
    weight -2
    init_file 0
}

vrrp_instance VI_1 {"""


def tracking(*items: object) -> Change:
    """What the instance tracks."""
    return put("VI_1.track_file", list(items))


def test_it_is_defined_before_the_instance_that_tracks_it() -> None:
    text = keepalived_conf(lab(LOAD, tracking({"file": "load", "weight": 3})), "d1")
    assert BLOCK in text
    assert "    track_file {\n        load weight 3\n    }\n" in text
    assert "track_file" not in keepalived_conf(lab(), "d1")
    assert "    weight" not in keepalived_conf(lab(tracked_file(file="/run/load")), "d1"), "keepalived's own: 1"


def test_it_is_written_and_read_again() -> None:
    cluster = lab(LOAD)
    assert loads(dumps(cluster), "lab.py")[0].cluster == cluster
    assert [(file.name, file.file, weight) for file, weight in cluster.files_of(cluster.instances[0])] == [
        ("load", "/run/load", -2)
    ]


WRONG: list[tuple[tuple[Change, ...], str, str]] = [
    ((LOAD, tracking("loud")), f"{VI}.track_file.0", "unknown-file"),
    ((LOAD, tracking("load", "load")), f"{VI}.track_file.1", "duplicate-track"),
    ((LOAD, tracking()), "track_files.load", "unused-file"),
    ((LOAD, put("data.track_files", {"load": {"weight": 1}})), "track_files.load.file", "missing"),
    ((LOAD, put("data.track_files", {"load": {"file": "run/load"}})), "track_files.load.file", "bad-file"),
    ((LOAD, put("data.track_files", {"load": {"file": "/run/a b"}})), "track_files.load.file", "bad-file"),
    (
        (LOAD, put("data.track_files", {"load": {"file": "/run/x", "wight": 1}})),
        "track_files.load.wight",
        "unknown-key",
    ),
    (
        (LOAD, put("data.track_files", {"load": {"file": "/run/x", "weight": 254}})),
        "track_files.load.weight",
        "out-of-range",
    ),
    ((tracked_file(file="/run/x", weight=0, init_file=1),), "track_files.load.init_file", "starts-in-fault"),
    ((tracked_file(file="/run/x", weight=-2, init_file=127),), "track_files.load.init_file", "starts-in-fault"),
    ((LOAD, put("VI_1.nopreempt", True)), f"{VI}.track_file.0", "weight-nopreempt"),
]


@pytest.mark.parametrize(("changes", "path", "code"), WRONG)
def test_what_is_wrong(changes: tuple[Change, ...], path: str, code: str) -> None:
    assert (path, code) in found(*changes)


def test_what_is_good() -> None:
    assert found(tracked_file(file="/run/x", weight=-2, init_file=126)) == set()
    assert found(tracked_file(file="/run/x", weight=0), put("VI_1.nopreempt", True)) == set()
    at = "track_files.load.file"
    assert [(problem.code, problem.level) for problem in problems_at(at, tracked_file(file="/tmp/x"))] == [
        ("open-file", Level.WARNING)
    ]


@pytest.mark.parametrize(("version", "known"), [("1:2.0.19-2", False), ("1:2.1.5-0.2", True)])
def test_a_server_that_calls_it_otherwise(version: str, known: bool) -> None:
    """Ubuntu 20.04 has 2.0.19."""
    link = Link("eth1", True, frozenset({"10.9.1.16/24"}))
    host = HostState(0, "ubuntu", "20.04", True, {"keepalived": version}, {}, (link,), False, {})
    problems = {(problem.path, problem.code) for problem in preflight.check(lab(LOAD), {"d1": host})}
    assert ((f"{VI}.track_file", preflight.Code.UNKNOWN_SETTING) in problems) is not known


@pytest.mark.parametrize(
    ("weight", "number"), [(-2, "26"), (-1, "51"), (1, "-51"), (5, "-11"), (-60, "1"), (-253, "1"), (0, "no longer 0")]
)
def test_the_number_that_moves_the_address_is_told(weight: int, number: str) -> None:
    """150 and 100: 51 less is less."""
    events = [
        event
        for event in forecast.foresee(lab(tracked_file(file="/run/load", weight=weight)))
        if event.code == "number"
    ]
    assert [(event.holder, event.what.endswith(f" {number}.")) for event in events] == [("d2", True)]


def of_two(first: object, second: object) -> Change:
    """Two instances of one group, and what they track."""

    def change(raw: Any) -> None:
        data = raw["data"]
        data["track_files"] = {"load": {"file": "/run/load", "weight": -2}}
        block = {**data["vrrp_instances"]["VI_1"], "track_file": first}
        two = {**block, "virtual_router_id": 102, "virtual_ipaddress": ["10.9.1.7/24"], "track_file": second}
        data["vrrp_instances"] = {"VI_1": block, "VI_2": two}
        data["vrrp_sync_group"] = {"both": ["VI_1", "VI_2"]}
        for _, host in raw["hosts"]:
            host["vrrp"]["VI_2"] = host["vrrp"]["VI_1"]

    return change


def test_in_a_group_all_track_it_and_weights_count() -> None:
    assert (f"{VI}.track_file.0", "group-weight") in found(of_two(["load"], []))
    cluster = lab(of_two(["load"], ["load"]))
    assert "    sync_group_tracking_weight\n" in keepalived_conf(cluster, "d1")


FILE = "%s load {\n file %s\n %s\n}\nvrrp_instance VI_1 {\n track_file {\n  %s\n }\n}\n"
ADOPTED = [
    (("track_file", "/run/load", "weight -2", "load"), {"file": "/run/load", "weight": -2}, ["load"]),
    (("vrrp_track_file", '"/run/load"', "", "load"), {"file": "/run/load"}, ["load"]),
    (
        ("track_file", "/run/load", "weight 2 reverse", "load weight 3 reverse"),
        {"file": "/run/load", "weight": -2},
        [{"file": "load", "weight": -3}],
    ),
    (
        ("track_file", "/run/load", "weight 1\ninit_file 5", "load weight 254"),
        {"file": "/run/load", "init_file": 5},
        [{"file": "load", "weight": 253}],
    ),
]


@pytest.mark.parametrize(("words", "kept", "tracked"), ADOPTED)
def test_both_keywords_are_imported(words: tuple[str, ...], kept: object, tracked: object) -> None:
    answer = adopt({"d1": FILE % words}, {})
    assert answer.data["track_files"] == {"load": kept}
    assert answer.data["vrrp_instances"]["VI_1"]["track_file"] == tracked
    assert answer.findings == ()


LOST = [
    (("track_file", "/run/load", "", "other"), {Code.LEFT}, None),
    (("track_file", "run/load", "", "load"), {Code.LEFT}, None),
    (("track_file", "/run/load", "weight 0 reverse", "load"), {Code.LEFT}, ["load"]),
    (("track_file", "/run/load", "init_file 1 overwrite", "load"), {Code.TIMES}, ["load"]),
    (("track_file", "/run/load", "depth 1", "load"), {Code.LEFT}, ["load"]),
]


@pytest.mark.parametrize(("words", "codes", "tracked"), LOST)
def test_what_is_lost_is_said(words: tuple[str, ...], codes: set[Code], tracked: object) -> None:
    answer = adopt({"d1": FILE % words}, {})
    assert {finding.code for finding in answer.findings} == codes
    assert answer.data["vrrp_instances"]["VI_1"].get("track_file") == tracked
    assert ("track_files" in answer.data) == (tracked is not None)


TYPED = [
    ("load: /run/load", {"load": {"file": "/run/load"}}),
    (
        "load: /run/load weight -1 init_file 0; spare: /run/spare",
        {"load": {"file": "/run/load", "weight": -1, "init_file": 0}, "spare": {"file": "/run/spare"}},
    ),
    ("load: /run/load weight", {"load": {"file": "/run/load", "weight": ""}}),
    ("load", {"load": {}}),
    (" ; ", {}),
]


@pytest.mark.parametrize(("text", "raw"), TYPED)
def test_its_field_of_the_wizard(text: str, raw: dict[str, Any]) -> None:
    assert track_files.typed(text) == raw
    assert track_files.typed(track_files.shown(raw)) == raw or raw == {"load": {"file": "/run/load", "weight": ""}}
