"""Runs for the reports: judged by a few rules, so that another rule changes no report here."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from trainmon.causes.diagnosis import Diagnosis
from trainmon.monitor import Monitor
from trainmon.rules import load
from trainmon.store.batch import Record
from trainmon.view import RunView, View

RULES = [
    load(name)
    for name in ("loader-spikes", "loss-spike", "metric-collapse", "non-finite", "overfitting")
]

BASELINE: list[Record] = [
    {"trainmon": 1, "run": "baseline", "time": 1e9, "config": {"lr": 0.001, "epochs": 3}},
    {"step": 1, "epoch": 0.5, "time": 1e9 + 1, "train/loss": 0.75},
    {"step": 2, "epoch": 1.0, "time": 1e9 + 2, "train/loss": 0.5},
    {"step": 3, "epoch": 1.5, "time": 1e9 + 3, "train/loss": "NaN"},
    {"event": "finish", "status": "finished", "time": 1e9 + 4},
]

CAUSE = Diagnosis(
    cause="bad-batch",
    title="one bad batch",
    role="primary",
    confidence="medium",
    because=("non-finite",),
    rivals=("lr-too-high", "precision-overflow"),
    decider="the batch of step 3",
    disproof="other batches of the kind did no harm",
    fix=("look at the batch of step 3", "skip batches whose loss is not finite"),
)


def judged(path: Path, records: Sequence[Record]) -> View:
    """Return the view of a log that is written to a path and read once, without its causes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    view = Monitor([path.parent], rules=RULES).read_all(now=2e9)
    return replace(view, runs=tuple(replace(run, diagnosis=()) for run in view.runs))


def with_run(view: View, run: RunView) -> View:
    """Return a view of this run alone."""
    return replace(view, runs=(run,))
