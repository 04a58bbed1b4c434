"""A cluster under another name, as the wizard does it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from floatip.cli.shared import FILE, JSON, mark, only, print_json, print_problems
from floatip.model.messages import say
from floatip.operate.renaming import Refused
from floatip.runs import storage


@click.command()
@FILE
@click.argument("name", metavar="NEW")
@JSON
def rename(file: Path, name: str, as_json: bool) -> None:
    """Rename a cluster.

    FILE becomes NEW.py in the same directory, with all its comments. The drafts of the wizard, the history and the
    reports of failover tests follow. Refused if NEW.py exists, and while a run or a failover test of the cluster is
    under way.

    No server is asked or changed: the next deploy writes the new name into their files. Change the floating addresses
    only after that deploy.
    """
    from wizard import context, renaming  # Flask is for those who ask for it

    only(file, as_json)
    here = context.made(storage.state_directory(), file.parent)
    try:
        renaming.rename(here, file.stem, name, drafts=not _another(file))
    except Refused as refused:
        if as_json:
            print_json({"ok": False, "problems": [refused.problem.as_dict()]})
        else:
            print_problems([replace(refused.problem, path="")])  # there is but one name to get wrong
        raise SystemExit(2) from None
    target = file.with_name(f"{name}.py")
    if as_json:
        print_json({"ok": True, "file": str(target), "name": name, "was": file.stem})
    elif name == file.stem:
        mark("●", "green", say("{file} keeps its name.", file=file))
    else:
        renamed = say(
            "{file} is now {target}. The next deploy writes the new name on the servers.", file=file, target=target
        )
        mark("●", "green", renamed)


def _another(file: Path) -> bool:
    """Whether the wizard's own directory has another file of this name, whose drafts they are then."""
    own = storage.inventories() / file.name
    return own.exists() and not own.samefile(file)


COMMANDS = (rename,)
