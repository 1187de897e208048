import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from statistics import median

import pytest

from trainmon.demo import STEPS, load, names
from trainmon.demo.recipe import STEPS_PER_EPOCH
from trainmon.demo.training import VALIDATION_SAMPLES, Checkpoint, train


@dataclass
class FakeTime:
    """Time that passes a millisecond with every look at the clock, and in sleep."""

    now: float = 0.0

    def clock(self) -> float:
        self.now += 0.001
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Notebook:
    """A log that keeps what it is told."""

    records: list[dict[str, float]] = field(default_factory=list)
    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def log(self, metrics: Mapping[str, float], /, *, step: int, epoch: float) -> None:
        self.records.append({**metrics, "step": step, "epoch": epoch})

    def event(self, kind: str, /, *, step: int, epoch: float, **fields: object) -> None:
        self.events.append((kind, {**fields, "step": step, "epoch": epoch}))

    def series(self, metric: str) -> list[float]:
        return [record[metric] for record in self.records if metric in record]


@dataclass(frozen=True)
class Trained:
    notebook: Notebook
    best: Checkpoint
    seconds: float

    def series(self, metric: str) -> list[float]:
        return self.notebook.series(metric)


@cache
def trained(name: str, seed: int = 0, steps: int = STEPS, pace: float | None = None) -> Trained:
    notebook, time = Notebook(), FakeTime()
    best = train(
        load(name),
        notebook,
        seed=seed,
        steps=steps,
        pace=pace,
        clock=time.clock,
        sleep=time.sleep,
    )
    return Trained(notebook, best, time.now)


def test_a_healthy_run_learns_and_its_validation_loss_hardly_ever_turns_up() -> None:
    val_loss = trained("healthy").series("val/loss")
    assert val_loss[-1] < 0.3 * val_loss[0]
    best_so_far = val_loss[0]
    for loss in val_loss:
        assert loss < 1.03 * best_so_far
        best_so_far = min(best_so_far, loss)


def test_a_healthy_run_has_no_spike_in_loss_gradient_or_waiting() -> None:
    run = trained("healthy")
    assert max(run.series("train/loss")[STEPS_PER_EPOCH:]) < run.series("train/loss")[0]
    assert max(run.series("grad_norm")[100:]) < 2
    assert max(run.series("data_time")) < 0.002


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_overfitting_run_is_best_at_about_a_third_and_rises_while_train_falls(seed: int) -> None:
    run = trained("overfitting", seed)
    val_loss, train_loss = run.series("val/loss"), run.series("train/loss")
    best = val_loss.index(min(val_loss))
    assert len(val_loss) / 5 < best < len(val_loss) / 2
    assert min(val_loss[-5:]) > 1.1 * val_loss[best]
    assert median(train_loss[-50:]) < 0.5 * median(train_loss[:STEPS_PER_EPOCH])


def test_the_nan_run_learns_first_then_spikes_then_stays_at_nan() -> None:
    losses = trained("nan").series("train/loss")
    first = next(step for step, loss in enumerate(losses) if not math.isfinite(loss))
    assert first > 200
    assert min(losses[:first]) < 0.3 * losses[0]
    assert max(losses[first - 10 : first]) > 100 * losses[0]
    assert all(math.isnan(loss) for loss in losses[first + 10 :])


def test_the_collapsing_run_falls_to_an_f1_of_zero_and_one_predicted_class() -> None:
    run = trained("collapse")
    f1 = run.series("val/f1")
    assert max(f1) > 0.8
    assert f1[-10:] == [0.0] * 10
    kind, last = run.notebook.events[-1]
    assert kind == "evaluation"
    assert isinstance(last["confusion"], list)
    assert sum(row[1] for row in last["confusion"]) < 0.01 * VALIDATION_SAMPLES


def test_the_spiking_loss_jumps_at_the_broken_batches_alone_and_recovers_at_once() -> None:
    losses = trained("loss-spike").series("train/loss")
    late = losses[300:]
    spikes = [300 + step + 1 for step, loss in enumerate(late) if loss > 5 * median(late)]
    assert spikes == list(range(340, STEPS + 1, 170))


def test_the_loader_stalls_once_a_block_and_nowhere_else() -> None:
    waits = trained("loader-spikes", steps=120).series("data_time")
    assert [step + 1 for step, wait in enumerate(waits) if wait > 0.01] == [40, 80, 120]


@pytest.mark.parametrize("name", names())
def test_a_seed_decides_every_number_of_a_run(name: str) -> None:
    once = trained(name, steps=30)
    notebook, time = Notebook(), FakeTime()
    train(load(name), notebook, steps=30, clock=time.clock, sleep=time.sleep)
    assert repr(notebook) == repr(once.notebook)  # in which a NaN equals itself
    assert repr(trained(name, seed=1, steps=30).notebook) != repr(once.notebook)


@pytest.mark.parametrize("name", names())
def test_every_step_is_logged_and_every_epoch_evaluated(name: str) -> None:
    run = trained(name, steps=60)
    trainings = [record for record in run.notebook.records if "train/loss" in record]
    assert [record["step"] for record in trainings] == list(range(1, 61))
    assert {"lr", "grad_norm", "data_time", "step_time", "samples"} < trainings[0].keys()
    evaluations = [record for record in run.notebook.records if "val/loss" in record]
    assert [record["epoch"] for record in evaluations] == [1.0, 2.0]
    assert {"val/accuracy", "val/f1"} < evaluations[0].keys()


def test_a_pace_stretches_the_run_and_none_of_its_logged_times() -> None:
    flat_out, paced = trained("healthy", steps=30), trained("healthy", steps=30, pace=10.0)
    assert paced.seconds == pytest.approx(3.0, abs=0.1)
    assert paced.notebook.records == [
        pytest.approx(record, abs=1e-9) for record in flat_out.notebook.records
    ]


def test_the_checkpoint_kept_is_the_last_one_told() -> None:
    run = trained("overfitting")
    told = [
        (fields["step"], fields["value"])
        for kind, fields in run.notebook.events
        if kind == "checkpoint"
    ]
    assert told[-1] == (run.best.step, run.best.loss)
    assert run.best.loss == min(run.series("val/loss"))
