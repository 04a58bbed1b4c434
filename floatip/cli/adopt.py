"""An inventory from the keepalived.conf of servers that run already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

from floatip.cli import adopt_servers, answers, conf_files
from floatip.cli.shared import JSON, print_json, print_problems, refuse
from floatip.hosts.ssh_errors import visible
from floatip.keepalived import adopt as adopting
from floatip.keepalived.adopt import Adopted, Together, together
from floatip.keepalived.conf import Source
from floatip.model import address_fields, fields, inventory, parse
from floatip.model.parse import Parsed

ADDRESS = click.option(
    "--address",
    "given",
    multiple=True,
    metavar="SERVER=ADDRESS/PREFIX",
    help="A server's own address, as `ip -brief address` shows it there. Once for each.",
)
SSH_CONFIG = click.option("--ssh-config", help="Another file than ~/.ssh/config that says how servers are reached.")
YES = click.option("--yes", is_flag=True, help="Take the obvious answer to every question.")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="USER@SERVER|SERVER=KEEPALIVED.CONF...")
@click.option("--name", default="adopted", help="Name of the cluster.")
@ADDRESS
@SSH_CONFIG
@YES
@JSON
def adopt(
    files: tuple[str, ...], name: str, given: tuple[str, ...], ssh_config: str | None, yes: bool, as_json: bool
) -> None:
    """Make an inventory of what servers run, or of keepalived.conf files.

    USER@SERVER is read by SSH: its file and what that includes, its interfaces and addresses. Nothing is changed there.
    FILE may include others below its own folder. What became of the other lines goes to standard error. What the files
    cannot decide is asked in a terminal; anywhere else the obvious answer is taken, and noted in the inventory.
    """
    ways = adopt_servers.ways([argument for argument in files if adopt_servers.is_server(argument)], ssh_config)
    states = adopt_servers.read(ways, as_json=as_json)
    sources = {node: state.source for node, state in states.items()}
    sources |= conf_files.read([argument for argument in files if not adopt_servers.is_server(argument)], sources)
    _no_templates(sources, as_json=as_json)
    addresses = _addresses(given, sources, {node: state.addresses for node, state in states.items()})
    asks = not (yes or as_json) and answers.possible()
    found, asked = answers.asked(sources, addresses) if asks else (adopting.adopt(sources, addresses), False)
    hosts: list[tuple[str, dict[str, Any]]] = [
        (node, {**ways.get(node, {}), **found.hosts[node], "vrrp": vrrp}) for node, vrrp in found.vrrp.items()
    ]
    parsed = parse.parse(name, hosts, found.data)
    if as_json:
        _print_document(found, hosts, parsed)
    else:
        for group in together(found.findings):
            _print_finding(group)
        if not asked:
            answers.print_questions(found.questions)
        print_problems(parsed.problems)
        if parsed.cluster:
            text = inventory.dumps(parsed.cluster)
            click.echo(text if asked else answers.noted(text, found.questions), nl=False)
    raise SystemExit(0 if parsed.cluster else 2)


FATES = {"kept": "cyan", "changed": "red", "left": "yellow"}
SHOWN = 3  # lines of a finding


def _print_document(found: Adopted, hosts: Sequence[tuple[str, dict[str, Any]]], parsed: Parsed) -> None:
    print_json(
        {
            "ok": parsed.cluster is not None,
            "hosts": hosts,
            "data": found.data,
            "questions": [question.as_dict() for question in found.questions],
            "findings": [group.as_dict() for group in together(found.findings)],
            "problems": [problem.as_dict() for problem in parsed.problems],
        }
    )


def _print_finding(group: Together) -> None:
    first = group.first
    fate = "kept" if first.kept else "changed" if first.changed else "left"
    more = len(group.texts) - SHOWN
    texts = "; ".join(group.texts[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
    head = f"{click.style(fate, fg=FATES[fate], bold=True)} {click.style(group.places, bold=True)}"
    click.echo(f"{head}: {visible(texts)}".removesuffix(": ") + f"\n     {visible(first.why)}", err=True)


def _no_templates(sources: Mapping[str, Source], *, as_json: bool) -> None:
    for node, source in sources.items():
        if marks := adopting.placeholders(source):
            shown = ", ".join(marks[:SHOWN])
            message = f"The file of {node} is a template: fill in {shown} first, or adopt the file on the server."
            refuse(message, error="template" if as_json else "", node=node)


def _addresses(
    given: Sequence[str], sources: Mapping[str, Source], seen: Mapping[str, Mapping[str, Collection[str]]]
) -> dict[str, dict[str, Collection[str]]]:
    found = {node: dict(links) for node, links in seen.items()}
    for argument in given:
        node, _, address = argument.partition("=")
        if node not in sources:
            refuse(f"--address {argument}: no file is given for {node!r}. Write SERVER=ADDRESS/PREFIX.")
        try:
            read = address_fields.address(address)
        except fields.Wrong as wrong:
            refuse(f"--address {argument}: the address {wrong.text} {wrong.hint}")
        links = found.setdefault(node, {})
        links[""] = [*links.get("", ()), str(read)]
    return found


COMMANDS = (adopt,)
