"""Field case 5: a segmentation that drops at its second epoch, beside a run of it that worked."""

from pathlib import Path

import orjson
import pytest

from trainmon.given import Given
from trainmon.monitor import Monitor
from trainmon.one_run import reference_at
from trainmon.reference import Reference
from trainmon.rule import Severity
from trainmon.store.batch import Record
from trainmon.view import RunView

IMAGES = 4_000
"""Of the training set: both runs see as many in an epoch."""

GOOD_CONFIG = {
    "optimizer": "adamw",
    "lr": 2.5e-4,
    "batch_size": 2,
    "accum": 4,
    "image_size": 384,
    "deep_supervision": False,
    "ema": False,
    "output_dir": "runs/good",
}
BAD_CONFIG = {
    "optimizer": "adamw",
    "lr": 1e-4,
    "batch_size": 16,
    "accum": 8,
    "image_size": 320,
    "deep_supervision": True,
    "ema": True,
    "output_dir": "runs/bad",
}

GOOD = {1: 0.109, 3: 0.424, 6: 0.487, 30: 0.548}
"""IoU by epoch."""

BAD = (
    {1: 0.1094, 2: 0.0188}
    | dict.fromkeys(range(3, 14), 0.0111)
    | dict.fromkeys(range(14, 30), 0.1106)
    | dict.fromkeys(range(30, 40), 0.1136)
    | {40: 0.0}
)

UNFREEZE = {"event": "phase", "name": "unfreeze backbone"}


def _records(config: Record, iou: dict[int, float], batch: int, upto: int) -> list[Record]:
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    for epoch, value in iou.items():
        place = {"step": IMAGES * epoch // batch, "epoch": epoch, "time": 1e9 + 600 * epoch}
        if epoch <= upto:
            records.append({**place, "val/iou": value})
        if epoch == 30 and config is BAD_CONFIG and epoch <= upto:
            records.append(place | UNFREEZE)
    return records


def _write(folder: Path, records: list[Record]) -> Path:
    folder.mkdir(parents=True)
    lines = b"".join(orjson.dumps(record) + b"\n" for record in records)
    (folder / "rank0.jsonl").write_bytes(lines)
    return folder


def _judged(folder: Path, reference: Reference | None, upto: int = 40) -> RunView:
    path = _write(folder / "bad", _records(BAD_CONFIG, BAD, 16 * 8, upto))
    (run,) = Monitor([path], given=Given(reference=reference)).read_all(now=2e9).runs
    return run


@pytest.fixture
def good(tmp_path: Path) -> Reference:
    return reference_at(_write(tmp_path / "good", _records(GOOD_CONFIG, GOOD, 2 * 4, 30)))


def test_with_the_reference_the_learning_rate_for_the_batch_is_the_primary_cause(
    good: Reference, tmp_path: Path
) -> None:
    primary = _judged(tmp_path, good).diagnosis[0]
    assert (primary.cause, primary.role) == ("lr-batch-mismatch", "primary")
    assert "lr-batch-mismatch" in primary.because


@pytest.mark.parametrize("upto", [3, 40])
def test_with_the_reference_it_speaks_by_epoch_three(
    good: Reference, tmp_path: Path, upto: int
) -> None:
    run = _judged(tmp_path, good, upto)
    mismatch = next(f for f in run.findings if f.rule == "lr-batch-mismatch")
    assert mismatch.severity == Severity.WARNING
    assert (mismatch.epoch, mismatch.onset_epoch) == (2, 2)


def test_the_learning_rate_per_sample_is_named_first_among_the_differences(
    good: Reference, tmp_path: Path
) -> None:
    run = _judged(tmp_path, good)
    evidence = next(f for f in run.findings if f.rule == "lr-batch-mismatch").evidence
    assert evidence["lr_per_sample"] == pytest.approx(7.8e-7, rel=0.01)
    assert evidence["reference_lr_per_sample"] == pytest.approx(3.125e-5)
    assert evidence["factor"] == pytest.approx(40)
    assert evidence["differences"][0].startswith("LR per sample 40x smaller: 7.81e-7 against 3.1")


def test_other_differences_follow_and_paths_are_none(good: Reference, tmp_path: Path) -> None:
    run = _judged(tmp_path, good)
    told = next(f for f in run.findings if f.rule == "lr-batch-mismatch").evidence["differences"]
    names = [text.split(":")[0].split(" ")[0] for text in told]
    assert {"effective", "lr", "image_size", "deep_supervision", "ema"} <= set(names)
    assert "output_dir" not in names


@pytest.mark.parametrize("upto", [3, 40])
def test_without_a_reference_the_metric_collapses_at_epoch_three(tmp_path: Path, upto: int) -> None:
    run = _judged(tmp_path, None, upto)
    collapse = next(f for f in run.findings if f.rule == "metric-collapse")
    assert (collapse.epoch, collapse.onset_epoch) == (3, 3)
    assert "lr-batch-mismatch" not in {finding.rule for finding in run.findings}


def test_without_a_reference_it_says_what_it_could_not_judge(tmp_path: Path) -> None:
    missing = next(m for m in _judged(tmp_path, None).not_judged if m.rule == "lr-batch-mismatch")
    assert missing.missing == ("a reference",)
    assert "trainmon check --reference RUN" in missing.log
