"""Field case 6: a training loss of 3.6 times the validation loss that was only reported wrongly."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from trainmon.monitor import Monitor
from trainmon.rule import Severity
from trainmon.store.batch import Record
from trainmon.view import RunView

STEPS = 200
"""Optimizer steps of an epoch."""

CONFIG = {
    "lr": 1e-3,
    "epochs": 60,
    "warmup_steps": 8 * STEPS,
    "batch_size": 4,
    "accum": 3,
    "dropout": 0.1,
    "optimizer": "adamw",
}

VAL = (0.274, 0.271, 0.269)

RATES = tuple(np.linspace(0.000125, 0.001, 8).tolist())
"""The learning rate of each epoch of the warm-up, which is flat within an epoch."""


def _losses() -> list[float]:
    """Return what was logged at each step: the first batch 2.749 where .916 was trained on."""
    rng = np.random.default_rng(6)
    course = 0.98 + 1.769 * np.exp(-np.arange(len(VAL) * STEPS) / 15)
    logged = course * rng.normal(1, 0.03, len(course))
    logged[0] = 3 * 0.9163
    values: list[float] = logged.round(3).tolist()
    return values


def _steps() -> list[Record]:
    """Return the log of every step."""
    records: list[Record] = [{"trainmon": 1, "run": "field", "time": 1e9, "config": CONFIG}]
    for index, loss in enumerate(_losses()):
        step, epoch = index + 1, index // STEPS
        place = {"step": step, "epoch": step / STEPS, "time": 1e9 + step}
        records.append(place | {"train/loss": loss, "lr": RATES[epoch]})
        if step % STEPS == 0:
            records.append(place | {"val/loss": VAL[epoch]})
    return records


def _epochs() -> list[Record]:
    """Return the log of a script that writes one line an epoch."""
    records: list[Record] = [{"trainmon": 1, "run": "field", "time": 1e9, "config": CONFIG}]
    for epoch, val in enumerate(VAL):
        place = {"step": STEPS * (epoch + 1), "epoch": epoch, "time": 1e9 + 600 * epoch}
        records.append(place | {"train/loss": 0.98, "val/loss": val, "lr": RATES[epoch]})
    return records


LOGS = {"steps": _steps, "epochs": _epochs}


def _judged(folder: Path, records: list[Record]) -> RunView:
    path = folder / "rank0.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    (run,) = Monitor([path]).read_all(now=2e9).runs
    return run


@pytest.fixture(scope="module", params=LOGS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return _judged(tmp_path_factory.mktemp("field"), LOGS[request.param]())


def test_the_training_loss_is_off_by_the_accumulation(run: RunView) -> None:
    finding = next(f for f in run.findings if f.rule == "accumulation-misreport")
    assert (finding.severity, finding.metric) == (Severity.WARNING, "train/loss")
    assert finding.evidence["accumulation"] == 3
    assert finding.evidence["ratio"] == pytest.approx(3.6, abs=0.1)


def test_the_true_loss_is_told_and_lies_where_dropout_puts_it(run: RunView) -> None:
    finding = next(f for f in run.findings if f.rule == "accumulation-misreport")
    assert finding.evidence["true_loss"] == pytest.approx(0.327, abs=0.005)
    assert finding.evidence["true_ratio"] == pytest.approx(1.2, abs=0.03)


def test_it_is_so_from_the_first_training_loss_on(run: RunView) -> None:
    finding = next(f for f in run.findings if f.rule == "accumulation-misreport")
    first = min(record["step"] for record in _steps() if "train/loss" in record)
    assert finding.onset_step in (first, STEPS)
    assert finding.onset_row == 1


@pytest.mark.parametrize("log", LOGS)
def test_it_is_spoken_by_the_second_evaluation(log: str, tmp_path: Path) -> None:
    records = LOGS[log]()
    evaluations = [row for row, record in enumerate(records) if "val/loss" in record]
    rules = {f.rule for f in _judged(tmp_path, records[: evaluations[1] + 1]).findings}
    assert "accumulation-misreport" in rules


@pytest.mark.parametrize(
    "rule",
    [
        "train-above-val",
        "generalisation-gap",
        "not-learning",
        "overfitting",
        "lr-out-of-range",
        "lr-warmup-reversed",
    ],
)
def test_what_it_only_looks_like_is_not_found(rule: str, run: RunView) -> None:
    assert rule not in {finding.rule for finding in run.findings}


def test_the_primary_cause_is_the_misreport(run: RunView) -> None:
    primary = [d.cause for d in run.diagnosis if d.role == "primary"]
    assert primary == ["accumulation-misreport"]
