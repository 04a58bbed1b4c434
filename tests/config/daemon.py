"""keepalived of a Debian release, asked what it makes of a configuration."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import layers
from lab.image import Image
from lab.layers import State
from tests.config.dump import Dump, read_dump
from tests.strategies import INTERFACES

INSIDE = Path(__file__).with_name("inside.py")
NAMESPACES = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")


@dataclass(frozen=True, slots=True)
class Answer:
    """`keepalived -t`: exit code and messages. `keepalived -d`: the configuration as it was understood."""

    code: int
    messages: list[str]
    dump: Dump


class Daemon:
    """The daemon of one image, in a layer of its own above those of a host that has the packages."""

    def __init__(self, image: Image, place: Path) -> None:
        """`place` is an empty directory for the layer."""
        layers.ensure([(State.READY, image.suite)])
        lowers = [*layers.of(State.READY, image.suite, "d1"), image.tree]
        self.suite, self.layers = image.suite, {"lower": ":".join(map(str, lowers))}
        for name in ("upper", "work", "root"):
            (place / name).mkdir()
            self.layers[name] = str(place / name)

    def ask(
        self, configurations: Sequence[str], beside: Mapping[str, str] | None = None, hosts: Sequence[str] = ()
    ) -> list[Answer]:
        """What the daemon says to each of these files, in order. `beside`: name → text of files in its directory;
        `hosts`: the host name that each of them is read on."""
        batch = {
            "beside": dict(beside or {}),
            "hosts": list(hosts),
            "layers": self.layers,
            "interfaces": list(INTERFACES),
            "configurations": list(configurations),
        }
        command = ["unshare", *NAMESPACES, sys.executable, "-I", str(INSIDE)]
        done = subprocess.run(command, input=json.dumps(batch), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return [_answer(found) for found in json.loads(done.stdout)]


def _answer(found: dict[str, Any]) -> Answer:
    messages = [line for line in found["messages"].splitlines() if line.strip()]
    return Answer(found["code"], messages, read_dump(found["dump"]))
