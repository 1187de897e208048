"""What the curves tell of the plan: warm-up, epochs, smoothing, and when learning may be judged."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from trainmon.context import Context
from trainmon.judge import Judge
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

Rate = Callable[[int], float]


def _context(records: Sequence[Record], cut: int = 0) -> Context:
    lane = Lane()
    judge = Judge(lane, [], strict=True)
    cut = cut or len(records)
    for start in range(0, len(records), cut):
        lane.append(batch_of(records[start : start + cut]))
        judge.advance()
    return judge.context


def _log(count: int, rate: Rate, every: int = 1, **config: object) -> list[Record]:
    noise = np.random.default_rng(0).normal(0, 0.1, count)
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for at in range(count):
        step = (at + 1) * every
        epoch = step / 100
        loss = 1 + float(noise[at])
        records.append({"step": step, "epoch": epoch, "train/loss": loss, "lr": rate(step)})
    return records


def test_without_a_warm_up_learning_may_be_judged_after_a_hundred_steps() -> None:
    context = _context(_log(150, lambda _: 0.1))
    assert context.observed.warm_row == 0
    assert context.learning_row == 100


def test_a_warm_up_ends_where_the_rate_stops_rising() -> None:
    context = _context(_log(600, lambda step: 0.1 * min(1.0, step / 200)))
    assert context.observed.warm_row == 200
    assert context.learning_row == 300


def test_while_the_rate_rises_the_gate_is_closed() -> None:
    assert _context(_log(600, lambda step: 0.1 * step / 1_000)).learning_row is None


def test_half_of_the_configured_rate_is_enough_to_learn() -> None:
    context = _context(_log(600, lambda step: 0.1 * step / 1_000, lr=0.1))
    assert context.observed.warm_row == 500


def test_a_configured_warm_up_counts_where_no_rate_is_logged() -> None:
    records = [
        {key: value for key, value in record.items() if key != "lr"}
        for record in _log(600, lambda _: 0.1, warmup_steps=250)
    ]
    assert _context(records).observed.warm_row == 250


def test_a_rate_that_rises_once_an_epoch_is_still_rising_within_it() -> None:
    records = _log(350, lambda step: 0.01 * (1 + step // 100), lr=0.1)
    assert _context(records).observed.warm_row is None


@pytest.mark.parametrize("whole", [False, True])
def test_the_steps_of_an_epoch_are_found_out(*, whole: bool) -> None:
    records = _log(350, lambda _: 0.1)
    if whole:
        records = [r | {"epoch": int(r["epoch"])} if "epoch" in r else r for r in records]
    assert _context(records).steps_per_epoch == pytest.approx(100, rel=0.01)


def test_the_configuration_knows_the_steps_of_an_epoch_before() -> None:
    context = _context(_log(10, lambda _: 0.1, train_samples=6_400, batch_size=32, accum=2))
    assert context.steps_per_epoch == 100


def test_records_that_are_epochs_are_known_as_such() -> None:
    records: list[Record] = [{"epoch": epoch, "train/loss": 1.0} for epoch in range(20)]
    assert _context(records).epoch_records
    assert not _context(_log(200, lambda _: 0.1)).epoch_records


@pytest.mark.parametrize(("weight", "smoothed"), [(0.0, False), (0.95, True)])
def test_a_log_that_was_averaged_is_known_as_such(weight: float, *, smoothed: bool) -> None:
    records = _log(400, lambda _: 0.1)
    level = 1.0
    for record in records[1:]:
        level = weight * level + (1 - weight) * record["train/loss"]
        record["train/loss"] = level
    assert _context(records).smoothed is smoothed


def test_after_a_resume_the_warm_up_is_looked_for_anew() -> None:
    records = _log(320, lambda _: 0.1)
    records.insert(200, {"event": "resume", "step": 199})
    assert _context(records[:250]).learning_row is None
    assert _context(records).learning_row == 300
    assert _context(records).steps_per_epoch == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_what_is_observed_does_not_depend_on_the_cut(cut: int) -> None:
    records = _log(700, lambda step: 0.1 * min(1.0, step / 150))
    records.insert(400, {"event": "phase", "name": "second"})
    assert _context(records, cut).observed == _context(records).observed


def test_a_raw_loss_that_falls_steeply_at_first_is_not_taken_for_an_average() -> None:
    noise = np.random.default_rng(0).normal(0, 0.005, 400)
    fall = 2 * np.exp(-np.arange(400) / 40)
    losses = (0.1 + fall + noise).tolist()
    records: list[Record] = [{"step": n + 1, "train/loss": loss} for n, loss in enumerate(losses)]
    assert _context(records).smoothed is False


def test_what_still_rises_at_twice_the_warm_up_that_is_told_is_none() -> None:
    context = _context(_log(600, lambda step: 1e-9 * step, lr=0.1, warmup_steps=100))
    assert context.observed.warm_row == 200
    assert context.learning_row == 300


def test_what_still_rises_at_half_of_the_plan_is_no_warm_up() -> None:
    context = _context(_log(600, lambda step: 1e-9 * step, lr=0.1, total_steps=800))
    assert context.observed.warm_row == 400


def test_a_rate_that_never_comes_near_the_configured_one_does_not_keep_the_gate_closed() -> None:
    few = _log(60, lambda _: 1e-5, every=10, lr=1e-3, warmup_steps=100)
    context = _context(few)
    assert context.learning_row is not None
    assert _context(_log(60, lambda _: 1e-5, every=10, lr=1e-3)).learning_row is None
