"""What is usual of a duration."""

import random

from trainmon.writer.loading.usual import Usual


def test_nothing_is_a_spike_before_anything_is_usual() -> None:
    waits = Usual()
    assert not any(waits.exceeded_by(9.0 if i == 10 else 0.004) for i in range(15))


def test_a_stall_is_judged_by_the_waits_before_it() -> None:
    waits = Usual()
    judged = [waits.exceeded_by(0.3 if i % 50 == 49 else 0.004) for i in range(1_000)]
    assert [i for i, spike in enumerate(judged) if spike] == list(range(49, 1_000, 50))


def test_stalls_too_short_to_matter_are_none() -> None:
    waits = Usual()
    assert not any(waits.exceeded_by(0.009 if i == 40 else 1e-5) for i in range(60))


def test_the_tails_of_healthy_waits_are_none() -> None:
    numbers = random.Random(0)  # noqa: S311 - nothing secret
    waits = Usual()
    assert not any(waits.exceeded_by(0.004 * numbers.lognormvariate(0, 0.4)) for _ in range(5_000))


def test_what_is_usual_follows_a_slower_storage() -> None:
    waits = Usual()
    judged = [waits.exceeded_by(0.004 if i < 300 else 0.1) for i in range(1_000)]
    assert judged[300]
    assert not any(judged[500:])
