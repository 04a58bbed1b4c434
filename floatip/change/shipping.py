"""The files beside the inventory that stand on the servers: put there before the configuration names them, and taken
away once nothing does. Another text is another file, so the one that runs is never overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from floatip.hosts.host_script import SHIPPED
from floatip.hosts.host_state import HostState, same
from floatip.model import diffs
from floatip.model.cluster import Cluster
from floatip.model.paths import SCRIPTS
from floatip.model.settings.scripts import named, shipped
from floatip.server_side import shell

MODE = "0755"


def wanting(cluster: Cluster, name: str, found: HostState) -> dict[str, str]:
    """Path → text of those that a server lacks, or that somebody changed there."""
    return {
        path: text for path, text in shipped(cluster, name).items() if not same(found.files.get(_key(path)), text, MODE)
    }


def left(cluster: Cluster, name: str, found: HostState) -> list[str]:
    """The paths of those that nothing names any more."""
    return sorted(set(there(found)) - named(cluster, name))


def there(found: HostState) -> list[str]:
    """The paths of all that are there."""
    return [f"{SCRIPTS}/{key.removeprefix(SHIPPED)}" for key in found.files if key.startswith(SHIPPED)]


def put(texts: dict[str, str]) -> str | None:
    """What a server runs to get them; None for none. Whoever runs one has to reach it."""
    if not texts:
        return None
    return shell.script(
        f"mkdir -p {SCRIPTS}",
        f"chmod 0755 {SCRIPTS}",
        *(shell.put(path, text, MODE) for path, text in sorted(texts.items())),
    )


def away(gone: list[str]) -> list[str]:
    """The lines that take them away, and their directory with the last of them."""
    if not gone:
        return []
    return [
        f"rm -f {' '.join(map(quote, gone))}",
        f"if [ -d {SCRIPTS} ]; then rmdir --ignore-fail-on-non-empty {SCRIPTS}; fi",
    ]


def differences(cluster: Cluster, name: str, found: HostState) -> Iterator[str]:
    """The lines of a diff of each that is another than it should be."""
    for path, text in wanting(cluster, name, found).items():
        yield from diffs.of_file(path, found.text(_key(path)) or "", text)


def _key(path: str) -> str:
    return f"{SHIPPED}{path.rpartition('/')[2]}"
