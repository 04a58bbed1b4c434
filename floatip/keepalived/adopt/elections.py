"""Repairs of what decides who leads: priorities, weights, and an instance that is on one server only."""

from __future__ import annotations

from floatip.keepalived.adopt.origins import Raw, number
from floatip.keepalived.adopt.questions import Asked
from floatip.keepalived.adopt.tracking import named
from floatip.model.messages import say
from floatip.model.problems import Problem

HIGHEST = 254


def priority(raw: Raw, problem: Problem, node: str, name: str) -> bool:
    """keepalived's 255 is for who has the address as its own: the highest that is free does the same among these."""
    member = raw.members(name).get(node)
    if member is None:
        return False
    wrong = member.get("priority")
    taken = {member.get("priority") for other, member in raw.members(name).items() if other != node}
    wanted = HIGHEST if isinstance(wrong, int) and wrong > HIGHEST else 100
    free = str(next(number for number in range(wanted, 0, -1) if number not in taken))
    if isinstance(wrong, int):
        text = say("A priority of {instance}: {why}", instance=name, why=problem.hint)
        where = raw.where(name, "priority", node)
        chosen = raw.asking.each(Asked.PRIORITY, f"priority {name}", where, text, {node: free})[node]
    else:
        chosen = raw.filled((name, "priority"), f"priority {node}", wrong, free)
    member["priority"] = number(chosen)
    return bool(member["priority"] != wrong)


def leader(raw: Raw, problem: Problem, node: str, name: str) -> bool:
    """Who says MASTER leads, else the first one; the others follow, each a number lower."""
    members = raw.members(name)
    priority = members.get(node, {}).get("priority")
    alike = [other for other, member in members.items() if member.get("priority") == priority]
    if not isinstance(priority, int) or len(alike) < 2:
        return False
    groups = {other: raw.group(other, name) for other in alike}
    leads = next((other for other, group in groups.items() if group and group.state == "MASTER"), alike[0])
    text = say(
        "{instance}: {count} servers have the priority {priority}. Which of them is preferred?",
        instance=name,
        count=len(alike),
        priority=priority,
    )
    others = [other for other in alike if other != leads]
    chosen = raw.asking.choose(
        Asked.LEADER, f"leader {name}", (tuple(alike), raw.where(name, "priority", alike[0])[1]), text, leads, *others
    )
    first = chosen if chosen in alike else leads
    taken = {member.get("priority") for other, member in members.items() if other not in alike}
    free = [number for number in (*range(priority, 0, -1), *range(priority + 1, HIGHEST + 1)) if number not in taken]
    numbers = sorted(free[: len(alike)], reverse=True)
    for other, given in zip([first, *(other for other in alike if other != first)], numbers, strict=False):
        members[other]["priority"] = given
    return len(numbers) == len(alike)


def single_member(raw: Raw, problem: Problem, name: str) -> bool:
    """An instance of one server: the others stand by."""
    members = raw.members(name)
    lacking = [node for node in raw.vrrp if node not in members]
    if len(members) != 1 or not lacking:
        return False
    ((node, member),) = members.items()
    priority = member.get("priority")
    yes, no = say("backup"), say("left out")
    text = say(
        "{instance} is on {node} only: no other server could take over. Make the others its backups?",
        instance=name,
        node=node,
    )
    chosen = raw.asking.choose(Asked.MEMBER, f"member {name}", ((node,), 0), text, str(yes), str(no))
    if chosen == no:
        del raw.vrrp[node][name]
        del raw.data["vrrp_instances"][name]
        return True
    for step, other in enumerate(lacking, 1):
        nothing: dict[str, object] = {}
        beside = raw.vrrp[other].values()
        like = next((other for other in beside if other.get("interface") == member.get("interface")), nothing)
        lower = priority - 10 * step if isinstance(priority, int) and priority > 10 * step else 100
        raw.vrrp[other][name] = {
            "interface": member.get("interface", ""),
            **({"address": like["address"]} if "address" in like else {}),
            "priority": lower,
        }
    return True


def weight(raw: Raw, problem: Problem, script: str) -> bool:
    """The smallest weight that moves the address, else the one that takes a failing server out. One that adds up to
    too much is the same the other way round."""
    block = raw.data.get("vrrp_scripts", {}).get(script)
    if block is None:
        return False
    weight = block.get("weight", 0)
    if problem.code == "weight-over-254":
        block["weight"] = -weight
        why = say("Subtracted while the check fails, instead of added while it succeeds: above 254 keepalived cuts it.")
        return raw.of_check(script, "weight", why)
    enough = 0 if problem.code in ("weight-nopreempt", "group-weight") else _enough(raw, script, weight)
    nodes, line = raw.checked(script, "weight")
    text = say("{why} As it is, the check does nothing.", why=problem.message)
    options = dict.fromkeys([str(enough), "0"])
    block["weight"] = number(raw.asking.choose(Asked.WEIGHT, f"weight {script}", (nodes, line), text, *options))
    return bool(block["weight"] != weight)


def _enough(raw: Raw, script: str, weight: int) -> int:
    gaps, fits = [], True
    for name, instance in raw.data["vrrp_instances"].items():
        if script not in map(named, instance.get("track_script", [])):
            continue
        given = (member.get("priority") for member in raw.members(name).values())
        ranked = sorted((number for number in given if isinstance(number, int)), reverse=True)
        if len(ranked) > 1:
            gaps.append(ranked[0] - ranked[1] + 1)
            fits &= ranked[1] > 1 if weight < 0 else ranked[0] + gaps[-1] <= HIGHEST
    gap = max(gaps, default=0)
    return (gap if weight > 0 else -gap) if fits and gap < HIGHEST else 0
