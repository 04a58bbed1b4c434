"""Warnings about an answer: whoever has read one may go on in spite of it, and is not asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from floatip.model.problems import Level, Problem
from wizard.drafts import Draft
from wizard.pages import network_scan as ears_
from wizard.pages import review
from wizard.pages.base import Page, block
from wizard.pages.network_scan import Ears
from wizard.pages.review import Remark


def consent(problem: Problem) -> str:
    """What a person agrees to who goes on in spite of this very warning."""
    return f"{problem.code}: {problem.message}"[:300]


def about(draft: Draft, page: Page, instance: str, found: Sequence[Remark], ears: Ears) -> Iterator[Remark]:
    """What is doubtful about the answers to a page: by the core's rules (`found`), then by what the network says."""
    yield from (remark for remark in found if remark.problem.level is Level.WARNING)
    problem = _in_the_network(draft, page, instance, ears)
    if problem:
        yield review.remark(problem, draft)


def _in_the_network(draft: Draft, page: Page, instance: str, ears: Ears) -> Problem | None:
    """Somebody else there uses what was answered."""
    if page.hears:
        return ears_.vrid_problem(draft, instance, ears.heard(draft, instance))
    if page.asks:
        addresses = [str(address).split("/")[0] for address in block(draft, instance)["virtual_ipaddress"]]
        return ears_.address_problem(draft, instance, ears.answered(draft, instance, addresses))
    return None
