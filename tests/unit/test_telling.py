"""The command line and the deploy in the language of whoever sits there; documents and events in English."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from floatip.change import summary
from floatip.change.landmarks import Landmark, landmark
from floatip.cli import MODULES, main, shared
from floatip.deploy.operations.naming import named
from floatip.deploy.session import lease_callback
from floatip.language import telling
from floatip.model.messages import Said, all_of, any_of, say
from floatip.model.paths import KEEPALIVED_CONF
from lab.paths import ROOT
from tests.unit.samples import practice

NAMES = ("FLOATIP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a computer without any language."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "environment, expected",
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:ru:en"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C.UTF-8", "LANGUAGE": "ru"}, "en"),
        ({"LANG": "C", "FLOATIP_LANGUAGE": "ru"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "FLOATIP_LANGUAGE": "xx"}, "ru"),
        ({"LANG": "/../ru"}, "en"),
    ],
)
def test_the_language_of_this_computer(
    environment: Mapping[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert telling.current() == expected


def test_what_is_filled_in_is_told_too() -> None:
    names = all_of(["d1", say("clients")])
    assert telling.tell(any_of(["d1", "d2", "d3"]), "ru") == "d1, d2 или d3"
    assert (str(all_of("abc")), str(all_of("a"))) == ("a, b and c", "a")
    assert telling.tell(say("{name}: {state}.", name=names, state=say("no port")), "ru") == "d1 и клиенты: нет порта."
    text = say("{node} takes over; clients wait at most {seconds} s.", node="d2", seconds="3.9")
    assert telling.tell(text, "ru") == "Адрес берёт d2; клиенты ждут не дольше 3,9\N{NO-BREAK SPACE}с."
    assert telling.tell(text, "en") == str(text)
    apart = say("not seen; apart for {apart} s; at the end: {end}", apart="4.40", end="d1")
    assert "врозь 4,40" in telling.tell(apart, "ru")
    assert telling.tell("10.9.1.6 {x}", "ru") == "10.9.1.6 {x}", "what a server said is no message"


def test_a_difference_is_headed_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"--- {KEEPALIVED_CONF} now", f"+++ {KEEPALIVED_CONF} then", "-  auth_pass … (another one)", "+  a now"]
    lines += ["--- deployed", "+++ undeployed"]
    monkeypatch.setenv(telling.VARIABLE, "ru")
    assert [shared.compared(line) for line in lines] == [
        f"--- {KEEPALIVED_CONF} (на сервере)",
        f"+++ {KEEPALIVED_CONF} (по инвентарю)",
        "-  auth_pass … (другой)",
        "+  a now",
        "--- что работает сейчас",
        "+++ что ещё не развёрнуто",
    ]


def test_the_language_ends_with_the_block() -> None:
    with telling.speaking("ru"):
        assert (telling.current(), os.environ["LANGUAGE"]) == ("ru", "ru")
    assert telling.current() == "en" and not {*NAMES} & {*os.environ}


@pytest.mark.parametrize("command", ["", *sorted(MODULES)])
def test_help(command: str) -> None:
    arguments = [command, "--help"] if command else ["--help"]
    text = CliRunner().invoke(main, ["--language", "ru", *arguments], prog_name="floatip").stdout
    assert text.startswith("Использование: floatip") and "Показать эту справку и выйти." in text
    english = CliRunner().invoke(main, arguments, prog_name="floatip").stdout
    assert english.startswith("Usage: floatip")
    lines = {line.strip() for line in english.splitlines() if len(line.split()) > 7}
    assert not lines & {line.strip() for line in text.splitlines()}


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["nothing"], "Ошибка: Нет такой команды: 'nothing'."),
        (["nothing"], "Использование: floatip [ПАРАМЕТРЫ] КОМАНДА [АРГУМЕНТЫ]..."),
        (["check"], "Ошибка: Не указан аргумент 'ФАЙЛ...'."),
        (["check", "--nothing", "x"], "Ошибка: Нет такого параметра: '--nothing'."),
        (["check", "nowhere.py"], "ошибка nowhere.py: nowhere.py не читается: "),
        (["drill", "x.py", "--max-outage", "soon"], "'soon' — не время вида 4s."),
    ],
)
def test_errors(arguments: list[str], expected: str) -> None:
    answer = CliRunner().invoke(main, arguments, env={"LANG": "ru_RU.UTF-8"}, prog_name="floatip")
    assert answer.exit_code == 2
    assert expected in answer.stderr


@pytest.mark.parametrize(
    "arguments", [["--language", "ru", "--wrong"], ["--wrong", "--language", "ru"], ["--language=ru", "--wrong"]]
)
def test_an_unknown_option_beside_the_language(arguments: list[str]) -> None:
    answer = CliRunner().invoke(main, arguments, env={"LANG": "C", "LC_ALL": "C"}, prog_name="floatip")
    assert answer.exit_code == 2
    assert "Ошибка: Нет такого параметра: '--wrong'." in answer.stderr


@pytest.mark.parametrize("arguments", [["--language", "xx"], ["--language"], ["--wrong"]])
def test_a_language_that_is_not_spoken_leaves_the_one_of_this_computer(arguments: list[str]) -> None:
    answer = CliRunner().invoke(main, arguments, env={"LANG": "C", "LC_ALL": "C"}, prog_name="floatip")
    assert answer.exit_code == 2
    assert "Error: " in answer.stderr


def test_a_document_is_in_english(tmp_path: Path) -> None:
    file = str(practice(tmp_path))
    text = CliRunner().invoke(main, ["--language", "ru", "check", "--explain", file]).stdout
    assert "клиенты ждут не дольше 3,9 с." in text, "a terminal gets a plain space: one searches for it"
    document = CliRunner().invoke(main, ["--language", "ru", "check", "--explain", "--json", file]).stdout
    assert json.loads(document) == json.loads(CliRunner().invoke(main, ["check", "--explain", "--json", file]).stdout)
    assert "d2 takes over; clients wait at most 3.9 s." in document


def test_a_step_is_named_in_the_language_and_keeps_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    step = say("Remove floatip from {node}", node="d1")
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    name = named(lambda *, name: name)(name=step)
    assert (name, name.template, name.values) == ("Удалить floatip с d1", step.template, step.values)
    proof = named(lambda *, name: name)(name=summary.PROVE)
    assert proof != summary.PROVE and landmark(proof) is landmark(summary.PROVE) is Landmark.PROVEN
    assert landmark(str(summary.PROVE)) is None, "the wording decides nothing"


@dataclass
class Step:
    """A step of a run, as pyinfra tells of it."""

    names: set[str]

    def get_op_meta(self, _: str) -> Step:
        """Itself."""
        return self


@pytest.mark.parametrize("name", [summary.PROVE, summary.LOOK])
def test_a_step_that_only_looks_needs_no_lease_in_any_language(name: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    said = telling.spoken(name)
    assert said != name
    assert not lease_callback._does_something(Step({said}), "")  # type: ignore[arg-type]


@pytest.mark.programs
def test_a_deploy_that_does_not_begin(tmp_path: Path) -> None:
    """pyinfra's own words stay English: it knows no other language."""
    file = tmp_path / "lab.py"
    server = '{"ssh_hostname": "127.0.0.1", "ssh_port": 9, "ssh_user": "root"}'
    file.write_text(f'lab = ([("d1", {server})], {{"vrrp_instances": {{}}}})\n')
    done = subprocess.run(
        [sys.executable, "-m", "pyinfra", "--config", "floatip/deploy/lifecycle/pyinfra_config.py", file, "deploy.py"],
        cwd=ROOT,
        env={**os.environ, "LANG": "ru_RU.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Не удалось подключиться к d1. Порт SSH не принимает соединений." in done.stdout + done.stderr
