from itertools import islice

import numpy as np
import pytest

from trainmon.demo.loader import batches
from trainmon.demo.recipe import Corruption, Recipe, Stall
from trainmon.demo.task import POSITIVE_SHARE, Split, Task


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def split() -> Split:
    """Eight samples that can be told apart, two features each."""
    inputs = np.arange(16, dtype=np.float32).reshape(8, 2)
    return Split(inputs, np.arange(8))


def test_the_positives_have_the_share_they_should(rng: np.random.Generator) -> None:
    drawn = Task(rng).draw(10_000, 0.0, rng)
    assert drawn.labels.mean() == pytest.approx(POSITIVE_SHARE, abs=0.03)


def test_wrong_labels_are_flipped_and_the_inputs_stay() -> None:
    right, wrong = (
        Task(np.random.default_rng(1)).draw(10_000, share, np.random.default_rng(2))
        for share in (0.0, 0.2)
    )
    assert np.array_equal(right.inputs, wrong.inputs)
    assert (right.labels != wrong.labels).mean() == pytest.approx(0.2, abs=0.02)


def test_an_epoch_sees_every_sample_once_and_the_next_in_another_order(
    rng: np.random.Generator, split: Split
) -> None:
    delivered = list(islice(batches(split, Recipe("", batch_size=4), rng, _never), 4))
    first, second = (
        np.concatenate([batch.labels for batch in epoch]).tolist()
        for epoch in (delivered[:2], delivered[2:])
    )
    assert sorted(first) == sorted(second) == list(range(8))
    assert first != second


def test_a_broken_batch_is_broken_alone_and_the_data_set_stays_whole(
    rng: np.random.Generator, split: Split
) -> None:
    recipe = Recipe("", batch_size=4, corruption=Corruption(every=2, scale=10.0))
    whole = split.inputs.copy()
    good, broken = islice(batches(split, recipe, rng, _never), 2)
    assert np.array_equal(good.inputs, whole[good.labels])
    assert np.array_equal(broken.inputs, 10 * whole[broken.labels][:, ::-1])
    assert np.array_equal(split.inputs, whole)


def test_a_stall_waits_before_every_block(rng: np.random.Generator, split: Split) -> None:
    slept: list[float] = []
    recipe = Recipe("", batch_size=4, stall=Stall(every=3, seconds=0.5))
    waits = [len(slept) for _ in islice(batches(split, recipe, rng, slept.append), 7)]
    assert waits == [0, 0, 1, 1, 1, 2, 2]
    assert slept == [0.5, 0.5]


def _never(seconds: float) -> None:
    raise AssertionError(f"slept for {seconds} s")
