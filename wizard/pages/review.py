"""What the core says about a draft, sorted by the page and the field where it can be mended."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from floatip.model import passwords
from floatip.model.fields import EMPTY
from floatip.model.messages import NO_MESSAGE, say
from floatip.model.problems import Level, Problem
from floatip.model.settings import asked
from floatip.model.settings.addresses import address_of
from wizard.drafts import Draft
from wizard.pages import page_of, preview, sync_groups
from wizard.pages.base import ADDRESSES, INSTANCE, Page, floating, labels


@dataclass(frozen=True, slots=True)
class Remark:
    """One problem, and where to mend it: `page` is None where no page asks for that setting."""

    problem: Problem
    page: Page | None
    field: str
    instance: str


Shown = dict[tuple[str, str], Mapping[str, str]]
"""Page and instance → the labels of its fields: to make a page takes longer than all else that is said of a problem."""


def remarks(draft: Draft) -> list[Remark]:
    """Everything the core has to say about a draft, in its order; and whether its passwords are where it says, since a
    deploy from here would find them in the same environment."""
    cluster = preview.usable(draft)
    unknown = passwords.resolved(cluster, Level.INFO)[1] if cluster else ()
    shown: Shown = {}
    return [remark(problem, draft, shown) for problem in (*draft.parsed().problems, *unknown)]


def of_page(draft: Draft, page: Page, instance: str) -> list[Remark]:
    """What belongs to one page. Errors first."""
    found = [remark for remark in remarks(draft) if remark.page is page and remark.instance in ("", instance)]
    return sorted(found, key=lambda remark: remark.problem.level is not Level.ERROR)


def blocking(found: Sequence[Remark]) -> list[Remark]:
    """Those that must be mended first."""
    return [remark for remark in found if remark.problem.level is Level.ERROR]


def instances(draft: Draft) -> list[str]:
    """The names of the groups of addresses; one to begin with."""
    named = draft.data.get("vrrp_instances")
    return [str(name) for name in named] if isinstance(named, dict) and named else [INSTANCE]


def remark(problem: Problem, draft: Draft, shown: Shown) -> Remark:
    """A problem, and where it can be mended. `shown`: what is kept from one problem of the draft to the next."""
    if problem.path == "vrrp_instances" and not draft.data.get("vrrp_instances"):
        path = f"vrrp_instances.{INSTANCE}.virtual_ipaddress"
        problem = replace(problem, path=path, message=say("No floating address is named yet."), hint=NO_MESSAGE)
    instance = _instance_of(problem.path, draft)
    page = page_of(problem.path, instance or INSTANCE)
    named = page.field_of(problem.path, instance or INSTANCE) if page else None
    if page is None or named is None:
        return Remark(problem, page, "", instance)
    field = _numbered(named, _rows(named, page, draft, instance or INSTANCE))
    return Remark(_as_asked(problem, draft, page, field, instance, shown), page, field, instance)


def _instance_of(path: str, draft: Draft) -> str:
    found = re.match(r"(?:vrrp_instances|nodes\.[^.]+\.vrrp)\.([^.]+)", path)
    return found[1] if found and found[1] in instances(draft) else ""


def _as_asked(problem: Problem, draft: Draft, page: Page, field: str, instance: str, shown: Shown) -> Problem:
    """In the words of the page, where the core begins with the setting's own name: people have read its label only."""
    key = re.sub(r"\.\d+$", "", problem.path).rpartition(".")[2]
    names = {key, *(row.asked for row in asked(page.slug) if row.key == key)}
    if "subject" not in problem.message.values or field.rpartition("-")[2] not in names:
        return problem
    at = (page.slug, instance or INSTANCE)
    if at not in shown:
        shown[at] = labels(page.make(draft, at[1]))
    label = shown[at].get(field)
    if label is None:
        return problem
    rows = _rows(field, page, draft, instance or INSTANCE)
    where = _where(field, rows, instance if len(instances(draft)) > 1 else "")
    subject = say("{server}: {label}", server=where, label=label) if where else label
    if problem.code == "missing":  # it says so of what should hold the setting
        return replace(problem, message=say("{subject} {text}", subject=subject, text=EMPTY), hint=NO_MESSAGE)
    values = {**problem.message.values, "subject": subject}
    return replace(problem, message=say(problem.message.template, **values))


def _rows(field: str, page: Page, draft: Draft, instance: str) -> list[str]:
    """What the rows are about of which this field is in one."""
    if field.startswith(f"{ADDRESSES}-"):
        return [address_of(address) for address in floating(draft, instance)]
    if field.startswith(f"{sync_groups.GROUPS}-"):
        return sync_groups.names(draft)
    return page.rows(draft, instance)


def _where(field: str, rows: Sequence[str], group: str) -> str:
    """Whose setting it is, where a page asks for several: a row, or one of the groups, or both."""
    row = re.fullmatch(r"\w+-(\d+)-\w+", field)
    if not row:
        return group
    name = rows[int(row[1])] or say("server {number}", number=int(row[1]) + 1)
    return say("{label} in {instance}", label=name, instance=group) if group else name


def _numbered(field: str, names: Sequence[str]) -> str:
    """The core calls servers and checks by name; forms count rows."""
    rows = {name: number for number, name in enumerate(names)}
    prefix, dash, rest = field.partition("-")
    name, dash2, last = rest.rpartition("-")
    return f"{prefix}{dash}{rows.get(name, name)}{dash2}{last}" if dash2 else field
