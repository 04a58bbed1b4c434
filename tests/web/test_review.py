"""What is said of a draft is said in the words of its pages, each of which is made once for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from wizard.drafts import Draft
from wizard.pages import base, review

WRONG = {"advert_int": "x", "priority": "x", "garp_master_delay": "x", "garp_master_repeat": "x", "version": "x"}


def test_a_page_is_made_once_for_all_that_is_said_of_it(
    planted_drafts: Mapping[str, Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = planted_drafts["looked"]
    data = {**draft.data, "vrrp_instances": {"VI_1": {**draft.data["vrrp_instances"]["VI_1"], **WRONG}}}
    made: list[str] = []
    make = base.Page.make

    def counted(page: base.Page, *given: Any) -> Any:
        made.append(page.slug)
        return make(page, *given)

    monkeypatch.setattr(base.Page, "make", counted)
    said = review.remarks(Draft("x", "lab", draft.hosts, data))
    of_extras = [remark for remark in said if remark.page and remark.page.slug == "extras"]
    assert len(of_extras) > 2
    assert made.count("extras") == 1
