"""The files that an inventory becomes; the wizard."""

from __future__ import annotations

from pathlib import Path

import click

from floatip.cli.shared import FILE, JSON, print_json, refuse, usable
from floatip.keepalived import render
from floatip.keepalived.conf import masked
from floatip.model import reasons
from floatip.model.messages import say
from floatip.runs import storage


@click.command("render")
@FILE
@click.option("--node", metavar="SERVER", help="Only the configuration of this server.")
@JSON
def render_(file: Path, node: str | None, as_json: bool) -> None:
    """Print the keepalived.conf of each server.

    Byte for byte as the deploy writes it, except for a password.
    """
    texts = {
        server.name: masked(render.keepalived_conf(cluster, server.name))
        for cluster in usable(file, as_json)
        for server in cluster.nodes
        if node in (None, server.name)
    }
    if node is not None and not texts:
        refuse(say("{file} has no server {node}.", file=file, node=repr(node)))
    if as_json:
        print_json(texts)
    elif node is not None:
        click.echo(texts[node], nl=False)
    else:
        for name, text in texts.items():
            click.echo(click.style(f"──── {name}", bold=True))
            click.echo(text)


@click.command()
@click.option(
    "--port", metavar="PORT", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; default: a free one."
)
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option(
    "--inventories",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory of the inventories; default: ./inventories if it exists, else ~/.local/share/floatip/inventories.",
)
def wizard(port: int, no_browser: bool, inventories: Path | None) -> None:
    """Open the wizard in the browser.

    The first line of the output is the link that opens it, once.
    """
    from wizard.serve import serve  # Flask is for those who ask for it

    try:
        serve(port, inventories or storage.inventories(), browser=not no_browser)
    except OSError as error:
        reason = reasons.of(error)
        refuse(say("127.0.0.1:{port} cannot be used: {reason}.", port=port, reason=reason))


COMMANDS = (render_, wizard)
