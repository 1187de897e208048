"""The sketch of different samples, whose memory is bounded."""

import random

import pytest

from trainmon.writer.loading.distinct import Distinct


def hashes(samples: int) -> list[int]:
    numbers = random.Random(0)  # noqa: S311 - nothing secret
    return [numbers.getrandbits(64) for _ in range(samples)]


def test_nothing_seen_has_no_share() -> None:
    assert Distinct().share is None


def test_few_samples_are_counted_exactly() -> None:
    sketch = Distinct()
    different = hashes(1_000)
    sketch.add(different)
    sketch.add(different[:500])
    assert sketch.share == pytest.approx(1_000 / 1_500)


@pytest.mark.parametrize("repetitions", [1, 2, 8])
def test_many_samples_are_counted_in_bounded_memory(repetitions: int) -> None:
    sketch = Distinct(kept=256)
    for _ in range(repetitions):
        sketch.add(hashes(20_000))
    assert sketch.share == 1 / repetitions
    assert 64 < len(sketch) <= 256


def test_a_part_that_comes_again_is_estimated() -> None:
    sketch = Distinct(kept=1_024)
    different = hashes(50_000)
    sketch.add(different + different[:25_000])
    assert sketch.share == pytest.approx(2 / 3, abs=0.03)
