"""Field case 1: a detector that overfits, loses its tail, and runs on for eight epochs."""

from pathlib import Path

import orjson
import pytest

from trainmon.monitor import Monitor
from trainmon.rule import Severity
from trainmon.store.batch import Record
from trainmon.view import RunView

POSITIVES = 62_910

CONFIG = {
    "epochs": 12,
    "monitor": "tpr@fpr1e-4",
    "mode": "max",
    "lr": 3e-4,
    "batch_size": 256,
    "weight_decay": 1e-2,
    "dropout": 0.1,
    "loss": "focal",
    "num_workers": 8,
    "dataset_kind": "iterable",
    "train_samples": 128_000,
    "world_size": 4,
}
"""An epoch of 1,000 steps has 8.0 times the 125 that 4 ranks with batches of 256 have."""

# fmt: off
EPOCHS = {
    "train/loss": (.083, .023, .011, .007, .005, .003, .002, .001, .0007, .0004, .0002, .0001),
    "val/tpr@fpr1e-4": (.698, .788, .778, .798, .777, 1 / POSITIVES, 0, 0, 0, 0, 0, 0),
    "val/tpr@fpr1e-3": (.831, .815, .822, .854, .861, .852, .855, 0, 0, 0, 0, 0),
    "val/fpr@tpr.85": (
        .0011, .0018, .0017, .0008, .0006, .001, .0009, .0022, .0014, .0021, .0016, .0026
    ),
    "val/auroc": (.990, .991, .992, .993, .992, .991, .990, .990, .991, .990, .989, .990),
}
# fmt: on


def _records() -> list[Record]:
    records: list[Record] = [{"trainmon": 1, "run": "detector", "time": 1e9, "config": CONFIG}]
    for epoch in range(12):
        place = {"step": 1_000 * (epoch + 1), "epoch": epoch, "time": 1e9 + 600 * (epoch + 1)}
        n = {"n": 10 * POSITIVES, "positives": POSITIVES}
        records.append(place | {"event": "evaluation", "split": "val"} | n)
        records.append(place | {name: values[epoch] for name, values in EPOCHS.items()})
    return records


def _judged(folder: Path, records: list[Record]) -> RunView:
    path = folder / "rank0.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    (run,) = Monitor([path]).read_all(now=2e9).runs
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return _judged(tmp_path_factory.mktemp("detector"), _records())


def test_the_primary_cause_is_overfitting_with_a_shortcut_as_its_named_rival(run: RunView) -> None:
    primary = run.diagnosis[0]
    assert (primary.cause, primary.role) == ("overfitting", "primary")
    assert "shortcut-learning" in primary.rivals


def test_a_missing_early_stop_let_it_go_on(run: RunView) -> None:
    enablers = [diagnosis for diagnosis in run.diagnosis if diagnosis.role == "enabler"]
    assert [enabler.cause for enabler in enablers] == ["missing-early-stop"]
    assert "patience of 3" in enablers[0].fix[0]
    assert "at epoch 6" in enablers[0].fix[0]


def test_an_epoch_has_eight_times_the_expected_batches(run: RunView) -> None:
    duplication = next(f for f in run.findings if f.rule == "data-duplication")
    assert duplication.severity == Severity.WARNING
    assert duplication.evidence["steps_expected"] == 125
    assert (duplication.evidence["times"], duplication.evidence["workers"]) == (8, 8)
    assert duplication.onset_epoch == 0
    assert duplication.epoch is not None
    assert duplication.epoch <= 6


def test_the_duplicated_data_made_it_faster(run: RunView) -> None:
    accelerators = [d.cause for d in run.diagnosis if d.role == "accelerator"]
    assert accelerators == ["data-duplication"]


def test_the_best_epoch_and_what_was_wasted_since_are_told(run: RunView) -> None:
    overfitting = next(f for f in run.findings if f.rule == "overfitting")
    assert overfitting.metric == "val/tpr@fpr1e-4"
    assert overfitting.evidence["best_epoch"] == 3
    assert overfitting.evidence["epochs_wasted"] == 8
    assert overfitting.onset_epoch == 3


def test_the_collapse_is_an_error_while_the_ranking_stays(run: RunView) -> None:
    collapse = next(f for f in run.findings if f.rule == "metric-collapse")
    assert (collapse.metric, collapse.severity) == ("val/tpr@fpr1e-4", Severity.ERROR)
    assert (collapse.onset_epoch, collapse.evidence["ranking"]) == (5, "val/auroc")


def test_the_first_fix_keeps_the_checkpoint_of_the_best_epoch(run: RunView) -> None:
    assert "epoch 3" in run.diagnosis[0].fix[0]


def test_read_record_by_record_it_spoke_by_epoch_six(run: RunView, tmp_path: Path) -> None:
    replayed = _judged(tmp_path, [r for r in _records() if r.get("epoch", 0) <= 6])
    loud = {finding.rule for finding in replayed.findings_at(Severity.WARNING)}
    assert loud & {"overfitting", "metric-collapse"}
    assert {f.rule for f in run.findings if f.epoch is not None and f.epoch <= 6} >= loud
