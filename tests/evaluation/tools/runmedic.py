"""runmedic (MIT): its command ``runmedic diagnose`` on a log of JSON lines, one of its formats.

It finds the roles of metrics by patterns that know our names. It is given the records of numbers;
an exception becomes the text log beside them in which it looks for crashes. Its levels are its own
words: critical, warning, info.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evaluation.case import Case
from tests.evaluation.logs import metrics_of, spelled_lines
from tests.evaluation.tools.symptoms import BLOWN_UP, OVERFITTING, SLOWER, STUCK, WAITING
from tests.evaluation.tools.tool import Said, Tool, module
from trainmon.record import EVENT_KEY, EventKind
from trainmon.rule import Severity

NAMES = {
    "non_finite": BLOWN_UP,
    "divergence": BLOWN_UP | {"metric-collapse"},
    "loss_spikes": BLOWN_UP | {"oscillation"},
    "grad_spikes": BLOWN_UP,
    "no_learning": STUCK,
    "overfitting": OVERFITTING,
    "val_below_train": frozenset(
        {"accumulation-misreport", "suspiciously-good", "train-above-val"}
    ),
    "constant_lr_plateau": STUCK | {"early-stop", "oscillation"},
    "input_bound": WAITING,
    "slow_steps": WAITING | SLOWER,
    "slowdown": SLOWER,
    "memory_growth": frozenset({"gpu-memory-high", "memory-leak"}),
    "log": frozenset({"crashed", "gpu-memory-high", "memory-leak", "non-finite", "stalled"}),
}
"""Each of its checks as generously as it can be read."""


def _diagnose(case: Case) -> Sequence[Said]:
    loaders, roles, checks = (module(f"runmedic.{part}") for part in ("loaders", "roles", "checks"))
    with TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "metrics.jsonl").write_bytes(spelled_lines(metrics_of(case.records)))
        crash = _crash(case)
        if crash:
            (path / "train.log").write_text(crash)
        findings = [
            finding
            for run in loaders.load(folder)
            for finding in checks.run_checks(run, roles.detect(run))
        ]
    return [Said(f.check.partition(":")[0], f.severity, f.title, f.step) for f in findings]


def _crash(case: Case) -> str:
    """Return what the exceptions of a run would have printed."""
    exceptions = [r for r in case.records if r.get(EVENT_KEY) == EventKind.EXCEPTION]
    return "".join(
        f"{e.get('traceback', '')}\n{e.get('type', '')}: {e.get('message', '')}\n"
        for e in exceptions
    )


RUNMEDIC = Tool(
    package="runmedic",
    diagnose=_diagnose,
    levels={"critical": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO},
    names=NAMES,
)
