"""What the settings predict, against what was measured on real hosts."""

from __future__ import annotations

import pytest

from floatip.keepalived import timing
from floatip.model.cluster import Instance
from floatip.model.tracking import Script
from tests.unit.samples import parsed, put, script


def instance(**settings: object) -> Instance:
    """The good pair's instance with these settings."""
    cluster = parsed(*(put(f"VI_1.{key}", value) for key, value in settings.items())).cluster
    assert cluster is not None
    return cluster.instances[0]


# adverts every … seconds, fault, what was measured on two hosts on a bridge
MEASURED: list[tuple[float, timing.Fault, float]] = [
    (1, "stop", 0.617),
    (1, "crash", 3.4),
    (0.1, "stop", 0.070),
    (0.1, "crash", 0.351),
    (0.05, "crash", 0.175),
    (0.01, "crash", 0.042),
]


@pytest.mark.parametrize(("advert_int", "fault", "measured"), MEASURED)
def test_the_bound_holds_what_was_measured_and_not_much_more(
    advert_int: float, fault: timing.Fault, measured: float
) -> None:
    bound = timing.takeover_bound(instance(advert_int=advert_int), fault)
    assert measured <= bound <= measured + timing.SLACK + advert_int


def test_version_2_counts_the_skew_in_seconds() -> None:
    two, three = (timing.skew(instance(advert_int=10, version=version), 100) for version in (2, 3))
    assert (two, three) == pytest.approx((156 / 256, 1560 / 256))


def test_preempt_delay_and_checks_come_on_top() -> None:
    assert timing.election_bound(instance(preempt_delay=30)) == timing.election_bound(instance()) + 30
    check = Script("web", "process", "x", interval=5, timeout=3, fall=2, rise=4)
    assert timing.detection_bound(check) == pytest.approx(2 * 5 + 3 + timing.SLACK)
    assert timing.recovery_bound(check) == pytest.approx(4 * 5 + 3 + timing.SLACK)
    plain, checked = parsed().cluster, parsed(script(process="x")).cluster
    assert plain is not None
    assert checked is not None
    assert timing.settle_bound(plain) < timing.settle_bound(checked)
