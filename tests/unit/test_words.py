"""Plain words: some are kept out of what people read, and English out of the Russian.

Words only: no judgement of grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog

from floatip.language import __main__ as catalogues
from lab.paths import ROOT
from tests.site import pages as site

BANNED = {
    r"shall": "will, or must",
    r"of note": "important",
    r"mend(s|ed|ing)?": "fix",
    r"spoilt|spoil": "break",
    r"likeliest": "most likely",
    r"dies|died": "fails, or crashes",
    r"stands? by": "is a backup, is on standby",
    r"stands? in for": "replaces",
    r"in vain": "say what did not happen",
    r"(goes|go|comes?) home": "moves back",
    r"(says? )?goodbye": "announces that it stops",
    r"look(s|ed|ing)? again": "retry",
    r"go on\?": "Continue?",
    r"as it was": "unchanged",
    r"nobody that": "no server",
    r"(?<!all )(is|are) (not )?well": "healthy",
    r"not fit": "cannot take over",
    r"look(ed|s)? after": "manage, or maintain",
    r"lets? go of": "releases",
    r"drills?": "failover test; the command is `floatip drill`",
    r"the promise (held|did not hold)": "within the predicted time",
    r"in other words": "leave it out",
    r"hereby|thereof|therein|whence": "leave it out",
    r"(?<=\w) - (?=\w)": "an en dash, or a new sentence",
}
"""What is not said → what is."""
BANNED_RUSSIAN = {
    r"мастер\w*": "установщик: the other word collides with MASTER",
    r"нод(а|ы|у|е|ой|ам|ах)?": "сервер",
    r"сценари\w+": "скрипт",
    r"дрил\w+": "проверка переключения",
    r"прощ\w+": "сообщает об остановке",
    r"данн(ый|ая|ое|ые) (сервер|кластер|файл)\w*": "этот",
    r"является|являются": "a dash",
    r"пожалуйста": "leave it out",
    r"хост-ключ\w*": "ключ хоста",
    r"(?<=\w) - (?=\w)": "an em dash",
}
RUSSIAN_TERMS = {
    r"узел|узла|узлы|узлов": "сервер, or хост",
    r"межсетев\w+|брандмауэр\w*": "файрвол",
    r"код(а|ы|ов)? (завершения|выхода)": "код возврата",
    r"держател\w+": "владелец адреса",
    r"(?<!файл с )описани\w+ кластера": "инвентарь, where it was explained",
    r"переех\w+|переезж\w+|перемести\w*|перемещ\w+": "переключаться, or перенести",
}
"""What a message calls otherwise: one word for one thing."""
MARKED = re.compile(r"```.*?```|^    .*?$|`[^`]*`|<[^>]*>|\]\([^)]*\)|https?://\S+", re.DOTALL | re.MULTILINE)
"""Commands, files and the like: what a computer calls things, not we."""
FILLED_IN = re.compile(r"\{\w*(?:![rsa])?\}|%\(\w+\)s|\{\{.*?\}\}")
TERMS = {
    *("floatip", "keepalived", "pyinfra", "systemd", "networkd", "NetworkManager", "firewalld", "nftables", "iptables"),
    *(
        "ufw",
        "nft",
        "rsyslog",
        "Debian",
        "Linux",
        "Python",
        "Windows",
        "nginx",
        "HAProxy",
        "apt",
        "bash",
        "chsh",
        "ssh",
    ),
    *("unicast", "multicast", "link-local", "loopback", "masked", "split", "brain", "sudo", "root", "nobody"),
    *("Ctrl-C", "Enter", "IPv", "http", "https", "zip", "base", "all"),
}
"""Names of programs, of keys and of the field that Russian has no other word for."""
KEYWORDS = {
    *(
        "True",
        "False",
        "None",
        "true",
        "false",
        "authentication",
        "foreign",
        "version",
        "vrrp",
        "nopreempt",
        "env",
        "file",
    ),
    *("default", "dev", "via", "from", "table", "priority", "weight", "noprefixroute", "preferred"),
    *("global", "site", "link", "host", "nowhere"),
    *("router", "routers", "server", "load", "eth", "ens", "www"),
    *("move", "wizard"),
}
"""What stands in an inventory, in keepalived.conf, or in a command."""


@cache
def messages() -> tuple[str, ...]:
    """Whatever the sources can say, in English."""
    return tuple(form for message in catalogues.said() if message.id for form in catalogues.forms(message.id))


def pages() -> Iterator[tuple[str, str]]:
    """(name, text) of what is read without the program; of the history only what is not released yet."""
    documentation = [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    for path in (*documentation, ROOT / "README.md", ROOT / "SECURITY.md"):
        yield str(path.relative_to(ROOT)), path.read_text()
    yield "CHANGELOG.md", re.split(r"^## (?!Unreleased)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[0]


def found(words: str, text: str) -> list[str]:
    """The lines of a text that have one of these words, where it is prose."""
    bounded = words if words.startswith("(?<=") else rf"(?<![\w`/.-])(?:{words})(?![\w`/-])"
    pattern = re.compile(bounded, re.IGNORECASE)
    lines = FILLED_IN.sub("X", MARKED.sub("X", text)).splitlines()
    return [line.strip() for line in lines if pattern.search(line)]


@pytest.mark.parametrize("words", BANNED)
def test_a_word_that_nobody_has_to_translate_for_themselves(words: str) -> None:
    rows = [("a message", line) for message in messages() for line in found(words, message)]
    rows += [(name, line) for name, text in pages() for line in found(words, text)]
    assert rows == [], BANNED[words]


@pytest.mark.parametrize(
    "text, words",
    [
        ("It shall be so.", r"shall"),
        ("Fix it - then retry.", r"(?<=\w) - (?=\w)"),
        ("Nothing is done unless it is well.", r"(?<!all )(is|are) (not )?well"),
        ("d1 says goodbye.", r"(says? )?goodbye"),
    ],
)
def test_a_banned_word_is_found(text: str, words: str) -> None:
    assert words in BANNED and found(words, text) == [text]
    assert found(words, f"Run `{text}`") == []


def russian_pages() -> Iterator[tuple[str, str]]:
    """(name, text) of what is read without the program, and of the pages that are made of the code."""
    for path in (*sorted((ROOT / "docs" / "ru").glob("*.md")), ROOT / "README.ru.md"):
        yield str(path.relative_to(ROOT)), path.read_text()
    for name, made in site.MADE["ru"].items():
        yield name, made()


def russian() -> Iterator[tuple[str, str]]:
    """(English, Russian) of every form of every message."""
    for _, file in catalogues.files():
        catalog: Catalog = catalogues.translated(file)
        for message in catalog:
            if message.id:
                english = " ".join(catalogues.forms(message.id))
                yield from ((english, form) for form in catalogues.forms(message.string or ""))


@pytest.mark.parametrize("words", [*BANNED_RUSSIAN, *RUSSIAN_TERMS])
def test_a_russian_word_that_means_something_else(words: str) -> None:
    lines = [line for _, text in russian() for line in found(words, text)]
    lines += [line for _, text in russian_pages() for line in found(words, text)]
    assert lines == [], {**BANNED_RUSSIAN, **RUSSIAN_TERMS}[words]


def latin(text: str) -> set[str]:
    """The Latin words of a Russian text that are neither marked, nor filled in, nor what a file or a program says."""
    rest = FILLED_IN.sub(" ", MARKED.sub(" ", text))
    rest = re.sub(r"\([\w, ]*\w+_\w+[\w, ]*\)|\(\w+\)", " ", rest)  # the key of a setting, behind its label
    rest = re.sub(
        r"\S*[/_=:@.\\{}\"'\[\]…]+[A-Za-z]\S*|[A-Za-z]\S*[/_=@\\{}\"'\[\]]\S*|--?[a-z-]+|\S+\.(conf|py|log)", " ", rest
    )
    return {
        word
        for word in re.findall(r"[A-Za-z][A-Za-z-]{2,}", rest)
        if word not in TERMS | KEYWORDS and not word.isupper()
    }


def test_no_english_in_the_russian() -> None:
    assert {text: words for _, text in russian() if (words := latin(text))} == {}


def test_a_value_is_called_in_a_message_as_in_the_help() -> None:
    values = re.compile(r"\b(FILE|SERVER|USER|NODE|NEW)\b")
    assert [text for _, text in russian() if values.search(text)] == []


def test_a_number_stays_on_the_line_of_its_unit() -> None:
    parted = re.compile(r"(?:[0-9]|seconds\}|number\}|seconds\)s|number\)s) (?:с[,.:;)]|с$|мс\b|мин\b|ч\b|КиБ\b|МБ\b)")
    assert [text for _, text in russian() if parted.search(text)] == []


def test_nothing_is_left_in_english() -> None:
    """A translation that is the English itself says nothing but names."""
    same = [text for english, text in russian() if english == text]
    assert [text for text in same if latin(text)] == []


def test_english_is_found() -> None:
    assert latin("Сервер is down") == {"down"}
    assert latin("Задайте `systemctl start x` и ssh_key, {name} (track_script)") == set()
