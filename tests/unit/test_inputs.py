"""What somebody may give as an inventory: `floatip check` and the deploy see the same, or say plainly what is wrong.

Both doors are tried: the command line, and what deploy.py makes of the inventory that pyinfra has read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from gevent import monkey
from pyinfra.api import State
from pyinfra.context import ctx_inventory, ctx_state

from floatip.cli import main
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.survey import run_options
from floatip.deploy.survey.cluster import parsed_cluster
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.problems import Level
from floatip.runs import detached
from floatip.runs.events import Refusal, Remark
from lab.paths import ROOT

with pytest.MonkeyPatch.context() as patch:
    # pyinfra's program has gevent patch the process that imports it: this one has threads of its own.
    patch.setattr(monkey, "patch_all", lambda: None)
    from pyinfra_cli.inventory import make_inventory  # type: ignore[import-untyped]

LAB = (ROOT / "inventories" / "lab.py").read_text().replace('".lab/', '"/.lab/')
_, _, CLUSTER = LAB.partition("\n\n")
Files = dict[str, str]


def put(directory: Path, files: Files) -> Path:
    """Write these files; the inventory is the first."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, "utf-8")
    return directory / next(iter(files))


def checked(file: Path) -> set[str]:
    """The codes of what `floatip check` finds wrong."""
    answer = CliRunner().invoke(main, ["check", "--json", str(file)])
    document = json.loads(answer.stdout)
    found = {problem["code"] for problem in document["problems"] if problem["level"] == "error"}
    assert (answer.exit_code, document["ok"]) == ((2, False) if found else (0, True))
    return found


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[set[str], list[Cluster]]]:
    """The codes of what the deploy finds wrong before it looks at a host, and the clusters where that is nothing."""
    place = tmp_path / "run"
    place.mkdir()
    monkeypatch.setenv(detached.RUN, str(place))

    def run(file: Path, **data: Any) -> tuple[set[str], list[Cluster]]:
        with ctx_state.use(State()):
            read = make_inventory(str(file), override_data=data, cwd=str(tmp_path))
        with ctx_inventory.use(read):
            try:
                run_options.check_options()
                names = dict.fromkeys(run_options.cluster_of(host) for host in read)
                return set(), [parsed_cluster(name) for name in names]
            except Refusing as refusing:
                remarks = [
                    event
                    for event in detached.events_of(place)
                    if isinstance(event, Remark) and event.level is Level.ERROR
                ]
                return {remark.code for remark in remarks} or {refusing.event.code}, []

    return run


SAME: list[tuple[str, Files, set[str]]] = [
    ("as it is", {"lab.py": LAB}, set()),
    ("a setting beside it", {"lab.py": LAB, "group_data/lab.py": '"""Ours."""\nfirewall = "none"\n'}, set()),
    ("nothing of ours", {"lab.py": LAB, "group_data/all.py": "ntp = ['192.0.2.1']\n__all__ = ['ntp']\n"}, set()),
    ("another's", {"lab.py": LAB, "group_data/web.py": "import os\nssh_user = os.name\n"}, set()),
    ("a bad value", {"lab.py": LAB, "group_data/lab.py": "firewall = 7\n"}, {"not-a-choice"}),
    ("an unknown key", {"lab.py": LAB, "group_data/lab.py": "fire_wall = 'none'\n"}, {"unknown-key"}),
    ("a user for all", {"lab.py": LAB, "group_data/all.py": "ssh_user = 'admin'\n"}, {"misplaced"}),
    ("a user for a cluster", {"lab.py": LAB, "group_data/lab.py": "ssh_user = 'admin'\n"}, {"misplaced"}),
    ("sudo for all", {"lab.py": LAB, "group_data/all.py": "_sudo = True\n"}, {"misplaced"}),
    ("instances for all", {"lab.py": LAB, "group_data/all.py": "vrrp_instances = {}\n"}, {"misplaced"}),
    ("for the file", {"two.py": LAB, "group_data/two.py": "firewall = 'none'\n"}, {"misplaced"}),
    ("another connector", {"lab.py": LAB.replace('"d1"', '"@local"')}, {"bad-node-name"}),
    ("brackets", {"lab.py": LAB.replace("127.0.0.1", "[::1]")}, {"bad-host"}),
    ("a port", {"lab.py": LAB.replace('"127.0.0.1"', '"127.0.0.1:22"')}, {"bad-address"}),
    ("no cluster", {"lab.py": "lab = ['d1', 'd2']\n"}, {"not-a-cluster", "no-cluster"}),
]


@pytest.mark.parametrize(("files", "codes"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_both_doors_say_the_same(tmp_path: Path, deployed: Any, files: Files, codes: set[str]) -> None:
    file = put(tmp_path, files)
    found, clusters = deployed(file)
    assert checked(file) <= codes and found <= codes
    assert bool(codes) == bool(found) == bool(checked(file))
    if not codes:
        assert [result.cluster for result in inventory.read(file)] == clusters
    assert (not codes and "firewall" in "".join(files.values())) == any(
        cluster.firewall == "none" for cluster in clusters
    )


CHECKED: list[tuple[str, Files, str]] = [
    ("computed", {"lab.py": "import os\n" + LAB}, "not-literal"),
    ("computed beside it", {"lab.py": LAB, "group_data/lab.py": "import os\nfirewall = 'none'\n"}, "not-literal"),
    ("computed value beside it", {"lab.py": LAB, "group_data/all.py": "ntp = open('/etc/hostname')\n"}, "not-literal"),
    ("broken beside it", {"lab.py": LAB, "group_data/lab.py": "firewall = (\n"}, "syntax"),
    ("a byte order mark", {"lab.py": "\ufeff" + LAB}, "not-utf8"),
    ("YAML", {"hosts.yml": "all:\n  hosts:\n    d1:\n"}, "not-python"),
    ("INI", {"hosts.ini": "[servers]\nd1 ansible_host=192.0.2.1\n"}, "not-python"),
    ("the same name twice", {"lab.py": LAB + CLUSTER}, "duplicate-name"),
    ("the same servers twice", {"lab.py": LAB + CLUSTER.replace("lab = ", "web = ")}, "server-twice"),
    (
        "the same machines twice",
        {"lab.py": LAB + CLUSTER.replace("lab = ", "web = ").replace('"d1"', '"e1"').replace('"d2"', '"e2"')},
        "server-twice",
    ),
    (
        "a key beside the inventory",
        {"lab.py": LAB.replace("/.lab/id", "keys/id"), "keys/id_ed25519": ""},
        "relative-key",
    ),
]


@pytest.mark.parametrize(("files", "code"), [row[1:] for row in CHECKED], ids=[row[0] for row in CHECKED])
def test_the_check_says_what_it_is(tmp_path: Path, files: Files, code: str) -> None:
    assert checked(put(tmp_path, files)) == {code}


def test_a_group_that_is_a_directory_or_not_ours_to_read(tmp_path: Path) -> None:
    file = put(tmp_path, {"lab.py": LAB})
    (tmp_path / "group_data" / "lab.py").mkdir(parents=True)
    assert checked(file) == {"unreadable"}


def test_the_deploy_runs_what_pyinfra_runs(tmp_path: Path, deployed: Any) -> None:
    file = put(tmp_path, {"lab.py": "import os\n" + LAB, "group_data/lab.py": "import os\nlog_file = not os.name\n"})
    found, (cluster,) = deployed(file)
    assert (found, cluster.log_file) == (set(), False)


def test_a_server_of_two_clusters_is_in_none(tmp_path: Path, deployed: Any) -> None:
    file = put(tmp_path, {"lab.py": LAB + CLUSTER.replace("lab = ", "web = ")})
    assert deployed(file) == ({Refusal.INVENTORY}, [])


OPTIONS = [
    ("floatip_replace", False),
    ("floatip_move", False),
    ("ssh_user", False),
    ("debug", False),
    ("floatip_repalce", True),
    ("floatip_", True),
    ("floatip-replace", True),
    ("FLOATIP_REMOVE", True),
    ("replace", True),
]


@pytest.mark.parametrize(("name", "refused"), OPTIONS)
def test_a_misspelt_option(tmp_path: Path, deployed: Any, name: str, refused: bool) -> None:
    found, clusters = deployed(put(tmp_path, {"lab.py": LAB}), **{name: True})
    assert (found, len(clusters)) == (({Refusal.OPTION}, 0) if refused else (set(), 1))
