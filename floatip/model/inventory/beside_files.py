"""Files beside an inventory that floatip ships to the servers: their texts become part of the cluster."""

from __future__ import annotations

from pathlib import Path

from floatip.model import reasons
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.problems import Level, Problem
from floatip.model.settings.scripts import files, with_texts

LARGEST = 64 * 1024
SHEBANG = "#!"


def texts(cluster: Cluster, directory: Path | None, missing: Level) -> tuple[Cluster, tuple[Problem, ...]]:
    """The cluster with the texts of its files. `directory`: of the inventory; `missing`: how bad it is that a file
    cannot be had here."""
    found: dict[str, str] = {}
    problems = list[Problem]()
    for script, path in files(cluster):
        read = _read(script.file, directory, path, missing)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            found[script.file] = read
    return with_texts(cluster, found), tuple(problems)


def _read(name: str, directory: Path | None, path: str, missing: Level) -> str | Problem:
    try:
        with ((directory or Path()) / name).open("rb") as opened:
            content = opened.read(LARGEST + 1)
        text = content.decode("utf-8")
    except OSError as error:
        reason = reasons.of(error)
        message = say("The file {name} beside the inventory cannot be read: {reason}.", name=name, reason=reason)
        hint = say("Put it there. For a program on the servers, write its absolute path.")
        return Problem(path, "no-file", message, hint, missing)
    except UnicodeDecodeError:
        message = say("The file {name} is not UTF-8 text.", name=name)
        return Problem(path, "not-a-script", message, say("floatip ships scripts; put programs on the servers."))
    if len(content) > LARGEST or "\0" in text:
        message = say("The file {name} is no script of at most {most} KiB.", name=name, most=LARGEST // 1024)
        return Problem(path, "not-a-script", message, say("floatip ships scripts; put programs on the servers."))
    if not text.startswith(SHEBANG):
        message = say("The file {name} does not begin with #!, so keepalived could not start it.", name=name)
        return Problem(path, "not-a-script", message, say("Write #!/bin/sh into its first line."))
    return text
