"""SSH keys of the lab: one for the operator, a fixed one per host, and the `known_hosts` that names them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lab.names import spec
from lab.paths import HOST_KEYS, KEY, KNOWN_HOSTS, LAB, lock
from lab.shell import run


def ensure(names: Iterable[str]) -> None:
    """Make what is missing: the operator's key, a host key for each of `names`, and `known_hosts`."""
    with lock(LAB / "keys.lock"):
        _make(KEY, "floatip lab")
        for name in names:
            _make(host_key(name), name)
        text = "".join(_known_line(path.name) for path in sorted(HOST_KEYS.glob("*")) if path.suffix != ".pub")
        if not KNOWN_HOSTS.exists() or KNOWN_HOSTS.read_text() != text:
            fresh = KNOWN_HOSTS.with_suffix(".new")
            fresh.write_text(text)
            fresh.replace(KNOWN_HOSTS)


def host_key(name: str) -> Path:
    """The private key that the host `name` shows; its public half lies beside it with `.pub`."""
    return HOST_KEYS / name


def public(path: Path) -> str:
    """The public half of the key at `path`, one line."""
    return path.with_name(path.name + ".pub").read_text()


def _make(path: Path, comment: str) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])


def _known_line(name: str) -> str:
    kind, key, *_ = public(host_key(name)).split()
    return f"[127.0.0.1]:{spec(name).port} {kind} {key}\n"
