"""Field case 2: directions that stay at random for three hours, then an exception."""

from math import pi
from pathlib import Path

import numpy as np
import orjson
import pytest

from trainmon.monitor import Monitor
from trainmon.rule import Severity
from trainmon.store.batch import Record
from trainmon.view import RunView

LAYER = "t1.layers.0.qkv_proj.weight"

CONFIG = {
    "lr": 3e-4,
    "clip": 1.0,
    "dropout": 0.0,
    "shuffle": False,
    "loss": "angular distance",
    "batch_size": 128,
}

FEATURES = {
    "time": {"mean": 13_130.0, "std": 4_000.0, "min": 5_714.0, "max": 77_785.0, "nan": 0},
    "charge": {"mean": 3.9, "std": 21.0, "min": 0.025, "max": 2_762.0, "nan": 0},
    "sensor_id": {"mean": 2_500.0, "std": 1_480.0, "min": 0.0, "max": 5_159.0, "nan": 0},
    "auxiliary": {"mean": 0.28, "std": 0.45, "min": 0.0, "max": 1.0, "nan": 0},
}

HOURS = 3
EVERY = 20
"""Steps from one record to the next; a step takes a second."""


def _records() -> list[Record]:
    rng = np.random.default_rng(2)
    count = HOURS * 3_600 // EVERY
    loss = np.linspace(1.59, 1.50, count) + rng.normal(0, 0.01, count)
    norms = rng.uniform(100, 300, count)
    records: list[Record] = [
        {"trainmon": 1, "run": "directions", "time": 1e9, "config": CONFIG},
        {"event": "inputs", "step": 1, "time": 1e9, "n": 128, "features": FEATURES},
    ]
    for at in range(count):
        step = EVERY * (at + 1)
        layers = {
            f"grad_norm/{LAYER}": float(0.9 * norms[at]),
            "grad_norm/t1.layers.1.qkv_proj.weight": float(0.3 * norms[at]),
        }
        values = {"train/loss": float(loss[at]), "lr": 3e-4, "grad_norm": float(norms[at])}
        records.append({"step": step, "time": 1e9 + step} | values | layers)
    message = "Non-finite values in predicted vectors"
    crash = {"event": "exception", "type": "ValueError", "message": message}
    return [*records, crash | {"step": EVERY * count, "time": 1e9 + 3_600 * HOURS}]


def _judged(folder: Path, records: list[Record]) -> RunView:
    path = folder / "rank0.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    (run,) = Monitor([path], strict=True).read_all(now=2e9).runs
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return _judged(tmp_path_factory.mktemp("directions"), _records())


def test_the_primary_cause_is_inputs_that_are_not_normalised(run: RunView) -> None:
    primary = run.diagnosis[0]
    assert (primary.cause, primary.role) == ("unnormalised-inputs", "primary")
    assert primary.fix[0].startswith("time: subtract 1.313e+04 and divide by 4e+03")


def test_a_learning_rate_that_is_too_high_makes_it_worse(run: RunView) -> None:
    accelerators = [d.cause for d in run.diagnosis if d.role == "accelerator"]
    assert "lr-too-high" in accelerators


def test_inputs_are_a_warning_beside_a_run_that_does_not_learn(run: RunView) -> None:
    (inputs,) = [finding for finding in run.findings if finding.rule == "unnormalised-inputs"]
    assert inputs.severity == Severity.WARNING
    assert inputs.evidence["leads"] == "time"


def test_it_does_not_learn_beside_half_a_turn(run: RunView) -> None:
    (stuck,) = [finding for finding in run.findings if finding.rule == "not-learning"]
    assert stuck.severity >= Severity.WARNING
    assert stuck.evidence["baseline"] == pytest.approx(pi / 2)


def test_the_clipping_decides_and_the_layer_that_leads_is_named(run: RunView) -> None:
    (clipped,) = [finding for finding in run.findings if finding.rule == "clip-saturation"]
    assert clipped.severity == Severity.WARNING
    assert clipped.evidence["median"] == pytest.approx(200, rel=0.1)
    assert clipped.evidence["layer"] == LAYER


def test_the_exception_is_sorted_by_what_it_speaks_of(run: RunView) -> None:
    (crash,) = [finding for finding in run.findings if finding.rule == "crashed"]
    assert crash.evidence["speaks_of"] == "not finite"


def test_it_spoke_within_the_first_of_the_three_hours(tmp_path: Path) -> None:
    early = [r for r in _records() if r.get("step", 0) <= 3_600 and r.get("event") != "exception"]
    loud = {finding.rule for finding in _judged(tmp_path, early).findings_at(Severity.WARNING)}
    assert {"not-learning", "clip-saturation", "unnormalised-inputs"} <= loud
