"""An inventory from the keepalived.conf of servers that run already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

from floatip.cli import adopt_servers, answers, conf_files
from floatip.cli.shared import JSON, print_json, print_problems, refuse, shown
from floatip.keepalived import adopt as adopting
from floatip.keepalived.adopt import Adopted, Together, together
from floatip.keepalived.conf import Source
from floatip.model import address_fields, fields, inventory, parse
from floatip.model.messages import say
from floatip.model.parse import Parsed

ADDRESS = click.option(
    "--address",
    "given",
    multiple=True,
    metavar="SERVER=ADDRESS/PREFIX",
    help="A server's own address, as `ip -brief address` shows it there. Once per server and network.",
)
SSH_CONFIG = click.option(
    "--ssh-config", metavar="FILE", help="SSH client configuration to use instead of ~/.ssh/config."
)
YES = click.option("--yes", "-y", is_flag=True, help="Answer every question with its default.")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="USER@SERVER|SERVER=FILE...")
@click.option("--name", default="adopted", metavar="NAME", help="Name of the cluster.")
@ADDRESS
@SSH_CONFIG
@YES
@JSON
def adopt(
    files: tuple[str, ...], name: str, given: tuple[str, ...], ssh_config: str | None, yes: bool, as_json: bool
) -> None:
    """Import an existing keepalived setup.

    Prints an inventory. USER@SERVER is read over SSH: its file and what that includes, its interfaces and addresses;
    nothing is changed there. FILE may include others below its own folder. What happens to each line goes to standard
    error. What the files do not say is asked in a terminal; without one, the most likely answer is used, and noted in
    the inventory.
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
FATE_NAMES = {"kept": say("kept"), "changed": say("changed"), "left": say("left out")}
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
    texts = "; ".join([*group.texts[:SHOWN], *([shown(say("and {count} more", count=more))] if more > 0 else [])])
    head = f"{click.style(shown(FATE_NAMES[fate]), fg=FATES[fate], bold=True)} {click.style(group.places, bold=True)}"
    click.echo(f"{head}: {shown(texts)}".removesuffix(": ") + f"\n     {shown(first.why)}", err=True)


def _no_templates(sources: Mapping[str, Source], *, as_json: bool) -> None:
    for node, source in sources.items():
        if marks := adopting.placeholders(source):
            message = say(
                "The file of {node} is a template: fill in {marks} first, or import the file from the server.",
                node=node,
                marks=", ".join(marks[:SHOWN]),
            )
            refuse(message, error="template" if as_json else "", node=node)


def _addresses(
    given: Sequence[str], sources: Mapping[str, Source], seen: Mapping[str, Mapping[str, Collection[str]]]
) -> dict[str, dict[str, Collection[str]]]:
    found = {node: dict(links) for node, links in seen.items()}
    for argument in given:
        node, _, address = argument.partition("=")
        if node not in sources:
            refuse(
                say(
                    "--address {argument}: there is no file for {node}. Write SERVER=ADDRESS/PREFIX.",
                    argument=argument,
                    node=repr(node),
                )
            )
        try:
            read = address_fields.address(address)
        except fields.Wrong as wrong:
            why = {"text": wrong.text, "hint": wrong.hint}
            refuse(say("--address {argument}: the address {text} {hint}", argument=argument, **why))
        links = found.setdefault(node, {})
        links[""] = [*links.get("", ()), str(read)]
    return found


COMMANDS = (adopt,)
