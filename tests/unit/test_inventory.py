"""The inventory file: literals only, never run, same cluster same bytes, whole or old."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.inventory.literal import pretty
from floatip.model.problems import Level
from tests.bench.inventories import pair, pairs, wide
from tests.examples import examples
from tests.strategies import clusters

LAB = Path(__file__).parents[2] / "inventories" / "lab.py"


def lab() -> Cluster:
    (parsed,) = inventory.read(LAB)
    assert parsed.cluster is not None, parsed.problems
    return parsed.cluster


def test_the_labs_inventory_is_what_floatip_writes() -> None:
    assert inventory.dumps(lab()) == LAB.read_text()


@examples(120, suppress_health_check=list(HealthCheck))
@given(clusters())
def test_cluster_to_text_to_cluster_is_identity(cluster: Cluster) -> None:
    text = inventory.dumps(cluster)
    (parsed,) = inventory.loads(text, f"{cluster.name}.py")
    assert parsed.cluster == cluster
    assert inventory.dumps(parsed.cluster) == text
    _only_literals(text)


def _only_literals(text: str) -> None:
    docstring, binding = ast.parse(text).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(binding, ast.Assign)
    ast.literal_eval(binding.value)
    assert all(len(line) <= 120 or '"' in line for line in text.splitlines())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner) | st.tuples(inner),
)


@examples(150)
@given(VALUES)
def test_the_writer_writes_literals_whatever_the_value(value: object) -> None:
    assert ast.literal_eval(pretty(value)) == value


@examples(120)
@given(st.dictionaries(st.text(max_size=12), VALUES, max_size=4), VALUES)
def test_any_data_gives_problems_and_never_an_exception(data: dict[str, object], host: object) -> None:
    text = f"lab = ([('d1', {pretty(host)}), {pretty(host)}], {pretty(data)})"
    for parsed in inventory.loads(text):
        assert parsed.cluster is None
        assert all(problem.message.isprintable() and problem.path.isprintable() for problem in parsed.problems)


NOT_DATA = [
    ("import os\nlab = ([], {})", 1, "not-literal"),
    ("lab = ([], {})\n__import__('os').system('id')", 2, "not-literal"),
    ("lab = ([], {'vrrp_instances': open('/etc/passwd')})", 1, "not-literal"),
    ("lab = (\n  [x for x in ()],\n  {})", 2, "not-literal"),
    ("lab = ([], {f'{1}': 2})", 1, "not-literal"),
    ("lab = ([], {**{}})", 1, "not-literal"),
    ("lab = ([], {'a': {1, 2}})", 1, "not-literal"),
    ("lab = ([], {'a': 1 + 2})", 1, "not-literal"),
    ("lab = ([], {'a': 1}, *[])", 1, "not-literal"),
    ("lab = ([], {'a': -'x'})", 1, "not-literal"),
    ("lab = other = ([], {})", 1, "not-literal"),
    ("lab, other = ([], {}), ([], {})", 1, "not-literal"),
    ("lab: tuple = ([], {})", 1, "not-literal"),
    ("_hidden = ([], {})", 1, "not-literal"),
    ("def lab(): pass", 1, "not-literal"),
    ("'''a docstring'''\n'a second'\nlab = ([], {})", 2, "not-literal"),
    ("lab = ([], {})\nlab = ([], {})", 2, "duplicate-name"),
    ("lab = ([], {'a': 1,\n 'a': 2})", 2, "duplicate-key"),
    ("lab = ([], {", 1, "syntax"),
    ("lab = ([], {})\0", None, "syntax"),
    ("lab = " + "(" * 500, 1, "syntax"),
    ("# -*- coding: utf-7 -*-\nlab = ([], {})", 1, "not-utf8"),
    ("", None, "no-cluster"),
    ("'''only words'''", None, "no-cluster"),
    ("lab = ()" + " " * 600_000, None, "too-large"),
]


@pytest.mark.parametrize(("text", "line", "code"), NOT_DATA, ids=range(len(NOT_DATA)))
def test_what_is_no_data_is_told_with_its_line(text: str, line: int | None, code: str) -> None:
    (parsed,) = inventory.loads(text, "/somewhere/lab.py")
    (problem,) = parsed.problems
    assert parsed.cluster is None
    assert problem.code == code
    assert problem.path == ("lab.py" if line is None else f"lab.py:{line}") or (line is None and code == "syntax")


@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("-", "1"), ("{1:", "}")])
def test_deep_nesting_is_a_problem_not_a_crash(depth: int, opening: str, closing: str) -> None:
    tail = closing if closing == "1" else closing * depth
    (parsed,) = inventory.loads(f"lab = {opening * depth}{tail}")
    assert parsed.cluster is None
    assert parsed.problems


@pytest.mark.parametrize("value", ["[]", "'text'", "([],)", "([], {}, 1)", "([], [])", "{}", "12"])
def test_what_is_no_pair_of_servers_and_data(value: str) -> None:
    (parsed,) = inventory.loads(f"lab = {value}")
    assert [problem.code for problem in parsed.problems] == ["not-a-cluster"]


def test_a_file_may_hold_several_clusters() -> None:
    first, second = pair(1), pair(2)
    found = inventory.loads(inventory.dumps(first) + inventory.dumps(second).split("\n", 1)[1], "both.py")
    assert [parsed.name for parsed in found] == ["pair1", "pair2"]
    assert [parsed.cluster for parsed in found] == [first, second]


def test_clusters_of_a_file_share_no_server() -> None:
    text = inventory.dumps(lab())
    later = inventory.dumps(replace(lab(), name="other")).split("\n", 1)[1]
    first, second = inventory.loads(text + later, "both.py")
    assert (first.cluster, second.cluster) == (lab(), None)
    codes = [(problem.path, problem.code, problem.level) for problem in second.problems]
    assert codes[:2] == [(f"nodes.{name}", "server-twice", Level.ERROR) for name in ("d1", "d2")]
    assert codes[2:] == [("vrrp_instances", "address-twice", Level.WARNING)]


@pytest.mark.parametrize("count", [1, 2, 10])
def test_the_inventories_of_the_benchmarks_can_be_used(tmp_path: Path, count: int) -> None:
    found = inventory.read(pairs(tmp_path, count))
    assert [parsed.cluster for parsed in found] == [pair(number) for number in range(1, count + 1)]


def test_the_wide_inventory_of_the_benchmarks_can_be_used(tmp_path: Path) -> None:
    (found,) = inventory.read(wide(tmp_path))
    assert found.cluster
    assert [len(instance.virtual_ipaddress) for instance in found.cluster.instances] == [3, 3, 3, 3]


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "lab.py"
    path.write_bytes(b"# fine\nlab = '\xff'\n")
    (parsed,) = inventory.read(path)
    assert [(problem.path, problem.code) for problem in parsed.problems] == [("lab.py:2", "not-utf8")]


def test_save_writes_what_dumps_says_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = inventory.save(lab(), tmp_path)
    inventory.save(lab(), tmp_path)
    assert path == tmp_path / "lab.py"
    assert path.read_text() == inventory.dumps(lab())
    assert [entry.name for entry in tmp_path.iterdir()] == ["lab.py"]
    assert path.stat().st_mode & 0o777 == 0o644


NAMES = [
    "../x",
    "/etc/x",
    "a/b",
    "",
    "all",
    "config",
    "deploy",
    "group_data",
    "x\0",
    "x" * 300,
    "X",
    "x.py",
    "-x",
    "x\n",
]


@pytest.mark.parametrize("name", NAMES)
def test_save_refuses_a_name_that_is_no_file_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name of the cluster"):
        inventory.save(replace(lab(), name=name), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["link", "dangling", "directory"])
def test_save_does_not_write_through_links(tmp_path: Path, kind: str) -> None:
    elsewhere, target = tmp_path / "elsewhere", tmp_path / "lab.py"
    if kind == "directory":
        target.mkdir()
    else:
        elsewhere.write_text("mine") if kind == "link" else None
        target.symlink_to(elsewhere)
    with pytest.raises(ValueError, match="not a plain file"):
        inventory.save(lab(), tmp_path)
    assert not elsewhere.exists() or elsewhere.read_text() == "mine"


def test_a_cluster_that_is_not_valid_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not survive"):
        inventory.save(replace(lab(), nodes=lab().nodes[:1]), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "bound"), [("lab", "lab"), ("my-lab", "my_lab"), ("2nd", "cluster_2nd"), ("for", "cluster_for")]
)
def test_every_name_can_be_bound(name: str, bound: str) -> None:
    cluster = replace(lab(), name=name)
    text = inventory.dumps(cluster)
    assert f"\n{bound} = (" in text
    assert inventory.loads(text, f"{name}.py")[0].cluster == cluster


@pytest.mark.parametrize(
    "text",
    ['lab = [[("d1", {})], {}]', 'lab = ([["d1", {}], ["d2", {}]], {"vrrp_instances": {"VI_1": {}}})'],
)
def test_lists_where_pyinfra_wants_tuples_are_told(text: str) -> None:
    problems = [problem.code for result in inventory.loads(text, "lab.py") for problem in result.problems]
    assert {"not-a-cluster", "not-a-pair"} & set(problems)
