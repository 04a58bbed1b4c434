"""The pages that are made of the code, so that they say what it does: commands, findings, settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from floatip.cli import main
from floatip.language import telling
from floatip.language.telling import tell
from floatip.model.settings.documents import OF, default_of
from floatip.model.settings.kinds import KINDS
from floatip.model.settings.row import Scope, Setting
from floatip.operate.doctor.meanings import MEANINGS
from floatip.operate.doctor.model import Code
from tests.release import manual
from tests.site import russian

COMMANDS = {
    "en": (
        "# Commands",
        "Each command works from any directory. Exit codes: 0 good, 1 it failed on a server, 2 the input is wrong, "
        "3 it cannot be known. `--json` prints one document.",
        ("option", "what it does"),
    ),
    "ru": (
        "# Команды",
        "Каждая команда работает из любого каталога. Коды возврата: 0 — всё хорошо, 1 — ошибка на сервере, "
        "2 — неверные входные данные, 3 — узнать не удалось. С `--json` команда печатает один документ. "
        "Описания — те же, что показывает `floatip --language ru … --help`.",
        ("параметр", "что делает"),
    ),
}
FINDINGS = {
    "en": (
        "# Doctor’s findings",
        "`floatip doctor FILE` examines every server, listens in its network for four seconds, and changes nothing. "
        "The most likely cause comes first. With `--json`, each finding has its code.",
        ("code", "what it means"),
    ),
    "ru": (
        "# Что находит диагностика",
        "`floatip doctor ФАЙЛ` проверяет каждый сервер, четыре секунды слушает его сеть и ничего не меняет. "
        "Самая вероятная причина — первая. С `--json` у каждой причины есть код.",
        ("код", "что это значит"),
    ),
}
SCOPES = {
    Scope.SERVER: "Для каждого сервера: как на него войти",
    Scope.NODE: "Для каждого сервера: что о нём знает keepalived",
    Scope.MEMBER: "Для сервера в экземпляре: `vrrp`",
    Scope.INSTANCE: "Экземпляр: `vrrp_instances`",
    Scope.DEVICE: "Устройство, которым floatip не управляет: `foreign`",
    Scope.ADDRESS: "Плавающий адрес с параметрами: `virtual_ipaddress`",
    Scope.CHECK: "Проверка: `vrrp_scripts`",
    Scope.FILE: "Файл с числом: `track_files`",
    Scope.CLUSTER: "Для всего кластера",
}


def commands(language: str = "en") -> str:
    """What click says of each command."""
    title, before, head = COMMANDS[language]
    with telling.speaking(language):
        return _text(title, before, *(part for name in manual.commands() for part in _command(name, head)))


def _command(name: str, head: tuple[str, str]) -> Iterator[str]:
    command = manual.commands()[name]
    context = click.Context(command, click.Context(main, info_name="floatip", **main.context_settings), name)
    yield f"## floatip {name}"
    yield f"```text\nfloatip {name} {' '.join(command.collect_usage_pieces(context))}\n```"
    yield from (_escaped(" ".join(paragraph.split())) for paragraph in (command.help or "").split("\n\n"))
    records = [option.get_help_record(context) for option in command.get_params(context)]
    yield _table(head, [(f"`{record[0]}`", _escaped(record[1])) for record in records if record and record[1]])


def findings(language: str = "en") -> str:
    """What the doctor can find, in its order."""
    title, before, head = FINDINGS[language]
    rows = [(f"`{code}`", tell(MEANINGS[code], language)) for code in Code]
    return _text(title, before, _table(head, rows))


def settings_in_russian() -> str:
    """Every setting as its field in the browser explains it; the whole story is in English."""
    before = (
        "Здесь — все ключи файла, который описывает кластер, с краткими пояснениями. "
        "Подробнее, с примерами — на английской странице."
    )
    return _text("# Все параметры", before, *(part for scope in SCOPES for part in _scope(scope)))


def _scope(scope: Scope) -> Iterator[str]:
    yield f"## {SCOPES[scope]}"
    rows = [(f"`{row.key}`", _default_in_russian(row), _meaning_in_russian(row)) for row in OF[scope]]
    if scope is Scope.CHECK:
        yield _table(("вид", "что проверяется"), [(f"`{k}`", tell(kind.label, "ru")) for k, kind in KINDS.items()])
    yield _table(("ключ", "по умолчанию", "что это"), rows)


def _default_in_russian(row: Setting) -> str:
    default = default_of(row)
    return russian.DEFAULTS.get(default, default)


def _meaning_in_russian(row: Setting) -> str:
    """Its label and its help; where no page asks for it, or another form, what is written for this page."""
    if row.key in russian.AS_WRITTEN:
        return russian.AS_WRITTEN[row.key]
    said = [
        tell(part, "ru").replace(f" ({row.key})", "").rstrip(".") for part in (row.label, row.help) if part.template
    ]
    return "; ".join(said) or russian.KEYS.get(row.key) or f"(en) {row.doc}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    """Not Markdown: the help of a command is plain text, but for its `code`."""
    return text.replace("*", "\\*").replace("<", "&lt;").replace("[", "\\[")


def _text(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
