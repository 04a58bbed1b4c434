"""A deploy and a failover test in Russian: what people read is, what programs read is not."""

from __future__ import annotations

import json
import re

import pytest

from floatip.change import summary
from floatip.language import telling
from floatip.runs.events import Begin, Proved
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.lab.changes import INVENTORY, settled
from tests.lab.conftest import Runs


@pytest.mark.hosts(State.READY)
def test_a_deploy_and_what_comes_after(
    lab: Place, deploy: Runs, floatip: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    ran = deploy(INVENTORY)
    settled(lab)
    text = ran.stdout + ran.stderr
    for step in ran.all(Begin):
        assert f"--> Шаг: {telling.tell(step.what, 'ru')} " in text
    assert "Starting operation" not in text and "Success" not in text
    assert {summary.INSTALL, summary.PROVE} <= {step.what for step in ran.all(Begin)}, "events keep the message"
    assert f"{FLOATING} у d1, и он отвечает" in text
    assert [proof.holder for proof in ran.all(Proved)] == ["d1"]
    assert deploy(INVENTORY).changes == [], "the proof was noted, so nothing is left to do"

    assert f"Адрес {FLOATING} у d1." in floatip("status", INVENTORY).stdout
    assert "всё в порядке" in floatip("doctor", INVENTORY).stdout
    document = json.loads(floatip("status", "--json", INVENTORY).stdout)
    assert document["addresses"][0]["sentence"] == f"d1 holds {FLOATING}."
    tested = floatip("drill", INVENTORY, "--fault", "stop", "--yes").stdout
    assert re.search("Измеренный перерыв +[0-9]+ мс", tested) and "Переключение" in tested
    floatip("remove", INVENTORY, "--yes")
