"""The command line as a person and as a program meet it: what is printed where, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floatip.cli import answers, main
from floatip.hosts import probe
from floatip.hosts.host_state import File, HostState, Link
from floatip.hosts.ssh_errors import Reason
from floatip.keepalived.render import keepalived_conf
from floatip.model.inventory import loads
from tests.unit.samples import Change, parsed, practice, put, text
from tests.unit.test_hostile import VALUES
from tests.unit.test_mistakes import MISTAKES


@pytest.fixture
def lab(tmp_path: Path) -> str:
    """The path of the lab's inventory."""
    return str(practice(tmp_path))


@pytest.fixture
def bad(lab: str, tmp_path: Path) -> str:
    """The lab's inventory with two mistakes."""
    text = Path(lab).read_text().replace('"priority": 100', '"priority": 150')
    path = tmp_path / "bad.py"
    path.write_text(text.replace('"virtual_router_id": 101', '"virtual_router_id": 256'))
    return str(path)


def floatip(*words: str) -> Result:
    """Run the command line in this process, without a terminal."""
    return CliRunner().invoke(main, words)


def test_a_good_file(lab: str) -> None:
    answer = floatip("check", lab)
    assert answer.exit_code == 0
    assert answer.stdout == f"● {lab}: servers: 2; 10.9.1.6 on d1 first (VRID 101)\n"
    assert answer.stderr == ""


@pytest.mark.parametrize("limit", ["d9", "d1,d2", ""])
def test_a_deploy_to_a_server_that_is_none_does_nothing(limit: str, lab: str) -> None:
    """pyinfra itself would deploy to nobody, and call that a success."""
    person = floatip("deploy", lab, "--yes", "--limit", "d1", "--limit", limit)
    assert (person.exit_code, person.stdout) == (2, "")
    assert person.stderr == f"error: {lab} has no server {limit!r}.\n"
    program = floatip("deploy", lab, "--json", "--yes", "--limit", limit)
    assert (program.exit_code, json.loads(program.stdout)["error"]["code"]) == (2, "no-such-server")


def test_a_good_file_for_a_program(lab: str) -> None:
    answer = floatip("check", "--json", lab)
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {"file": lab, "ok": True, "problems": []}


@pytest.mark.parametrize("command", ["check", "render", "remove"])
def test_every_problem_of_a_bad_file_is_told_at_once(bad: str, command: str) -> None:
    answer = floatip(command, bad)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    first, second = (line for line in answer.stderr.splitlines() if line.startswith("error"))
    assert first.startswith("error vrrp_instances.VI_1.virtual_router_id: ")
    assert "256" in first
    assert second.startswith("error nodes.d2.vrrp.VI_1.priority: ")
    assert "150" in second


@pytest.mark.parametrize("command", ["check", "render", "remove"])
def test_the_same_for_a_program(bad: str, command: str) -> None:
    answer = floatip(command, "--json", bad)
    assert answer.exit_code == 2
    document = json.loads(answer.stdout)
    assert document["ok"] is False
    assert [sorted(problem) for problem in document["problems"]] == [["code", "hint", "level", "message", "path"]] * 2


ROWS = [((put(setting, value),), path) for setting, value, path, _ in VALUES] + [row[1:3] for row in MISTAKES]


@pytest.mark.parametrize(("changes", "path"), ROWS, ids=range(len(ROWS)))
def test_whatever_is_wrong_ends_with_code_2(tmp_path: Path, changes: tuple[Change, ...], path: str) -> None:
    file = tmp_path / "lab.py"
    file.write_text(text(*changes))
    answer = floatip("check", str(file))
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert f"error {path}: " in answer.stderr


@pytest.mark.parametrize("command", ["check", "render", "remove"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file or directory"),
        (b"\xff\xfe", "utf-8"),
        (b"lab = (", "line 1"),
        (b"import os\nlab = ([], {})\n", "line 1"),
        (b"", ""),
    ],
    ids=["missing", "not-text", "not-python", "code", "empty"],
)
def test_a_file_that_is_no_inventory(tmp_path: Path, command: str, content: bytes | None, words: str) -> None:
    path = tmp_path / "odd.py"
    if content is not None:
        path.write_bytes(content)
    answer = floatip(command, str(path))
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("error ")
    assert words in answer.stderr.lower()


def test_the_configuration_of_one_node_byte_for_byte(lab: str) -> None:
    d1, both = floatip("render", lab, "--node", "d1"), floatip("render", lab)
    assert d1.exit_code == both.exit_code == 0
    assert d1.stdout.startswith("# Managed by floatip")
    assert "    priority 150\n" in d1.stdout
    assert both.stdout.startswith("──── d1\n" + d1.stdout)
    assert "──── d2\n" in both.stdout
    assert json.loads(floatip("render", lab, "--json").stdout)["d1"] == d1.stdout


def test_a_node_that_is_not_there(lab: str) -> None:
    answer = floatip("render", lab, "--node", "d9")
    assert answer.exit_code == 2
    assert f"{lab} has no server 'd9'." in answer.stderr


def test_removing_asks_first(lab: str) -> None:
    answer = CliRunner().invoke(main, ["remove", lab], input="n\n")
    assert answer.exit_code == 1
    assert "This releases 10.9.1.6 and removes floatip from d1, d2. Continue?" in answer.stdout


def test_colour_only_where_there_is_a_terminal_and_nobody_minds(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in CliRunner().invoke(main, ["check", bad], color=True).stderr
    assert "\x1b[" not in floatip("check", bad).stderr
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(main, ["check", bad], color=True).stderr


def test_adopt_makes_an_inventory_and_tells_the_rest(tmp_path: Path) -> None:
    texts = {}
    for node, priority, last in (("d1", 150, 16), ("d2", 100, 61)):
        path = tmp_path / f"{node}.conf"
        path.write_text(
            f"! by hand\nvrrp_instance VI_1 {{\n interface eth1\n virtual_router_id 101\n priority {priority}\n"
            f" unicast_src_ip 10.9.1.{last}\n virtual_ipaddress {{ 10.9.1.6/24 }}\n}}\n"
        )
        texts[node] = f"{node}={path}"
    made = floatip("adopt", *texts.values())
    assert made.exit_code == 0
    assert "left out d1:1; d2:1\n     A comment" in made.stderr
    assert '"address": "10.9.1.16/24"' in made.stdout  # the prefix is that of the floating address
    assert "# Decided" not in made.stdout
    assert floatip("adopt", "nothing").exit_code == 2
    for odd in (f"d1={tmp_path}", "d1=/dev/zero", "d1=a\0b", "=x"):
        answer = floatip("adopt", odd)
        assert (answer.exit_code, answer.exception.__class__) == (2, SystemExit), odd
    (tmp_path / "odd").write_bytes(b"\xef\xbb\xbf! \x1b[31mred\n" + b"{" * 5000 + b"VIP\xff")
    answer = floatip("adopt", f"d1={tmp_path}/odd", f"d1={tmp_path}/odd")
    assert (answer.exit_code, "d1 is named twice" in answer.stderr) == (2, True)
    for words in ([], ["--json"]):
        answer = floatip("adopt", *words, f"d1={tmp_path}/odd")
        assert (answer.exit_code, answer.exception.__class__) == (2, SystemExit), answer.exception
        assert "\x1b" not in answer.output
    codes = {finding["code"] for finding in json.loads(answer.stdout)["findings"]}
    assert codes == {"left"}
    assert floatip("adopt", f"d1={tmp_path}/none").exit_code == 2


def files_of_the_lab(place: Path) -> list[str]:
    """Those that floatip renders, as `adopt` takes them."""
    cluster = parsed().cluster
    assert cluster is not None
    for node in cluster.nodes:
        (place / f"{node.name}.conf").write_text(keepalived_conf(cluster, node.name))
    return [f"{node.name}={place}/{node.name}.conf" for node in cluster.nodes]


def test_what_floatip_rendered_is_adopted_again(tmp_path: Path) -> None:
    files = files_of_the_lab(tmp_path)
    known = [word for node, last in (("d1", 16), ("d2", 61)) for word in ("--address", f"{node}=10.9.1.{last}/24")]
    answer = floatip("adopt", *known, *files)
    assert (answer.exit_code, "# Decided" in answer.stdout) == (0, False)
    (again,) = loads(answer.stdout, "adopted.py")
    assert again.cluster is not None
    assert [str(member.address) for member in again.cluster.instances[0].members] == ["10.9.1.16/24", "10.9.1.61/24"]
    guessed = floatip("adopt", *files)
    assert (guessed.exit_code, "# Decided" in guessed.stdout) == (0, True)
    (again,) = loads(guessed.stdout, "adopted.py")
    assert again.cluster is not None
    assert {member.address.network.prefixlen for member in again.cluster.instances[0].members} == {24}
    for wrong in ("d3=10.9.1.16/24", "d1=10.9.1.16", "d1=x", "d1"):
        assert floatip("adopt", "--address", wrong, *files).exit_code == 2


def test_what_the_files_do_not_say_is_asked_in_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of_the_lab(tmp_path)
    monkeypatch.setattr(answers, "possible", lambda: True)
    asked = CliRunner().invoke(main, ["adopt", *files], input="10.9.1.16/24\n\n")
    assert asked.exit_code == 0
    assert ('"10.9.1.16/24"' in asked.stdout, "# Decided" in asked.stdout) == (True, False)
    taken = CliRunner().invoke(main, ["adopt", "--yes", *files], input="")
    assert (taken.exit_code, "# Decided" in taken.stdout) == (0, True)
    document = json.loads(floatip("adopt", "--json", *files).stdout)
    assert [(question["code"], list(question["choices"])) for question in document["questions"]] == [
        ("address", ["d1", "d2"])
    ]


def test_servers_are_read_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their addresses; how they are reached goes into the inventory."""
    asked: dict[str, object] = {}
    text = (tmp_path / files_of_the_lab(tmp_path)[0].partition("=")[2]).read_text()

    def states(ways: dict[str, dict[str, object]]) -> dict[str, HostState]:
        asked.update(ways)
        return {
            node: looked(node, text.replace("priority 150", f"priority {100 + place}"))
            for place, node in enumerate(ways)
        }

    monkeypatch.setattr(probe, "states_of", states)
    answer = floatip("adopt", "--json", "root@d1.example.org", "d2=admin@10.9.1.61:2222", "--ssh-config", "/x/config")
    strict = {"ssh_strict_host_key_checking": "yes", "ssh_config_file": "/x/config"}
    assert asked == {
        "d1": {"ssh_hostname": "d1.example.org", "ssh_user": "root", **strict},
        "d2": {"ssh_hostname": "10.9.1.61", "ssh_user": "admin", "ssh_port": 2222, **strict},
    }
    document = json.loads(answer.stdout)
    assert (answer.exit_code, document["ok"], document["questions"]) == (0, True, [])
    hosts = dict(document["hosts"])
    assert {node: data["vrrp"]["VI_1"]["address"] for node, data in hosts.items()} == (
        {"d1": "10.9.1.16/24", "d2": "10.9.1.61/24"}
    )
    assert hosts["d2"]["ssh_port"] == 2222


UNREAD = [
    (["root@d1", "root@d1.example.org"], 2, None),
    (["root@-x", "root@d2"], 2, None),
    (["root@d1:99999", "root@d2"], 2, None),
    (["root@d1", "root@d2"], 1, "unread"),
    (["root@d3", "root@d4"], 1, "no-configuration"),
]


@pytest.mark.parametrize(("servers", "code", "expected"), UNREAD)
def test_a_server_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, servers: list[str], code: int, expected: str | None
) -> None:
    states = {"d1": Reason("could not connect"), "d3": looked("d1", None), "d4": looked("d2", None)}
    monkeypatch.setattr(probe, "states_of", lambda ways: {node: states.get(node) for node in ways})
    answer = floatip("adopt", "--json", *servers)
    assert (answer.exit_code, answer.exception.__class__) == (code, SystemExit)
    assert (json.loads(answer.stdout)["error"]["code"] if answer.stdout else None) == expected


def looked(node: str, text: str | None) -> HostState:
    """A server with an interface, and with this file."""
    own = {"d1": "10.9.1.16/24", "d2": "10.9.1.61/24"}[node]
    files = {} if text is None else {"conf": File("644:root:root", text)}
    link = Link("eth1", True, frozenset({own, "10.9.1.6/24"}))
    return HostState(0, "debian", "12", True, {}, {}, (link,), False, files)


def test_a_template_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("vrrp_instance A {\n interface {{ NIC }}\n}\n")
    answer = floatip("adopt", "--json", f"d1={tmp_path}/one", f"d2={tmp_path}/one")
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "template")
