"""Groups of floating addresses: a second one often leads on another server, so that none stands idle."""

from __future__ import annotations

import re

from wizard.drafts import Draft
from wizard.pages.base import block, member, members, part
from wizard.pages.review import instances

MOST = 20


def add(draft: Draft) -> str:
    """One more, in the same network, with the order of the servers turned round; its name."""
    names = instances(draft)
    numbers = [int(name[3:]) for name in names if re.fullmatch(r"VI_[0-9]{1,6}", name)]
    name = f"VI_{max(numbers, default=0) + 1}"
    if len(names) >= MOST:
        return names[-1]
    block(draft, name)
    hosts = members(draft, names[0])
    parts = [part(host, names[0]) for host in hosts]
    for host, own, other in zip(hosts, parts, reversed(parts), strict=True):
        its = {"interface": own.get("interface"), "address": own.get("address"), "priority": other.get("priority")}
        member(host, name).update({key: value for key, value in its.items() if value is not None})
    return name


def remove(draft: Draft, name: str) -> str:
    """Without this one, as long as another is left; the name of that."""
    if name in instances(draft)[1:] or len(instances(draft)) > 1:
        draft.data["vrrp_instances"].pop(name, None)
        for host in draft.hosts:
            host[1].get("vrrp", {}).pop(name, None)
    return instances(draft)[0]
