"""Host keys that nobody has confirmed yet: what a server showed, and how it becomes known."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paramiko import PKey, SSHException
from paramiko.hostkeys import HostKeyEntry
from paramiko.pkey import UnknownKeyType

from floatip.model import paths
from wizard.drafts import Draft

HOST = re.compile(r"[\w.:%-]{1,255}|\[[\w.:%-]{1,255}\]:[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HostKey:
    """What a server showed. `host` as known_hosts writes it: `d1` or `[127.0.0.1]:2216`; `fingerprint`
    as `ssh-keygen -lf` prints it: SHA256:…"""

    server: str
    host: str
    key: PKey
    fingerprint: str
    file: str


def unknown(draft: Draft) -> list[HostKey]:
    """The keys of the servers that could not be looked at for want of a known one; nonsense is left out."""
    asked = ((name, answer.get("key")) for name, answer in draft.found.items() if isinstance(answer, dict))
    return [key for name, shown in asked if (key := _read(name, shown, draft))]


def confirm(keys: list[HostKey], fingerprints: set[str]) -> list[HostKey]:
    """Make those known that somebody has compared; gives those that still are not."""
    for key in keys:
        if key.fingerprint in fingerprints:
            _append(key)
    return [key for key in keys if key.fingerprint not in fingerprints]


def _read(server: str, shown: Any, draft: Draft) -> HostKey | None:
    try:
        host, text = str(shown["host"]), str(shown["base64"])
        key = PKey.from_type_string(str(shown["type"]), base64.b64decode(text, validate=True))
        fingerprint = key.fingerprint
    except (TypeError, KeyError, ValueError, OverflowError, SSHException, UnknownKeyType):
        return None
    data: dict[str, Any] = next((data for name, data in draft.hosts if name == server), {})
    file = str(data.get("ssh_known_hosts_file") or "~/.ssh/known_hosts")
    whole = key.get_base64() == text  # paramiko reads zeros behind the end
    good = HOST.fullmatch(host) and whole and len(text) < 8192
    return HostKey(server, host, key, fingerprint, file) if good else None


def _append(key: HostKey) -> None:
    path = paths.ROOT / Path(key.file).expanduser()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing_break = path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(("\n" if missing_break else "") + str(HostKeyEntry([key.host], key.key).to_line()))
