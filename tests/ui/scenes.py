"""Small logs that are the same everywhere, and the scenes that a screen would draw of them.

All of it is computed, nothing is drawn by chance and no clock is looked at, so that a panel has
the same cells on every machine.
"""

from collections.abc import Iterator, Sequence
from math import cos, exp, pi, sin
from typing import Any, Final

from trainmon.liveness import Process
from trainmon.rules import load
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of
from trainmon.ui.scene import Scene, Settings
from trainmon.view import Machine, RunView, View

START: Final = 1_763_668_800.0
"""Unix seconds of the first record of every log."""

STEP_SECONDS: Final = 0.15
STEPS_PER_EPOCH: Final = 40
EPOCHS: Final = 12

SECONDS_LATER: Final = 1.4
"""Age of the last record in every scene."""

MACHINE: Final = Machine(
    START,
    {
        "gpu0/util": 0.91,
        "gpu0/mem_used": 71.0 * 2**30,
        "gpu0/mem_total": 80.0 * 2**30,
        "gpu0/power": 612.0,
        "gpu0/temp": 64.0,
        "gpu1/util": 0.08,
        "gpu1/mem_used": 79.0 * 2**30,
        "gpu1/mem_total": 80.0 * 2**30,
        "cpu": 0.37,
        "mem_used": 101.0 * 2**30,
        "mem_total": 512.0 * 2**30,
    },
    {"gpu0": "NVIDIA H100", "gpu1": "NVIDIA H100"},
)

RULES: Final = [
    load(name)
    for name in (
        *("loader-spikes", "loss-spike", "metric-collapse"),
        *("non-finite", "overfitting", "stalled"),
    )
]
"""A few rules, so that another one changes no picture."""

PLANNED_STEPS: Final = 800

CONFIG: Final = {
    "lr": 3e-4,
    "schedule": "cosine",
    "clip": 1.0,
    "epochs": 20,
    "total_steps": PLANNED_STEPS,
    "num_workers": 4,
}


def overfitting() -> list[Record]:
    """Return a log whose validation loss turns at epoch 4, and whose loader stalls at times."""
    return [header(), *_steps(turn=4)]


def healthy() -> list[Record]:
    """Return a log of a run that learns."""
    return [header(), *_steps(turn=EPOCHS, spikes=False)]


def not_a_number() -> list[Record]:
    """Return a log whose loss is NaN from step 300 on."""
    return [
        record | {"train/loss": "NaN"} if record.get("step", 0) > 300 else record
        for record in healthy()
    ]


def short(steps: int = 5) -> list[Record]:
    """Return a log of a few steps with a loss and no more, without a configuration."""
    return [{"step": step, "train/loss": 2.0 / step} for step in range(1, steps + 1)]


def header(**more: Any) -> Record:  # noqa: ANN401 - a header may hold any JSON value
    """Return the first line of a log."""
    return {"trainmon": 1, "time": START, "config": CONFIG, **more}


def run_of(records: Sequence[Record], name: str = "baseline", *, live: bool = True) -> RunView:
    """Return the run that a log tells, judged by `RULES`; its name is its key too."""
    run = Run(name, name, f"logs/{name}", RULES)
    run.format = "trainmon"
    run.grew = START
    run.process = Process.ALIVE
    run.take(0, batch_of(records))
    run.judge()
    return run.view(live=live)


def view_of(*runs: RunView, revision: int = 1, machine: Machine | None = None) -> View:
    """Return a view of these runs, the first the newest, at a moment after their last records."""
    last = max((run.last_time or START for run in runs), default=START)
    return View(revision, last + SECONDS_LATER, runs, machine)


def scene_of(view: View, settings: Settings | None = None, **more: Any) -> Scene:  # noqa: ANN401 - fields of the scene
    """Return the scene of a view as it is when its first run is looked at."""
    run = view.runs[0] if view.runs else None
    cursor = run.key if run else ""
    looked_at = {"run": run, "whole": run, "runs": view.runs, "cursor": cursor, **more}
    return Scene(view, view.now, settings or Settings(), **looked_at)


def _steps(*, turn: int, spikes: bool = True) -> Iterator[Record]:
    """Yield the records of all epochs; the validation loss rises after epoch `turn`."""
    total = EPOCHS * STEPS_PER_EPOCH
    for step in range(1, total + 1):
        epoch = step / STEPS_PER_EPOCH
        noise = sin(7.3 * step) * cos(3.1 * step)
        place = {"step": step, "epoch": epoch, "time": START + STEP_SECONDS * step}
        yield {
            **place,
            "train/loss": 0.3 + 1.8 * exp(-epoch / 3) * (1 + 0.1 * noise),
            "lr": 1.5e-4 * (1 + cos(pi * step / PLANNED_STEPS)),
            "grad_norm": 0.4 + 6 * exp(-epoch) + 0.3 * noise * noise,
            "data_time": 0.275 if spikes and step % 23 == 0 else 0.005 + 0.001 * noise,
        }
        if step % STEPS_PER_EPOCH == 0:
            risen = 0.09 * max(0.0, epoch - turn)
            yield {**place, "val/loss": 0.4 + 1.6 * exp(-epoch / 2.5) + risen}
            yield {**place, "event": "checkpoint", "path": f"epoch{epoch:.0f}.pt"}
