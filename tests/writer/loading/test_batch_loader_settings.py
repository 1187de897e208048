"""What a loader's own attributes tell."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    IterableDataset,
    SequentialSampler,
    TensorDataset,
    WeightedRandomSampler,
)

from trainmon.writer.loading.settings import loader_of

DATASET = TensorDataset(torch.arange(10.0))


class Stream(IterableDataset[int]):
    def __iter__(self) -> Iterator[int]:
        return iter(range(10))


class SizedStream(Stream):
    def __len__(self) -> int:
        return 10


@pytest.mark.parametrize(
    ("loader", "expected"),
    [
        (DataLoader(DATASET, batch_size=4), 3),
        (DataLoader(DATASET, batch_size=4, drop_last=True), 2),
        (DataLoader(DATASET, 4, sampler=DistributedSampler(DATASET, 2, 0)), 2),
        (DataLoader(SizedStream(), batch_size=4), 3),
        (DataLoader(SizedStream(), batch_size=4, drop_last=True), 2),
        (DataLoader(SizedStream(), batch_size=None), None),
        (DataLoader(Stream(), batch_size=4), None),
        ([1, 2, 3], 3),
        (iter([1, 2, 3]), None),
    ],
)
def test_a_pass_should_have_as_many_batches_as_data_and_sampler_make(
    loader: object, expected: int | None
) -> None:
    assert loader_of(loader).expected == expected


def test_the_length_of_a_loader_of_a_stream_is_not_asked_for() -> None:
    loader = DataLoader(SizedStream(), batch_size=4)
    loader_of(loader)
    assert loader._IterableDataset_len_called is None  # noqa: SLF001 - from then on torch would warn


@pytest.mark.parametrize(
    ("sampling", "shuffle", "sampler"),
    [
        ({}, False, "SequentialSampler"),
        ({"shuffle": True}, True, "RandomSampler"),
        ({"sampler": WeightedRandomSampler([1.0] * 10, 5)}, True, "WeightedRandomSampler"),
        ({"sampler": DistributedSampler(DATASET, 2, 0)}, True, "DistributedSampler"),
        (
            {"sampler": DistributedSampler(DATASET, 2, 0, shuffle=False)},
            False,
            "DistributedSampler",
        ),
        ({"sampler": [3, 1, 2]}, None, "list"),
    ],
)
def test_the_sampler_tells_whether_the_data_are_shuffled(
    sampling: dict[str, Any], *, shuffle: bool | None, sampler: str
) -> None:
    settings = loader_of(DataLoader(DATASET, **sampling)).settings
    assert (settings.get("shuffle"), settings["sampler"]) == (shuffle, sampler)


def test_a_batch_sampler_tells_the_batch_size() -> None:
    batches = BatchSampler(SequentialSampler(DATASET), batch_size=5, drop_last=False)
    assert loader_of(DataLoader(DATASET, batch_sampler=batches)).settings["batch_size"] == 5


def test_workers_tell_how_many_batches_they_fetch_ahead() -> None:
    settings = loader_of(DataLoader(DATASET, num_workers=1, persistent_workers=True)).settings
    wanted = {"num_workers": 1, "prefetch_factor": 2, "persistent_workers": True}
    assert settings.items() >= wanted.items()


def test_a_stream_has_no_sampler() -> None:
    settings = loader_of(DataLoader(Stream(), batch_size=4)).settings
    assert settings["dataset_kind"] == "iterable"
    assert not {"sampler", "shuffle", "train_samples"} & settings.keys()


def test_a_dataset_of_whole_batches_tells_no_number_of_samples() -> None:
    assert "train_samples" not in loader_of(DataLoader(DATASET, batch_size=None)).settings


def test_samples_that_come_again_on_purpose_are_told() -> None:
    sampler = WeightedRandomSampler([1.0] * 10, 40)
    assert loader_of(DataLoader(DATASET, sampler=sampler)).settings["replacement"] is True
    assert "replacement" not in loader_of(DataLoader(DATASET, shuffle=True)).settings


def test_wrappers_are_looked_through() -> None:
    loader = DataLoader(DATASET, batch_size=4)
    bar = SimpleNamespace(iterable=SimpleNamespace(dataloader=loader))
    assert loader_of(bar).settings == loader_of(loader).settings
