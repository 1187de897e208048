"""A loader in ``log.batches`` behaves as it does without."""

import copy
import gc
import pickle
import weakref
from collections.abc import Iterator
from itertools import islice
from operator import length_hint

import pytest
import torch
from torch.utils.data import DataLoader, DistributedSampler, IterableDataset, TensorDataset

from tests.writer.loading.logbook import Logbook
from trainmon.writer.loading import batches

NUMBERS = TensorDataset(torch.arange(12.0))


class Endless(IterableDataset[int]):
    def __iter__(self) -> Iterator[int]:
        return iter(range(6))


class Counted:
    """A loader that counts its iterators, and whose third batch cannot be made."""

    def __init__(self) -> None:
        self.iterators = 0
        self.released = 0

    def __iter__(self) -> "Counted.Batch":
        self.iterators += 1
        return Counted.Batch(self)

    class Batch:
        def __init__(self, loader: "Counted") -> None:
            self.loader = loader
            self.index = 0

        def __iter__(self) -> Iterator[int]:
            return self

        def __next__(self) -> int:
            self.index += 1
            if self.index == 3:
                raise RuntimeError("worker 1 was killed")
            if self.index > 4:
                raise StopIteration
            return self.index

        def __del__(self) -> None:
            self.loader.released += 1


def test_the_loop_gets_the_very_batches_of_the_loader(log: Logbook) -> None:
    loader = [object(), object()]
    assert all(a is b for a, b in zip(batches(log.writer, loader), loader, strict=True))


def test_every_iteration_is_a_new_pass(log: Logbook) -> None:
    loader = batches(log.writer, DataLoader(NUMBERS, batch_size=4))
    assert [len(list(loader)) for _ in range(3)] == [3, 3, 3]


def test_a_pass_makes_one_iterator_at_once_and_none_in_between(log: Logbook) -> None:
    loader = Counted()
    watched = batches(log.writer, loader)
    assert loader.iterators == 0
    a_pass = iter(watched)
    assert loader.iterators == 1
    assert list(islice(a_pass, 2)) == [1, 2]
    assert loader.iterators == 1


def test_a_break_releases_the_iterator_of_the_loader(log: Logbook) -> None:
    loader = Counted()
    for _ in batches(log.writer, loader):
        break
    gc.collect()
    assert loader.released == 1


def test_what_the_loader_raises_comes_through_and_the_pass_may_go_on(log: Logbook) -> None:
    a_pass = iter(batches(log.writer, Counted()))
    assert list(islice(a_pass, 2)) == [1, 2]
    with pytest.raises(RuntimeError, match="worker 1 was killed"):
        next(a_pass)
    assert list(a_pass) == [4]
    assert log.told == ""


def test_the_length_is_that_of_the_loader(log: Logbook) -> None:
    assert len(batches(log.writer, DataLoader(NUMBERS, batch_size=5))) == 3


def test_a_loader_without_a_length_says_so_as_before(log: Logbook) -> None:
    loader = DataLoader(Endless())
    with pytest.raises(TypeError, match="Endless"):
        len(batches(log.writer, loader))
    assert length_hint(batches(log.writer, loader), 7) == length_hint(loader, 7)


def test_what_has_no_notion_of_a_length_gets_none(log: Logbook) -> None:
    assert not hasattr(batches(log.writer, (x for x in [1, 2])), "__len__")


def test_a_generator_is_used_up_by_one_pass(log: Logbook) -> None:
    watched = batches(log.writer, (x for x in [1, 2]))
    assert (list(watched), list(watched)) == ([1, 2], [])


def test_attributes_are_those_of_the_loader(log: Logbook) -> None:
    sampler: DistributedSampler[object] = DistributedSampler(NUMBERS, num_replicas=2, rank=0)
    loader = DataLoader(NUMBERS, sampler=sampler)
    watched = batches(log.writer, loader)
    watched.sampler.set_epoch(3)
    watched.timeout = 5
    assert (sampler.epoch, loader.timeout) == (3, 5)
    assert watched.dataset is NUMBERS
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = watched.colour


def test_a_copy_is_the_bare_loader(log: Logbook) -> None:
    watched = batches(log.writer, [1, 2])
    copies: list[object] = [pickle.loads(pickle.dumps(watched)), copy.deepcopy(watched)]  # noqa: S301 - our own
    assert copies == [[1, 2], [1, 2]]


def test_the_last_batch_does_not_outlive_the_pass(log: Logbook) -> None:
    tensors = [torch.zeros(2)]
    alive = weakref.ref(tensors[0])
    for _ in batches(log.writer, (tensors.pop() for _ in range(1))):
        pass
    assert log.writer.seen[-1].batch is None
    _ = None
    assert alive() is None


def test_the_scripts_random_numbers_stay_as_they_were(log: Logbook) -> None:
    loader = DataLoader(NUMBERS, batch_size=4, shuffle=True)
    torch.manual_seed(0)
    bare = [batch[0].tolist() for batch in loader] + [torch.rand(1).item()]
    torch.manual_seed(0)
    watched = [batch[0].tolist() for batch in batches(log.writer, loader)] + [torch.rand(1).item()]
    assert watched == bare


def test_persistent_workers_persist(log: Logbook) -> None:
    loader = DataLoader(NUMBERS, batch_size=4, num_workers=1, persistent_workers=True)
    watched = batches(log.writer, loader)
    passes = [(list(watched), loader._iterator)[1] for _ in range(2)]  # noqa: SLF001 - torch tells it nowhere else
    assert passes[0] is passes[1] is not None
