"""What runs when all instances of a group have moved: shipped, rendered and imported as of an instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.hosts import programs
from floatip.keepalived.adopt import Code, adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model import inventory
from floatip.model.inventory import dumps, loads
from floatip.model.paths import SCRIPTS
from floatip.model.settings.scripts import Runs, shipped
from tests.unit.samples import Change, Raw, found, lab, text
from tests.unit.test_track_files import of_two
from wizard.pages import sync_groups

BOTH = ["VI_1", "VI_2"]


def group(**runs: object) -> Change:
    """Two instances that move together, and what runs then."""
    pair = of_two([], [])

    def change(raw: Raw) -> None:
        pair(raw)
        del raw["data"]["track_files"]
        raw["data"]["vrrp_sync_group"] = {"both": {"instances": BOTH, **runs}}

    return change


def test_it_stands_in_the_group() -> None:
    cluster = lab(group(notify_master={"run": "/bin/up now", "user": "daemon"}))
    assert '    notify_master "/bin/up now" daemon\n}\n' in keepalived_conf(cluster, "d1")
    assert "    script_user nobody\n" in keepalived_conf(cluster, "d1")
    assert loads(dumps(cluster), "lab.py")[0].cluster == cluster
    where = "vrrp_sync_group.both.notify_master"
    assert programs.asked(cluster, "d1") == (Runs("daemon", "/bin/up", where),)


def test_one_that_says_no_more_is_a_list_as_before() -> None:
    cluster = lab(group())
    assert "'both': ['VI_1', 'VI_2']" in dumps(cluster).replace('"', "'")


def test_a_file_beside_the_inventory(tmp_path: Path) -> None:
    (tmp_path / "lab.py").write_text(text(group(notify="up.sh")))
    (tmp_path / "up.sh").write_text("#!/bin/sh\n")
    (parsed,) = inventory.read(tmp_path / "lab.py")
    assert parsed.cluster
    ((path, content),) = shipped(parsed.cluster, "d1").items()
    assert (path.startswith(f"{SCRIPTS}/up.sh."), content) == (True, "#!/bin/sh\n")
    assert f'    notify "{path}"\n' in keepalived_conf(parsed.cluster, "d1")


AT = "vrrp_sync_group.both"
WRONG = [
    (group(notify="../x"), f"{AT}.notify", "bad-command"),
    (group(notfy="/bin/x"), f"{AT}.notfy", "unknown-key"),
    (group(instances=["VI_1", "VI_9"]), f"{AT}.1", "unknown-instance"),
    (group(instances=5), f"{AT}.instances", "not-a-list"),
]


@pytest.mark.parametrize(("change", "path", "code"), WRONG)
def test_what_is_wrong(change: Change, path: str, code: str) -> None:
    assert (path, code) in found(change)


def written(name: str, vrid: int) -> str:
    """An instance of somebody's file."""
    return f"vrrp_instance {name} {{\n virtual_router_id {vrid}\n}}\n"


FILE = written("VI_1", 1) + written("VI_2", 2) + "vrrp_sync_group both {\n group {\n  VI_1\n  VI_2\n }\n %s\n}\n"
ADOPTED = [
    ("notify_master /bin/up", {"notify_master": {"run": "/bin/up", "user": "root"}}, False),
    ('notify "/bin/up now" www', {"notify": {"run": "/bin/up now", "user": "www"}}, False),
    ('notify "/bin/up > /tmp/x"', {}, True),
    ("smtp_alert", {}, True),
]


@pytest.mark.parametrize(("line", "runs", "left"), ADOPTED)
def test_it_is_imported(line: str, runs: dict[str, object], left: bool) -> None:
    answer = adopt({"d1": FILE % line}, {})
    assert answer.data["vrrp_sync_group"] == {"both": {"instances": BOTH, **runs} if runs else BOTH}
    assert (Code.LEFT in {finding.code for finding in answer.findings}) == left


def test_the_wizard_keeps_it() -> None:
    raw = {"both": {"instances": BOTH, "notify": "up.sh"}, "other": ["VI_3", "VI_4"]}
    assert sync_groups.shown(raw) == "both: VI_1, VI_2; other: VI_3, VI_4"
    assert sync_groups.typed(sync_groups.shown(raw), raw) == raw
    assert sync_groups.typed("both: VI_1, VI_3", raw) == {"both": {"instances": ["VI_1", "VI_3"], "notify": "up.sh"}}
    assert sync_groups.typed("others: VI_1, VI_3", raw) == {"others": ["VI_1", "VI_3"]}
