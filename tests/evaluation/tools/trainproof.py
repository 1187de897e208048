"""trainproof (MIT): its command ``trainproof epoch`` on a log of JSON lines, one of its formats.

It knows columns by their exact names, so ours are told by the names of its documentation. Its
levels are FAIL and WARN; PASS, INFO and NOT-CHECKED are no alarms.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evaluation.case import Case
from tests.evaluation.logs import metrics_of, spelled_lines
from tests.evaluation.tools.symptoms import (
    BLOWN_UP,
    OVERFITTING,
    RATE_GONE,
    SLOWER,
    STUCK,
    WAITING,
)
from tests.evaluation.tools.tool import Said, Tool, module
from trainmon.rule import Severity
from trainmon.store.batch import Record

COLUMNS = {
    "step": "step",
    "time": "time",
    "train/loss": "loss",
    "val/loss": "eval_loss",
    "lr": "lr",
    "grad_norm": "grad_norm",
    "step_time": "step_time",
    "data_time": "loader_time",
    "sys/gpu0/util": "gpu_util",
}
"""Our metrics by the names of its columns."""

NAMES = {
    "TP-NAN": BLOWN_UP,
    "TP-NAN-GRAD": BLOWN_UP,
    "TP-DIVERGE": BLOWN_UP | {"metric-collapse"},
    "TP-GRAD-SPIKE": BLOWN_UP,
    "TP-ZERO-LOSS": STUCK | {"suspiciously-good"},
    "TP-ZERO-LOSS-ONSET": STUCK | {"non-finite", "suspiciously-good"},
    "TP-ZERO-GRAD": STUCK,
    "TP-FLAT": STUCK,
    "TP-DEAD-RUN": STUCK,
    "TP-ZERO-LR": RATE_GONE | {"not-learning"},
    "TP-ZERO-LR-PARTIAL": RATE_GONE | {"not-learning"},
    "TP-OVERFIT": OVERFITTING,
    "TP-STEP-CLIFF": SLOWER,
    "TP-LOADER-BOUND": WAITING,
}
"""Each of its checks as generously as it can be read."""


def _diagnose(case: Case) -> Sequence[Said]:
    check = module("trainproof.epoch").check_epoch
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_bytes(spelled_lines([_renamed(r) for r in metrics_of(case.records)]))
        report = check(path, fmt="jsonl")
    return [Said(f["id"], f["level"], f["message"]) for f in report["findings"]]


def _renamed(record: Record) -> Record:
    return {COLUMNS.get(name, name): value for name, value in record.items()}


TRAINPROOF = Tool(
    package="trainproof",
    diagnose=_diagnose,
    levels={"FAIL": Severity.ERROR, "WARN": Severity.WARNING},
    names=NAMES,
)
