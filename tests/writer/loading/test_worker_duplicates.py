"""Workers that each yield the whole set, with PyTorch's own loader."""

from collections.abc import Iterator

import pytest
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from tests.writer.loading.logbook import Logbook
from trainmon.writer.loading import batches

SAMPLES = 64

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")  # on a single core


class ByRankAlone(IterableDataset[torch.Tensor]):
    """A stream that is divided among ranks, and not among the workers of each."""

    def __len__(self) -> int:
        return SAMPLES

    def __iter__(self) -> Iterator[torch.Tensor]:
        numbers = torch.Generator().manual_seed(0)
        return iter(torch.rand(SAMPLES, 16, generator=numbers))


class ByWorker(ByRankAlone):
    def __iter__(self) -> Iterator[torch.Tensor]:
        worker = get_worker_info()
        for index, sample in enumerate(super().__iter__()):
            if worker is None or index % worker.num_workers == worker.id:
                yield sample


# The loader's length is not asked for: from then on torch would warn of the surplus.
@pytest.mark.parametrize("persistent", [False, True])
def test_two_workers_that_yield_the_whole_set_are_told(log: Logbook, *, persistent: bool) -> None:
    loader = DataLoader(ByRankAlone(), batch_size=8, num_workers=2, persistent_workers=persistent)
    watched = batches(log.writer, loader)
    for _ in range(2):
        assert len(list(watched)) == 16
    assert log.values("data/distinct_fraction")[-1] == 0.5
    assert log.values("data/batches")[-1] == 16
    assert log.values("data/batches_expected")[-1] == 8


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_that_divide_the_set_are_complete(log: Logbook, workers: int) -> None:
    loader = DataLoader(ByWorker(), batch_size=8, num_workers=workers)
    list(batches(log.writer, loader))
    names = ("data/distinct_fraction", "data/batches", "data/batches_expected", "samples")
    assert [log.values(name)[-1] for name in names] == [1.0, 8, 8, 64]
