"""Passwords of VRRP: outside of inventories, sealed in every text, and open only on the way to a server."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from floatip.change import differences
from floatip.change.plan import Kind, Live, make
from floatip.deploy.operations import keepalived
from floatip.hosts import host_answer, host_script, includes
from floatip.hosts.host_state import HostState
from floatip.keepalived.adopt import adopt
from floatip.keepalived.conf import Included, lines, masked, masked_apart
from floatip.keepalived.conf.masking import MASK
from floatip.keepalived.render import keepalived_conf
from floatip.model import inventory, passwords
from floatip.model.cluster import Cluster
from floatip.model.inventory import dumps
from floatip.model.problems import Level, errors
from floatip.server_side import shell
from tests.examples import examples
from tests.unit.samples import found, parsed, put, text
from tests.unit.test_settings import shared

CANARY = "cAn7ry-x"
OURS = "env:FLOATIP_TEST"


def cluster(value: str = CANARY, source: str = OURS) -> Cluster:
    """A cluster with this password."""
    read = parsed(shared(authentication=source)).cluster
    assert read is not None
    done, problems = passwords.resolved(read, Level.ERROR, {"FLOATIP_TEST": value})
    assert problems == ()
    return done


def codes(value: str | None, source: str = OURS) -> list[tuple[str, Level]]:
    """What is wrong with a password."""
    cluster = parsed(shared(authentication=source)).cluster
    assert cluster is not None
    _, problems = passwords.resolved(cluster, Level.WARNING, {} if value is None else {"FLOATIP_TEST": value})
    assert all(problem.path == "vrrp_instances.VI_1.authentication" for problem in problems)
    assert value is None or not value or all(value not in f"{problem.message} {problem.hint}" for problem in problems)
    return [(problem.code, problem.level) for problem in problems]


@pytest.mark.parametrize(
    "raw", ["hunter2", "env:", "env:1x", "env:A B", "file:x", "file:", "vault:x", "", "file:/a\nb"]
)
def test_what_is_no_source_is_not_shown(raw: str) -> None:
    problems = [
        problem
        for problem in errors(parsed(shared(authentication=raw)).problems)
        if problem.path.endswith("authentication")
    ]
    assert problems
    assert raw in ("", "env:", "file:") or all(raw not in f"{problem.message} {problem.hint}" for problem in problems)


def test_it_is_only_for_devices_that_ask_for_it() -> None:
    path = "vrrp_instances.VI_1.authentication"
    assert found(put("VI_1.authentication", OURS)) == {(path, "needless-password")}
    assert found(shared(authentication=OURS, version=3)) == {(path, "password-version")}
    assert found(shared(authentication=OURS)) == set()
    for line in ("auth_pass x", "auth_type PASS", "authentication {"):
        assert ("vrrp_instances.VI_1.extra_lines.0", "managed-line") in found(put("VI_1.extra_lines", [line]))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "empty"),
        ("123456789", "long-password"),
        *((f"ab{sign}cd", "bad-password") for sign in "#! \t\"'{}\\$~éд\x07\u00a0"),
    ],
)
def test_what_keepalived_would_cut_is_refused(value: str, code: str) -> None:
    assert codes(value) == [(code, Level.ERROR)]


def test_one_that_is_not_there() -> None:
    assert codes(None) == [("no-password", Level.WARNING)]
    assert codes("x", "file:/nowhere/at/all") == [("no-password", Level.WARNING)]
    cluster = parsed(shared(authentication=OURS)).cluster
    assert cluster is not None
    assert "        auth_pass …\n" in keepalived_conf(cluster, "d1"), "a preview knows none"


@pytest.mark.parametrize("content", [f"{CANARY}\n", CANARY, f"{CANARY}\r\nmore"])
def test_one_in_a_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret").write_text(content)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "lab.py").write_text(text(shared(authentication=f"file:{tmp_path}/secret")))
    (read,) = inventory.read(tmp_path / "lab.py")
    assert read.cluster is not None
    conf = keepalived_conf(read.cluster, "d1")
    assert CANARY not in conf
    assert CANARY in passwords.opened(conf)
    assert CANARY not in repr(read)
    assert CANARY not in dumps(read.cluster)


@pytest.mark.parametrize(("mode", "codes"), [(0o600, []), (0o640, ["password-exposed"]), (0o604, ["password-exposed"])])
def test_a_file_that_others_can_read(tmp_path: Path, mode: int, codes: list[str]) -> None:
    (tmp_path / "secret").write_text(CANARY)
    (tmp_path / "secret").chmod(mode)
    cluster = parsed(shared(authentication=f"file:{tmp_path}/secret")).cluster
    assert cluster is not None
    _, problems = passwords.resolved(cluster, Level.ERROR)
    assert [(problem.code, problem.level) for problem in problems] == [(code, Level.WARNING) for code in codes]


def test_a_seal_is_opened_only_on_the_way_to_a_server() -> None:
    conf = keepalived_conf(cluster(), "d1")
    assert CANARY not in conf
    assert f"        auth_pass {CANARY}\n" in shell.encode(conf).decode()
    assert shell.checksum(conf) == shell.checksum(passwords.opened(conf)), "as the server will find it"
    for script in (keepalived.stage_script(conf), keepalived.activate_script(conf, was=conf)):
        assert shell.PRIVATE in script, "it goes over standard input"
        assert CANARY not in script
    without = parsed().cluster
    assert without is not None
    assert shell.PRIVATE not in keepalived.stage_script(keepalived_conf(without, "d1"))
    assert shell.PRIVATE not in keepalived.live_script()


def test_a_shell_sees_the_file_itself(tmp_path: Path) -> None:
    conf = keepalived_conf(cluster(), "d1")
    script = shell.script(f"floatip_new {tmp_path}/x", f"floatip_fill {shell.content(conf)}", 'cat "$new"')
    done = subprocess.run(["sh", "-c", 'eval "$(cat)"'], input=script, capture_output=True, text=True, check=True)
    assert done.stdout == passwords.opened(conf)
    assert CANARY in done.stdout


CONF = "vrrp_instance VI_1 {{\n    authentication {{\n        auth_type PASS\n        auth_pass {}\n    }}\n}}\n"


@examples(200)
@given(some.text(some.characters(exclude_characters="\n\r", codec="utf-8")), some.text())
def test_whatever_is_sealed_can_be_opened(value: str, rest: str) -> None:
    for whole in (CONF.format(value), rest, f"{rest}auth_pass {value}"):
        assert passwords.opened(passwords.sealed(whole)) == whole
        assert passwords.sealed(passwords.sealed(whole)) == passwords.sealed(whole)


def answered(live: str, *included: Included) -> HostState:
    """A server that has this file."""
    lines = [f"{host_script.MARK}=1", "uid=0", "links=[]", *(f"included={includes.written(file)}" for file in included)]
    text = base64.b64encode(live.encode()).decode()
    return host_answer.parse([*lines, *(f"file={key} 640:root:root {text}" for key in host_answer.CONFIGURATIONS)])


def test_what_a_server_has_is_sealed_when_it_is_read() -> None:
    live = CONF.format(CANARY)
    found = answered(live)
    for key in host_answer.CONFIGURATIONS:
        text = found.text(key) or ""
        assert CANARY not in text
        assert passwords.opened(text) == live


@pytest.mark.parametrize("used", ["$PW", "${PW}"])
def test_a_password_that_a_definition_has_is_sealed_there(used: str) -> None:
    definition, live = f"@d1 $PW={CANARY}   # ours\n$OTHER=9\n", f"include a\n{CONF.format(used)}"
    found = answered(live, Included("/etc/keepalived", "a", "/etc/keepalived/a", definition))
    found = replace(found, host="d1")
    assert CANARY not in repr((found.files, found.included, found.conf)) + found.included[0].text
    assert "9" in found.included[0].text and used in (found.text("conf") or "")
    assert passwords.opened(found.included[0].text) == definition
    assert lines(passwords.opened(found.conf or "")) == lines(CONF.format(CANARY))
    shown = masked(definition + live)
    assert CANARY not in shown and "$OTHER=9" in shown
    assert CANARY not in repr(adopt({"d1": found.source}, {})) + repr(adopt({"d1": definition + live}, {}))


@pytest.mark.parametrize(
    "text",
    [
        f"$A=$B\n$B={CANARY}\nauth_pass $A\n",
        f"$B={CANARY}\n@d1 $A=${{B}}\nauth_pass ${{A}}\n",
        f"$A={CANARY}\nauth_pass x${{A}}y\n",
        f"$A=x${{B}}\n$B={CANARY}\nauth_pass $A\n",
        f"$A=$A\n$A={CANARY}\nauth_pass $A\n",
    ],
)
def test_no_definition_behind_another_shows_it(text: str) -> None:
    assert CANARY not in masked(text) and CANARY not in passwords.sealed(text)
    assert passwords.opened(passwords.sealed(text)) == text
    assert CANARY not in repr(adopt({"d1": text + CONF.format("$A")}, {}))


def test_a_password_that_is_half_a_definition_is_not_expanded() -> None:
    """It is sealed as a whole, and would be another one without the definition."""
    found = answered("$A=1\n" + CONF.format("x${A}"))
    assert found.conf == found.text("conf")


def test_a_definition_of_several_lines_goes_on_behind_a_masked_password() -> None:
    assert masked("$A=x { \\\n auth_pass s \\\n }") == f"$A=x {{ \\\n auth_pass {MASK} \\\n }}"


def test_equal_ones_are_equal_and_others_are_told() -> None:
    wanted = keepalived_conf(cluster(), "d1")
    same, other = (passwords.sealed(passwords.opened(wanted).replace(CANARY, secret)) for secret in (CANARY, "0ther"))
    assert not differences.differs(same, wanted)
    assert differences.differs(other, wanted)
    lines = differences.difference(other, wanted)
    assert [line for line in lines if "auth_pass" in line] == [
        "-        auth_pass … (another one)",
        "+        auth_pass … (the wanted one)",
    ]
    unknown = parsed(shared(authentication=OURS)).cluster
    assert unknown is not None
    assert not differences.differs(other, keepalived_conf(unknown, "d1")), "nobody can tell here"
    assert differences.differs(other.replace("priority 150", "priority 7"), keepalived_conf(unknown, "d1"))


def test_another_one_is_another_identity() -> None:
    first, other = cluster(), cluster("0ther")
    held = {"d1": frozenset({"10.9.1.6"}), "d2": frozenset[str]()}
    live = {name: Live(keepalived_conf(first, name), True, False, held[name]) for name in held}
    assert make(first, {name: keepalived_conf(first, name) for name in held}, live).kind is Kind.NOTHING
    assert make(other, {name: keepalived_conf(other, name) for name in held}, live).kind is Kind.IDENTITY


def test_what_is_shown_has_none() -> None:
    conf = passwords.opened(keepalived_conf(cluster(), "d1"))
    assert CANARY not in masked(conf)
    assert all(CANARY not in text for text in masked_apart(conf, conf.replace(CANARY, "0ther")))
    assert passwords.hidden(f"keepalived: {CANARY} is bad, not {CANARY}s") == f"keepalived: … is bad, not {CANARY}s"


def test_an_inventory_keeps_the_source() -> None:
    cluster = parsed(shared(authentication="file:~/secret")).cluster
    assert cluster is not None
    assert '"authentication": "file:~/secret"' in dumps(cluster)
