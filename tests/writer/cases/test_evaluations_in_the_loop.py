"""Loops that evaluate as real ones do: within an epoch, on a subset, on the wrong label."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset

from trainmon import Writer
from trainmon.configuration import settings_of

Lines = list[dict[str, Any]]
Read = Callable[[Path], Lines]

TARGETS = torch.arange(1_024) % 2
SCORES = torch.linspace(0, 1, 1_024)


def loader(samples: int) -> "DataLoader[tuple[torch.Tensor, ...]]":
    generator = torch.Generator().manual_seed(0)
    return DataLoader(TensorDataset(torch.randn(samples, 8, generator=generator)), batch_size=16)


def with_mid_epoch_evaluations(log: Writer) -> None:
    """Train for 100 steps, of which every 10th is logged, and evaluate after every 25th."""
    for step, _ in enumerate(log.batches(loader(1_600)), start=1):
        if step % 10 == 0:
            log.log({"train/loss": 1.0}, step=step)
        if step % 25 == 0:
            for _ in log.batches(loader(640), name="val"):
                pass
            log.log({"val/loss": 1.0}, step=step)


def test_steps_never_go_back_where_evaluations_interrupt_an_epoch(folder: Path, read: Read) -> None:
    with Writer(folder) as log:
        with_mid_epoch_evaluations(log)
    lines = [line for line in read(folder / "rank0.jsonl") if "data_time" in line]
    assert len(lines) == 100
    steps = [line["step"] for line in lines if "step" in line]  # the script's first one is 10
    assert steps == sorted(steps)
    assert len(steps) == 91


def test_an_evaluation_tells_how_complete_it_was_on_its_own_line(folder: Path, read: Read) -> None:
    with Writer(folder) as log:
        with_mid_epoch_evaluations(log)
    told = [line for line in read(folder / "rank0.jsonl") if "data/val/batches" in line]
    assert [line["step"] for line in told] == [25, 50, 75, 100]
    assert all(line.keys() >= {"val/loss", "data/val/distinct_fraction"} for line in told)


def test_an_evaluation_of_the_first_batches_shows_as_such_at_once(folder: Path, read: Read) -> None:
    with Writer(folder) as log:
        for index, _ in enumerate(log.batches(loader(640), name="val"), start=1):
            if index == 4:
                break
        log.evaluation("val", TARGETS, SCORES, step=10)
    (line,) = (line for line in read(folder / "rank0.jsonl") if "val/f1" in line)
    assert (line["data/val/batches"], line["data/val/batches_expected"]) == (4, 40)


def test_the_loader_of_an_evaluation_is_not_taken_for_that_of_the_training(folder: Path) -> None:
    with Writer(folder) as log:
        log.batches(loader(1_600))
        log.batches(DataLoader(TensorDataset(SCORES), batch_size=64), name="val")
        settings = settings_of(json.loads(json.dumps(log.config)))
    assert (settings["batch_size"], settings["train_samples"]) == (16, 1_600)


def test_a_label_that_never_occurs_leaves_stopping_and_checkpoints_to_the_loss(
    folder: Path,
) -> None:
    losses = [0.9, 0.7, 0.8, 0.75, 0.71, 0.72, 0.73]
    with Writer(folder) as log:
        stop = log.early_stopping("val/f1", mode="max", patience=3, also="val/loss")
        best = []
        for epoch, loss in enumerate(losses):
            log.evaluation("val", TARGETS == 2, SCORES, metrics={"loss": loss}, epoch=epoch)
            if stop.improved:
                best.append(epoch)
            if log.should_stop:
                break
    assert (best, epoch, stop.best_epoch) == ([0, 1], 4, 1.0)


def test_a_model_of_nothing_but_nan_runs_out_of_patience(folder: Path) -> None:
    with Writer(folder) as log:
        stop = log.early_stopping("val/f1", patience=3, also=None)
        for _ in range(3):
            log.evaluation("val", TARGETS, torch.full((1_024,), torch.nan))
    assert stop.should_stop
