"""Field case 3: five ways to a binary classifier that is of no use, each its own log."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from trainmon.incidents import Incident
from trainmon.monitor import Monitor
from trainmon.rule import Severity
from trainmon.store.batch import Record
from trainmon.view import RunView

EPOCHS = 12
STEPS = 500
"""Of an epoch."""

POSITIVES, SAMPLES = 276_320, 633_040
SHARE = round(POSITIVES / SAMPLES, 4)
"""0.4365, as the scripts logged it."""

CONFIG: dict[str, Any] = {
    "epochs": 200,
    "lr": 1e-3,
    "batch_size": 8_192,
    "num_classes": 2,
    "loss": "BCEWithLogitsLoss",
    "monitor": "val/f1",
    "mode": "max",
}


def _log(
    config: Record, evaluation: Record, metrics: Record, losses: tuple[float, float], **parts: float
) -> list[Record]:
    """Return a run of 12 epochs whose loss falls between two values and whose metrics stand.

    `parts` are the shares that parts have of the loss.
    """
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": CONFIG | config}]
    rng = np.random.default_rng(0)
    course = np.linspace(*losses, EPOCHS * STEPS) * rng.lognormal(0, 0.01, EPOCHS * STEPS)
    norms = rng.lognormal(-1, 0.3, EPOCHS * STEPS)
    for step in range(1, EPOCHS * STEPS + 1):
        place = {"step": step, "epoch": step / STEPS, "time": 1e9 + 0.5 * step}
        if step % 10 == 0:
            loss, norm = float(course[step - 1]), float(norms[step - 1])
            told = {f"train/loss/{name}": share * loss for name, share in parts.items()}
            records.append(place | {"train/loss": loss, "lr": 1e-3, "grad_norm": norm} | told)
        if step % STEPS == 0:
            records.append({"event": "evaluation", "split": "val", **place, **evaluation})
            records.append(place | metrics)
    return records


def label_index() -> list[Record]:
    """F1 is that of label 2 in a task with labels 0 and 1; all is predicted positive."""
    told = {"kind": "binary", "n": SAMPLES, "positives": 0, "prevalence": POSITIVES / SAMPLES}
    metrics = {"train/accuracy": 0.6075, "val/accuracy": SHARE, "val/f1": 0.0}
    return _log({"positive_label": 2}, told, metrics, (0.8665, 0.8659))


def evaluation_subset() -> list[Record]:
    """The evaluation is the first 40 batches of sorted data."""
    told = {"kind": "binary", "n": 40 * 8_192, "positives": 0, "actual_shares": [1.0, 0.0]}
    metrics = {"val/accuracy": 0.81, "val/f1": 0.0}
    config = {"eval_limit": 40, "shuffle": False, "class_counts": [3_567_200, 2_763_200]}
    return _log(config, told, metrics, (0.69, 0.52))


def class_weighting() -> list[Record]:
    """Twofold oversampling and a leak weight of up to 4 beside an auxiliary loss."""
    told = {
        "kind": "binary",
        "n": 6_144,
        "threshold": 0.5,
        "confusion": [[100, 2_337], [86, 3_621]],
    }
    metrics = {"val/accuracy": 3_721 / 6_144, "val/f1": 2 * 3_621 / (5_958 + 3_707)}
    config = {"oversample": 2.0, "pos_weight": 4.0, "aux_weight": 1.0}
    return _log(config, told, metrics, (0.89, 0.88), main=0.102, aux=0.898)


def threshold() -> list[Record]:
    """A threshold of 0.3 below all scores, which lie near 0.5."""
    told: Record = {"kind": "binary", "n": 10_000, "threshold": 0.3}
    told |= {"confusion": [[0, 5_635], [0, 4_365]], "auroc": 0.56}
    told |= {"best_threshold": 0.497, "best_f1": 0.62}
    told["histogram"] = {"low": 0.0, "high": 1.0, "counts": [0, 0, 0, 0, 5_200, 4_800, 0, 0, 0, 0]}
    metrics = {"val/accuracy": SHARE, "val/recall": 1.0, "val/precision": SHARE, "val/f1": 0.6077}
    return _log({"threshold": 0.3}, told, metrics, (0.694, 0.688))


def reversed_warmup() -> list[Record]:
    """A warm-up whose learning rate falls from its first step, and a loss that stays."""
    records = _log({"warmup_steps": 1_000}, {"n": 10_000}, {"val/accuracy": 0.56}, (0.694, 0.693))
    for record in records:
        if "lr" in record:
            record["lr"] = max(1e-3 * (1 - record["step"] / 1_000), 1e-6)
    return records


LOGS = {
    "label-index": label_index,
    "eval-subset": evaluation_subset,
    "class-weighting": class_weighting,
    "threshold-mismatch": threshold,
    "lr-warmup-reversed": reversed_warmup,
}
"""By the cause that is at work."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunView]:
    found = {}
    for cause, make in LOGS.items():
        path = tmp_path_factory.mktemp(cause) / "rank0.jsonl"
        path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in make()))
        (found[cause],) = Monitor([path]).read_all(now=2e9).runs
    return found


def _finding(run: RunView, rule: str) -> Incident:
    return next(finding for finding in run.findings if finding.rule == rule)


def test_positives_that_exist_and_are_not_counted_contradict_each_other(
    runs: dict[str, RunView],
) -> None:
    finding = _finding(runs["label-index"], "metric-contradiction")
    assert (finding.severity, finding.onset_epoch, finding.epoch) == (Severity.ERROR, 1, 1)
    assert finding.evidence["kind"] == "label-index"
    assert finding.evidence["actual_positives"] == POSITIVES
    assert "counts 0 of 633,040 samples as positive where 276,320 exist" in finding.title


def test_the_same_is_told_by_an_f1_of_0_beside_an_accuracy_that_is_the_prevalence(
    tmp_path: Path,
) -> None:
    records = [
        record | {"prevalence": SHARE} if record.get("event") == "evaluation" else record
        for record in label_index()
    ]
    for record in records:
        record.pop("positives", None)
    path = tmp_path / "rank0.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    (run,) = Monitor([path]).read_all(now=2e9).runs
    finding = _finding(run, "metric-contradiction")
    assert (finding.severity, finding.onset_epoch) == (Severity.ERROR, 1)
    assert finding.evidence["expected_f1"] == pytest.approx(0.6077, abs=1e-4)


def test_first_batches_without_a_positive_do_not_stand_for_the_whole(
    runs: dict[str, RunView],
) -> None:
    finding = _finding(runs["eval-subset"], "eval-subset")
    assert (finding.severity, finding.onset_epoch, finding.epoch) == (Severity.WARNING, 1, 1)
    assert (finding.evidence["reason"], finding.evidence["n"]) == ("class missing", 327_680)
    assert (finding.evidence["limit"], finding.evidence["batches"]) == (40, 40)
    assert finding.evidence["expected"] == pytest.approx(143_031, abs=10)
    assert _finding(runs["eval-subset"], "no-positives").severity == Severity.WARNING


def test_nearly_all_predictions_are_of_one_class(runs: dict[str, RunView]) -> None:
    finding = _finding(runs["class-weighting"], "class-collapse")
    assert (finding.severity, finding.onset_epoch) == (Severity.WARNING, 1)
    assert finding.evidence["predicted_share"] == pytest.approx(0.9697, abs=1e-4)
    assert finding.evidence["true_share"] == pytest.approx(0.6034, abs=1e-4)
    assert finding.evidence["class"] == 1


def test_an_auxiliary_part_outweighs_the_main_one(runs: dict[str, RunView]) -> None:
    assert _finding(runs["class-weighting"], "aux-dominates").severity >= Severity.WARNING


def test_a_threshold_below_all_scores_is_told_at_the_second_evaluation(
    runs: dict[str, RunView],
) -> None:
    finding = _finding(runs["threshold-mismatch"], "threshold-mismatch")
    assert (finding.severity, finding.onset_epoch, finding.epoch) == (Severity.WARNING, 1, 2)
    assert (finding.evidence["threshold"], finding.evidence["one_sided"]) == (0.3, True)
    assert (finding.evidence["predicted_share"], finding.evidence["true_share"]) == (1.0, 0.4365)
    assert finding.evidence["lowest"] == pytest.approx(0.4)
    assert finding.evidence["highest"] == pytest.approx(0.6)


def test_a_warm_up_that_falls_is_seen(runs: dict[str, RunView]) -> None:
    assert _finding(runs["lr-warmup-reversed"], "lr-warmup-reversed").severity >= Severity.WARNING


@pytest.mark.parametrize("cause", LOGS)
def test_the_primary_cause_is_named(cause: str, runs: dict[str, RunView]) -> None:
    primary = runs[cause].diagnosis[0]
    assert (primary.cause, primary.role) == (cause, "primary")


def test_no_other_of_the_five_is_blamed_for_sure(runs: dict[str, RunView]) -> None:
    for cause, run in runs.items():
        sure = {d.cause for d in run.diagnosis if d.role == "primary" and d.confidence == "high"}
        assert not (sure & LOGS.keys()) - {cause}
