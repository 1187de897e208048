"""What a loop's loader tells of every batch and of every pass."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from tests.writer.loading.logbook import Clock, Logbook
from trainmon.writer.loading import batches


class Slow:
    """Yields batches of two samples, each after a wait of its own."""

    def __init__(self, clock: Clock, waits: list[float]) -> None:
        self.clock = clock
        self.waits = waits

    def __iter__(self) -> Iterator[list[str]]:
        for index, wait in enumerate(self.waits):
            self.clock.sleep(wait)
            yield [f"sample {2 * index}", f"sample {2 * index + 1}"]


def train(log: Logbook, clock: Clock, waits: list[float], work: float, **options: Any) -> None:  # noqa: ANN401 - as of batches
    for batch in batches(log.writer, Slow(clock, waits), clock=clock, **options):
        clock.sleep(work)
        step = (log.writer.step or 0) + 1
        log.writer.log({"train/loss": float(len(batch))}, step=step)


def test_each_line_of_the_loop_has_the_times_of_its_batch(log: Logbook, clock: Clock) -> None:
    train(log, clock, [3.0, 0.5, 0.25], work=1.0)
    times = [(line.get("data_time"), line.get("step_time")) for line in log.lines]
    assert times[:3] == [(3.0, None), (0.5, 1.5), (0.25, 1.25)]


def test_the_time_between_two_passes_is_in_no_step(log: Logbook, clock: Clock) -> None:
    train(log, clock, [0.5, 0.5], work=1.0)
    clock.sleep(60.0)
    train(log, clock, [0.5, 0.5], work=1.0)
    assert log.values("step_time") == [1.5, 1.5]


def test_an_evaluation_within_a_pass_is_in_no_step(log: Logbook, clock: Clock) -> None:
    for index, _ in enumerate(batches(log.writer, Slow(clock, [0.5] * 4), clock=clock)):
        clock.sleep(1.0)
        if index == 1:
            list(batches(log.writer, Slow(clock, [60.0]), clock=clock, name="val"))
        log.writer.log({"train/loss": 1.0})
    assert log.values("data_time") == [0.5] * 4
    assert log.values("step_time") == [1.5, 1.5]


def test_samples_add_up_over_passes(log: Logbook, clock: Clock) -> None:
    train(log, clock, [0.0, 0.0], work=1.0)
    train(log, clock, [0.0, 0.0], work=1.0)
    assert log.values("samples") == [2, 4, 6, 8]


@pytest.mark.parametrize(
    ("batch", "samples"),
    [
        (torch.zeros(5, 3), 5),
        ([torch.zeros(5, 3), torch.zeros(5)], 5),
        ({"input_ids": torch.zeros(5, 3), "n": 7}, 5),
        ((["a", "b", "c"], {"deep": [1]}), 3),
        ([1.5, 2.5], 2),
    ],
)
def test_a_batch_has_as_many_samples_as_its_first_leaf_has_rows(
    log: Logbook, batch: object, samples: int
) -> None:
    list(batches(log.writer, [batch]))
    assert log.values("samples") == [samples]


def test_a_list_of_one_tensor_per_sample_is_counted_by_its_items(log: Logbook) -> None:
    images = [
        torch.zeros(3, 4, 4),
        torch.zeros(3, 5, 5),
        torch.zeros(3, 6, 6),
        torch.zeros(3, 4, 4),
    ]
    loader: DataLoader[torch.Tensor] = DataLoader(images, batch_size=2, collate_fn=list)  # type: ignore[arg-type]  # a list is a dataset
    list(batches(log.writer, loader))
    assert log.values("samples")[-1] == 4


@pytest.mark.parametrize("samples", [4, lambda graphs: 2 * len(graphs)])
def test_the_script_may_say_how_many_samples_there_are(log: Logbook, samples: Any) -> None:  # noqa: ANN401 - see above
    list(batches(log.writer, [{object(), object()}], samples=samples))
    assert log.values("samples") == [4]


def test_batches_of_unknown_make_are_not_counted(log: Logbook) -> None:
    assert len(list(batches(log.writer, [object(), None, 3]))) == 3
    assert log.values("samples") == []
    assert log.told == ""


def test_a_pass_tells_its_batches_beside_the_expected_ones(log: Logbook) -> None:
    loader = DataLoader(TensorDataset(torch.arange(10.0)), batch_size=4)
    list(batches(log.writer, loader))
    assert log.lines[-1].items() >= {"data/batches": 3, "data/batches_expected": 3}.items()


def test_a_pass_that_was_left_is_told_at_once(log: Logbook) -> None:
    loader = batches(log.writer, [[1], [2], [3]])
    for _ in zip(range(2), loader, strict=False):
        pass
    assert log.values("data/batches") == [2]


def test_a_pass_that_is_kept_is_told_when_the_next_begins(log: Logbook) -> None:
    loader = batches(log.writer, [[1], [2], [3]])
    kept = iter(loader)
    next(kept)
    assert log.values("data/batches") == []
    list(loader)
    assert log.values("data/batches") == [1, 3]


def test_more_batches_than_expected_are_told_at_once(log: Logbook) -> None:
    class Overlong(list[list[int]]):
        def __iter__(self) -> Iterator[list[int]]:
            return iter([[index] for index in range(50)])

    seen_at = [
        index
        for index, _ in enumerate(batches(log.writer, Overlong([[0]] * 20)))
        if log.values("data/batches")
    ]
    assert seen_at[0] == 22


def test_another_loader_tells_only_how_complete_its_passes_are(log: Logbook) -> None:
    for _ in batches(log.writer, [[1, 2], [3, 4]], name="val"):
        log.writer.log({"val/loss": 1.0})
    told = {name for line in log.lines for name in line} - {"val/loss", "time", "end"}
    ending = ("batches", "batches_expected", "distinct_fraction")
    assert told == {f"data/val/{name}" for name in ending}
    assert not log.writer.seen


def test_the_batches_seen_last_are_remembered(log: Logbook) -> None:
    loader = [(torch.rand(4, 3), ["a", "b"]) for _ in range(20)]
    for _ in range(2):
        for index, _batch in enumerate(batches(log.writer, loader)):
            newest = log.writer.seen[-1]
            assert (newest.index, newest.samples, newest.batch) == (index, 4, loader[index])
    assert newest.epoch == 1
    assert len({seen.fingerprint for seen in log.writer.seen}) == 16


def test_all_batches_remembered_are_kept_on_demand(log: Logbook) -> None:
    loader = [[1], [2], [3]]
    list(batches(log.writer, loader, keep_batches=True))
    assert [seen.batch for seen in log.writer.seen] == loader


def test_a_function_that_fails_costs_its_part_and_nothing_else(log: Logbook) -> None:
    def count(_: object) -> int:
        raise ZeroDivisionError("told")

    loader = [{"x": [1, 2]}] * 12
    assert list(batches(log.writer, loader, ids="id", samples=count)) == loader
    assert log.told.splitlines() == [
        "trainmon: the count of samples of 'train' is off: ZeroDivisionError('told')",
        "trainmon: the sketch of samples of 'train' is off: KeyError('id')",
    ]
    assert len(log.values("data_time")) == 12


def test_a_finished_writer_lets_the_loop_go_on(log: Logbook) -> None:
    log.writer.finish()
    assert list(batches(log.writer, [[1], [2]])) == [[1], [2]]


def test_the_loaders_settings_go_into_the_configuration(folder: Path) -> None:
    log = Logbook(folder, {"num_workers": 12, "batch_size": 64})
    loader = DataLoader(TensorDataset(torch.arange(10.0)), batch_size=4, shuffle=True)
    for _ in range(2):
        batches(log.writer, loader)
    batches(log.writer, loader, name="val")
    settings = {
        "num_workers": 0,
        "pin_memory": False,
        "persistent_workers": False,
        "drop_last": False,
        "shuffle": True,
        "sampler": "RandomSampler",
        "dataset": "TensorDataset",
        "dataset_kind": "map",
    }
    assert [event["config"] for event in log.events("config")] == [
        settings | {"train_samples": 10},
        {f"val_{k}": v for k, v in settings.items()} | {"val_batch_size": 4, "val_samples": 10},
    ]
