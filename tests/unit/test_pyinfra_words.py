"""pyinfra's own words in Russian: whole phrases of its log, and nothing that anybody else said."""

from __future__ import annotations

import logging

import pytest
from click import style
from pyinfra import logger

from floatip.language import telling
from floatip.runs import pyinfra_words
from floatip.runs.pyinfra_words import Speaking, spoken

HEAD = "Operation       Hosts    Success    Error    No Change    "
ROW = "Install         2        1          -        1            "


@pytest.fixture(autouse=True)
def russian(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads it."""
    monkeypatch.setenv(telling.VARIABLE, "ru")


@pytest.mark.parametrize(
    "line, expected",
    [
        ("--> Loading inventory...", "--> Загрузка инвентаря…"),
        (
            f"{style('--> Starting operation:', 'blue')} {style('Hosts', bold=True)} ",
            f"{style('--> Шаг:', 'blue')} {style('Hosts', bold=True)} ",
        ),
        (f"[{style('d1', bold=True)}] {style('Success', 'green')}", f"[\x1b[1md1\x1b[0m] {style('Готово', 'green')}"),
        ("Loading: deploy.py", "Loading: deploy.py"),  # pyinfra gives the file a style of its own
        (f"Loading: {style('deploy.py', bold=True)}", f"Загрузка: {style('deploy.py', bold=True)}"),
        (HEAD, "Шаг             Серверы  Готово     Ошибки   Без изменений"),
        (ROW, ROW),
        ("Success of a step", "Success of a step"),
        ("d1 holds 10.9.1.6.", "d1 holds 10.9.1.6."),
    ],
)
def test_a_line_of_the_log(line: str, expected: str) -> None:
    assert spoken(line).rstrip() == expected.rstrip()


@pytest.mark.parametrize(
    "level, line, expected",
    [
        (logging.ERROR, "[d1] \x1b[31mSuccess\x1b[0m", "[d1] \x1b[31mSuccess\x1b[0m"),  # a line of the server's
        (
            logging.ERROR,
            "[d1] \x1b[31mError: \x1b[0mexecuted 3 commands",
            "[d1] \x1b[31mОшибка: \x1b[0mвыполнено команд: 3",
        ),
        (logging.WARNING, "--> \x1b[31mpyinfra error\x1b[0m: No hosts remaining!", None),
        (
            logging.ERROR,
            "[d1] \x1b[31mCould not connect (timed out)\x1b[0m",
            "[d1] \x1b[31mНет соединения (timed out)\x1b[0m",
        ),
        (logging.INFO, "[d1] \x1b[36mNo changes\x1b[0m", "[d1] \x1b[36mБез изменений\x1b[0m"),
    ],
)
def test_what_somebody_else_said_stays(level: int, line: str, expected: str | None) -> None:
    record = logging.LogRecord("pyinfra", level, "", 0, line, None, None)
    assert Speaking().filter(record)
    assert record.msg == (expected or "--> \x1b[31mошибка pyinfra\x1b[0m: Не осталось ни одного сервера.")


def test_a_line_that_python_fills_in() -> None:
    record = logging.LogRecord("pyinfra", logging.WARNING, "", 0, "%s%% of %s", (5, "d1  d2"), None)
    assert Speaking().filter(record)
    assert record.getMessage() == "5% of d1  d2"
    said = ("Failed to load host keys from %s: %s", ("/root/.ssh/known_hosts", "[Errno 2] none: 'x'"))
    record = logging.LogRecord("pyinfra", logging.WARNING, "", 0, *said, None)
    assert Speaking().filter(record)
    assert record.getMessage() == "Не прочитаны ключи хостов из /root/.ssh/known_hosts ([Errno 2] none: 'x')"


def test_english_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(telling.VARIABLE, "en")
    before = list(logger.filters)
    pyinfra_words.speak()
    assert logger.filters == before
