"""The share of different samples: what counts as the same, in whatever batch it comes."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from tests.writer.loading.logbook import Logbook
from trainmon.writer.loading import batches

Make = Callable[[torch.Tensor], object]
"""Makes a batch of the samples of these numbers."""

CHANCE = torch.Generator().manual_seed(0)
PIXELS = torch.randint(0, 255, (400, 3, 16, 16), dtype=torch.uint8, generator=CHANCE)
MOSTLY_ZERO = (torch.rand(400, 2_000, generator=CHANCE) < 0.01).float()
WHOLE = torch.randint(0, 100, (400, 40), generator=CHANCE).double()
WORDS = torch.randint(5, 30_000, (400, 30), generator=CHANCE)
TOKENS = torch.cat([torch.zeros(400, 20), WORDS], dim=1).long()

KINDS: dict[str, Make] = {
    "float32": lambda i: torch.sin(i[:, None] * torch.arange(1.0, 65.0)),
    "bfloat16": lambda i: torch.sin(i[:, None] * torch.arange(1.0, 65.0)).bfloat16(),
    "needs a gradient": lambda i: torch.sin(i[:, None] * torch.arange(1.0, 9.0)).requires_grad_(),
    "whole numbers as float64": lambda i: WHOLE[i],
    "images": lambda i: (PIXELS[i], i % 2),
    "sparse rows": lambda i: MOSTLY_ZERO[i],
    "a common prompt": lambda i: {"input_ids": TOKENS[i], "attention_mask": torch.ones(len(i), 60)},
    "labels first": lambda i: {
        "label": i % 10,
        "x": torch.sin(i[:, None] * torch.arange(1.0, 9.0)),
    },
    "numpy": lambda i: np.sin(i.numpy()[:, None] * np.arange(1.0, 9.0)),
    "fortran order": lambda i: np.asfortranarray(np.sin(i.numpy()[:, None] * np.arange(1.0, 9.0))),
    "numbers of samples": lambda i: i,
    "names": lambda i: ([f"train/cats/{n}.jpg" for n in i.tolist()], i % 2),
    "nested": lambda i: {"a": {"b": (torch.ones(len(i)), torch.stack([i, i.sin()], 1))}},
}


def share(log: Logbook, loader: Sequence[object], **options: Any) -> float | None:  # noqa: ANN401 - as of batches
    """Return the share of different samples that a pass tells at its end."""
    for _ in batches(log.writer, loader, **options):
        pass
    values = log.values("data/distinct_fraction")
    return values[-1] if values else None


def shuffled(repetitions: int, size: int) -> list[torch.Tensor]:
    numbers = torch.arange(400).repeat(repetitions)
    order = torch.randperm(len(numbers), generator=torch.Generator().manual_seed(0))
    return list(torch.split(numbers[order], size))


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("size", [8, 100])
def test_samples_that_come_once_all_differ(log: Logbook, make: Make, size: int) -> None:
    assert share(log, [make(numbers) for numbers in shuffled(1, size)]) == 1.0


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("size", [8, 100])
def test_samples_that_come_four_times_are_known_in_any_batch(
    log: Logbook, make: Make, size: int
) -> None:
    assert share(log, [make(numbers) for numbers in shuffled(4, size)]) == 0.25


@pytest.mark.parametrize("in_front", [False, True])
@pytest.mark.parametrize("size", [4, 100])
def test_a_sequence_is_the_same_however_far_it_is_padded(
    log: Logbook, size: int, *, in_front: bool
) -> None:
    numbers = random.Random(0)  # noqa: S311 - nothing secret
    texts = [
        torch.tensor([numbers.randrange(5, 999) for _ in range(numbers.randrange(10, 60))])
        for _ in range(400)
    ]
    side = "left" if in_front else "right"
    loader = [
        torch.nn.utils.rnn.pad_sequence(
            [texts[i] for i in batch], batch_first=True, padding_value=1, padding_side=side
        )
        for batch in shuffled(2, size)
    ]
    assert share(log, loader) == 0.5


def test_a_pass_forgets_the_samples_of_the_one_before(log: Logbook) -> None:
    loader = [torch.rand(32, 8) for _ in range(4)]
    watched = batches(log.writer, loader)
    for _ in range(3):
        list(watched)
    assert log.values("data/distinct_fraction") == [1.0, 1.0, 1.0]


def test_the_share_is_told_while_a_long_pass_runs(log: Logbook) -> None:
    for _ in batches(log.writer, (torch.rand(4, 8) for _ in range(70))):
        log.writer.log({"train/loss": 1.0})
    told = [i for i, line in enumerate(log.lines, 1) if "data/distinct_fraction" in line]
    assert told == [16, 32, 64, 71]


def test_the_share_is_told_when_the_expected_batches_have_been_seen(log: Logbook) -> None:
    loader = [torch.rand(4, 8) for _ in range(5)]
    for _ in zip(range(5), batches(log.writer, loader), strict=False):
        log.writer.log({"train/loss": 1.0})
    assert log.values("data/distinct_fraction") == [1.0]


@pytest.mark.parametrize("ids", ["id", lambda batch: batch["id"]])
@pytest.mark.parametrize("of", [list, torch.tensor, np.array])
def test_ids_tell_samples_whatever_augmentation_makes_of_them(
    log: Logbook, ids: object, of: Callable[[list[int]], object]
) -> None:
    loader = [{"x": torch.rand(40, 8), "id": of([*range(40)])} for _ in range(5)]
    assert share(log, loader, ids=ids) == 0.2
    assert log.writer.seen[-1].ids == [*range(40)]


def test_the_same_batch_has_the_same_fingerprint_when_it_comes_again(log: Logbook) -> None:
    loader = [torch.rand(100, 8) for _ in range(5)]
    list(batches(log.writer, loader * 2))
    prints = [seen.fingerprint for seen in log.writer.seen]
    assert prints[:5] == prints[5:]
    assert len(set(prints)) == 5


def test_a_first_batch_of_zeros_is_passed_over(log: Logbook) -> None:
    loader = [torch.zeros(40, 8), *(torch.rand(40, 8) for _ in range(3))]
    assert share(log, loader) == 1.0
    assert log.told == ""


class OnDevice:
    """A tensor on an accelerator that must not be read."""

    is_cpu = False
    device = "cuda:0"
    dtype = "float32"
    shape = (4, 8)

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"{name} was asked of a tensor on a device")


@pytest.mark.parametrize(
    ("batch", "why"),
    [
        (OnDevice(), "reading its tensors on cuda:0 would stall the training"),
        (torch.zeros(4, 8), "its samples all look the same"),
        (torch.rand(4, 3, 5).permute(0, 2, 1), "its tensors do not lie row by row in memory"),
        (torch.rand(4, 3).to_sparse(), "its tensors cannot be read"),
        (np.array(["a", "b"]), "it holds an array of <U1"),
        (torch.zeros(0, 3), "it is empty"),
        ((OnDevice(), torch.rand(4, 3)), "would stall the training"),
        ((object(), torch.arange(4)), "nothing in it has several numbers for each sample"),
        ((["cat", "dog"], [3, 7]), "nothing in it has several numbers for each sample"),
        ([torch.rand(2, 3).repeat(4, 1)], "most samples of one batch look the same"),
        (object(), "nothing in it has several numbers for each sample"),
    ],
    ids=[
        *("device", "alike", "strided", "sparse", "text", "empty"),
        *("labels of images on a device", "labels", "classes", "answers to one prompt", "unknown"),
    ],
)
def test_what_tells_nothing_of_its_samples_is_told_once(
    log: Logbook, batch: object, why: str
) -> None:
    assert share(log, [batch] * 20) is None
    assert log.told.count("\n") == 1
    assert "the sketch of samples of 'train' is off: " in log.told
    assert why in log.told
    assert log.values("data/batches") == [20]
