"""What the keeper of leases says: written and read again, and refused where it is something else."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floatip.model.messages import Said, say
from floatip.runs.lock import held, messages
from floatip.runs.lock.messages import Broken, Message, Refused, Taken
from floatip.server_side.lease.scripts import Found

MESSAGES = [
    Taken("0" * 32),
    Refused(say("{name} is busy: {why}", name="d1", why=say("a deploy")), "d1", busy=True),
    Refused(Said("Connection {refused}"), "d2"),
    Refused(Said("")),
    Broken({"d1": Found.GIVEN, "d2": None}),
    Broken({}),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["run", "error", "node", "busy", "broken", "template", "values"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_what_is_written_is_read_again(message: Message) -> None:
    again = messages.read(json.loads(json.dumps(messages.as_json(message))))
    assert again == message
    if isinstance(message, Refused) and isinstance(again, Refused):
        assert again.why.template == message.why.template  # so that a page can say it in another language


@pytest.mark.parametrize(
    "given",
    [
        *([], None, 7, "run", {}),
        *({"run": 1}, {"run": None}, {"error": "why"}, {"error": "why", "node": 1, "busy": False}),
        *({"error": ["why"], "node": "d1", "busy": False}, {"error": {}, "node": "d1", "busy": False}),
        {"error": {"template": "{a.__class__}", "values": {"a": []}}, "node": "d1", "busy": "no"},
        {"error": {"template": "{missing}", "values": {}}, "node": "d1", "busy": False},
        {"error": {"template": "{0}", "values": {}}, "node": "d1", "busy": False},
        *({"broken": []}, {"broken": {"d1": "melted"}}, {"broken": {"d1": 3}}),
    ],
    ids=str,
)
def test_what_is_no_message_is_an_error_of_its_own(given: object) -> None:
    with pytest.raises(ValueError, match=r"no message|no sentence|is not a valid|values|index"):
        messages.read(given)
    with pytest.raises(held.NotHeld) as failed:
        held._begun(iter([given]))
    assert failed.value.message.template == "its answer cannot be understood"


@given(given=JSON)
def test_nothing_else_is_raised(given: Any) -> None:
    with suppress(ValueError):
        messages.read(given)


@pytest.mark.parametrize("message", [Broken({}), None], ids=["another message", "nothing"])
def test_leases_that_were_not_taken_are_not_held(message: Message | None) -> None:
    said = [messages.as_json(message)] if message else []
    with pytest.raises(held.NotHeld):
        held._begun(iter(said))
