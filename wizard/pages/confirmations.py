"""Warnings about an answer: whoever has read one may go on in spite of it, and is not asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from floatip.model.problems import Level, Problem
from wizard.drafts import Draft
from wizard.pages import network_scan, review
from wizard.pages.base import Page, floating
from wizard.pages.network_scan import NetworkScans
from wizard.pages.review import Remark


def consent(problem: Problem) -> str:
    """What a person agrees to who goes on in spite of this very warning."""
    return f"{problem.code}: {problem.message}"[:300]


def about(draft: Draft, page: Page, instance: str, found: Sequence[Remark], scans: NetworkScans) -> Iterator[Remark]:
    """What is doubtful about the answers to a page: by the core's rules (`found`), then by what the network says."""
    yield from (remark for remark in found if remark.problem.level is Level.WARNING)
    problem = _in_the_network(draft, page, instance, scans)
    if problem:
        yield review.remark(problem, draft, {})


def _in_the_network(draft: Draft, page: Page, instance: str, scans: NetworkScans) -> Problem | None:
    """Somebody else there uses what was answered."""
    if page.listens:
        return network_scan.vrid_problem(draft, instance, scans.answers(draft, instance))
    if page.asks:
        addresses = floating(draft, instance)
        return network_scan.address_problem(draft, instance, scans.answered(draft, instance, addresses))
    return None
