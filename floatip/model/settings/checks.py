"""The settings of a health check (`vrrp_script`), and the kinds of checks: what each looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from floatip.model import targets
from floatip.model.cluster import CheckKind
from floatip.model.messages import Said, say
from floatip.model.paths import CHECK_SCRIPT
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Whole

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of health check. `command`: target → the words that keepalived runs; `adopted`: the same the other way
    round, None for words of another kind; `host`: target → the host that it connects to, '' for none."""

    label: Said
    doc: str
    read: Callable[[object], str]
    command: Callable[[str], Words]
    adopted: Callable[[Words], str | None]
    host: Callable[[str], str] = lambda target: ""

    @property
    def scripted(self) -> bool:
        """Whether it is floatip's own script that looks."""
        return self is not KINDS["command"]


def _ours(kind: str, count: int, words: Words) -> Words | None:
    """What stands behind the name of a kind that floatip's script knows."""
    return words[2:] if words[:2] == (CHECK_SCRIPT, kind) and len(words) == 2 + count else None


def _one_word(kind: str) -> Callable[[Words], str | None]:
    return lambda words: (_ours(kind, 1, words) or (None,))[0]


def _tcp(words: Words) -> str | None:
    found = _ours("tcp", 2, words)
    return targets.joined(*found) if found else None


KINDS: Final[dict[CheckKind, Kind]] = {
    "process": Kind(
        label=say("a process runs"),
        doc="a name",
        read=targets.process,
        command=lambda target: (CHECK_SCRIPT, "process", target),
        adopted=_one_word("process"),
    ),
    "tcp": Kind(
        label=say("a TCP port is open"),
        doc='`"127.0.0.1:80"`',
        read=targets.tcp,
        command=lambda target: (CHECK_SCRIPT, "tcp", *targets.split_host_port(target)),
        adopted=_tcp,
        host=lambda target: targets.split_host_port(target)[0],
    ),
    "http": Kind(
        label=say("a web page answers"),
        doc='`"http://127.0.0.1/health"`',
        read=targets.http,
        command=lambda target: (CHECK_SCRIPT, "http", target),
        adopted=_one_word("http"),
        host=lambda target: targets.url_host_port(target)[0],
    ),
    "command": Kind(
        label=say("a command succeeds"),
        doc="an absolute path with arguments",
        read=targets.command,
        command=lambda target: tuple(target.split(" ")),
        adopted=" ".join,
    ),
}

CHECKS: tuple[Setting, ...] = (
    Setting(
        key="interval",
        scope=Scope.CHECK,
        value=Whole(1, 3600),
        default=2,
        always=True,
        doc="seconds between two looks",
        label=say("Seconds between two checks"),
        page="checks",
    ),
    Setting(
        key="timeout",
        scope=Scope.CHECK,
        value=Whole(1, 3600),
        default=2,
        always=True,
        doc="seconds until a look has failed",
        label=say("Seconds until a check times out"),
        page="checks",
    ),
    Setting(
        key="fall",
        scope=Scope.CHECK,
        value=Whole(1, 1000),
        default=2,
        always=True,
        doc="how many failures in a row change its state",
        label=say("Failures in a row until it counts"),
        page="checks",
    ),
    Setting(
        key="rise",
        scope=Scope.CHECK,
        value=Whole(1, 1000),
        default=2,
        always=True,
        doc="how many successes in a row change it back",
        label=say("Successes in a row until it is over"),
        page="checks",
    ),
    Setting(
        key="weight",
        scope=Scope.CHECK,
        value=Whole(-253, 253),
        default=0,
        always=True,
        doc="0: a failing check takes the server out; negative: subtracted from the priority while it fails; positive: "
        "added while it succeeds. A weight that could never move the address is refused",
        label=say("Weight"),
        help=say("0: a server that fails is out; else its priority changes by so much"),
        page="checks",
    ),
)
