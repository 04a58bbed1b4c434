"""What would mean something else from now on: each is a finding, since nothing of it can be seen in the answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from floatip.keepalived.adopt import fifos, processes
from floatip.keepalived.adopt.blocks import File
from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.adopt.readers import Group
from floatip.keepalived.conf import Statement
from floatip.model import fields
from floatip.model.messages import say
from floatip.model.notify import SCRIPT_USER
from floatip.model.settings.notifying import NOTIFY

NOBODY = ((SCRIPT_USER,), (SCRIPT_USER, "nogroup"))
USERLESS = "root"  # or keepalived_script, where the server has such a user
SCRIPTS = ("notify", "quorum_up", "quorum_down", "misc_path")  # what the keywords begin with that run one


def users(made: File, notes: Notes, others: Collection[str]) -> None:
    """Who runs the checks, said or not, but for those of these names, which run something else; notify scripts that run
    as another user than before."""
    default = made.user or USERLESS
    for name, block in made.checks.items():
        if name in others or block.keyword == processes.KEYWORD:
            continue
        own = [child for child in block.body or [] if child.keyword == "user" and len(child.words) > 1]
        user = " ".join(own[-1].words[1:]) if own else default
        if tuple(user.split()) not in NOBODY:
            try:
                made.scripts[name]["user"] = fields.script_user(user)
            except fields.Wrong:
                why = say("It ran as the user {user}; now it runs as {other}.", user=user, other=SCRIPT_USER)
                notes.changed(own[-1].line if own else block.line, f"vrrp_script {name}", Code.USER, why)
    for child in (deep for statement in made.raw for deep in statement.all()):
        if child.keyword.startswith(SCRIPTS) and len(child.words) == 2 and tuple(default.split()) not in NOBODY:
            why = say("This script ran as the user {user}; now it runs as {other}.", user=default, other=SCRIPT_USER)
            notes.changed(child.line, child.text, Code.USER, why)


def notified(made: File) -> None:
    """Who runs the notify programs, said or not."""
    default = made.user or USERLESS
    for group in made.groups:
        for row in NOTIFY:
            if isinstance(raw := group.cluster.get(row.key), str) and tuple(default.split()) not in NOBODY:
                group.cluster[row.key] = {"run": raw, "user": default}
    if tuple(default.split()) not in NOBODY:
        fifos.owned(made.settings, default)


def named_user(made: File) -> str:
    """Who runs the scripts of a file that does not say it of each; empty for whom floatip need not name."""
    default = made.user or USERLESS
    return "" if tuple(default.split()) in NOBODY else default


def election(group: Group, called: str, notes: Notes) -> None:
    """Who leads, and what the instance is called."""
    if group.state == "MASTER" and (statement := group.setting("preempt_delay")):
        why = say("keepalived ignores {key} together with `state MASTER`; now it takes effect.", key="preempt_delay")
        notes.changed(statement.line, statement.text, Code.ELECTION, why)
    vmac = group.setting("use_vmac")
    if vmac and not group.setting("vmac_xmit_base"):
        why = say("The adverts will leave from the interface itself (vmac_xmit_base).")
        notes.changed(vmac.line, vmac.text, Code.SOURCE, why)
    if called != group.name:
        why = say("It will be called {name}, as on another server.", name=called)
        notes.changed(group.block.line, group.block.text, Code.NAME, why)


def prefixes(group: Group, given: Mapping[str, str], notes: Notes) -> None:
    """`given`: floating address as the file has it → as floatip places it."""
    for _, statement in group.placed:
        address = statement.words[0]
        if "/" not in address and "/" in given.get(address, ""):
            host = f"{address}/{128 if ':' in address else 32}"
            why = say("For keepalived it is {host}; it will be {address}.", host=host, address=given[address])
            notes.changed(statement.line, statement.text, Code.PREFIX, why)


def source(group: Group, own: str, notes: Notes) -> None:
    """Adverts from another address of the server."""
    if group.source and own.split("/")[0] != group.source and (statement := group.setting("unicast_src_ip")):
        why = say("The server has no such address on the interface; {own} is used.", own=own)
        notes.changed(statement.line, statement.text, Code.SOURCE, why)


def peers(group: Group, others: list[str], notes: Notes) -> None:
    """Peers that are lost or new. `others`: the other servers' own addresses, empty for one that is not known."""
    if not group.cluster.get("unicast"):
        return
    listed = {statement.words[0]: statement for statement in group.peers}
    lost = [statement for address, statement in listed.items() if address not in others]
    unnamed = others.count("")
    for statement in lost if len(lost) > unnamed else ():
        why = say("This peer is dropped: floatip's peers are the other servers of the inventory.")
        notes.changed(statement.line, statement.text, Code.PEERS, why)
    for address in others:
        if address and address not in listed:
            block = group.setting("unicast_peer") or Statement(["unicast_peer"], 0)
            why = say("{address} is another server, and will be a peer.", address=address)
            notes.changed(block.line, "unicast_peer", Code.PEERS, why)
