"""An inventory from the keepalived.conf of servers that run already."""

from __future__ import annotations

import click

from floatip.cli.shared import JSON, print_json, print_problems, refuse
from floatip.hosts.ssh_errors import visible
from floatip.keepalived import adopt as adopting
from floatip.model import inventory, parse


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="SERVER=KEEPALIVED.CONF...")
@click.option("--name", default="adopted", help="What the cluster shall be called.")
@JSON
def adopt(files: tuple[str, ...], name: str, as_json: bool) -> None:
    """Make an inventory of keepalived.conf files; what became of every other line goes to standard error."""
    found = adopting.adopt(_conf_files(files), {})
    hosts = [(node, {**found.hosts[node], "vrrp": vrrp}) for node, vrrp in found.vrrp.items()]
    parsed = parse.parse(name, hosts, found.data)
    if as_json:
        shown = [problem.as_dict() for problem in parsed.problems]
        findings = [finding.as_dict() for finding in found.findings]
        print_json(
            {
                "ok": parsed.cluster is not None,
                "hosts": hosts,
                "data": found.data,
                "findings": findings,
                "problems": shown,
            }
        )
    else:
        for finding in found.findings:
            fate = "kept" if finding.kept else "changed" if finding.changed else "left"
            styled, where = click.style(fate, fg=FATES[fate], bold=True), f"{finding.node}:{finding.line}"
            click.echo(
                f"{styled} {click.style(where, bold=True)}: {visible(finding.text)}\n     {visible(finding.why)}",
                err=True,
            )
        print_problems(parsed.problems)
        if parsed.cluster:
            click.echo(inventory.dumps(parsed.cluster), nl=False)
    raise SystemExit(0 if parsed.cluster else 2)


LARGEST = 1024 * 1024  # bytes of a keepalived.conf
FATES = {"kept": "cyan", "changed": "red", "left": "yellow"}


def _conf_files(arguments: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node, text in map(_conf_file, arguments):
        if node in found:
            refuse(f"{node} is named twice. Give each server one file.")
        found[node] = text
    return found


def _conf_file(argument: str) -> tuple[str, str]:
    node, sign, path = argument.partition("=")
    if not sign or not node:
        refuse(f"{argument!r} is not SERVER=FILE.")
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except ValueError:
        refuse(f"{argument!r} is not SERVER=FILE.")
    except OSError as error:
        refuse(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.")
    if len(content) > LARGEST:
        refuse(f"{path} is larger than {LARGEST // 1024} KiB.")
    return node, content.decode("utf-8", "replace")


COMMANDS = (adopt,)
