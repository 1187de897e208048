"""The learning rate does not fit the batch, beside that of a run that worked.

Looks for
---------
A learning rate per sample of the effective batch (batch size x accumulation x world size) that is
far from that of a reference run, in a run that is worse than the reference at equal samples.

Why it matters
--------------
A batch that is 16 times larger takes 16 times fewer steps through the same data. With the learning
rate of the smaller batch, or less, the run crawls, gets stuck, or drops early; with too much of it
per sample it is noisy and diverges. Both look like a bad model.

Fires when
----------
The learning rate over the effective batch and over its square root both differ at least 4 fold from
the reference, and an evaluation is more than 5 % worse than the reference was at equal samples, or
at equal epochs where samples are not known. The first such evaluation is info, the second in a row
a warning. Of a reference whose settings alone are told nobody knows how good it was: beside it a
smaller rate is a warning where the validation loss has not gained 5 % since the first evaluation
though the run had its time. It tells what else the run has otherwise, the likelier reasons first.

Stays quiet
-----------
Where only one of both scalings differs: SGD keeps the rate per sample when the batch grows, and
adaptive optimizers the rate per root of the batch; either is a choice, as is what lies between.
Between two kinds of optimizers, whose rates cannot be compared. While the metric is as good as the
reference's. Without a reference.

What to do
----------
Take the reference's learning rate and effective batch, or scale the rate with the batch: in
proportion for SGD, with its square root for Adam. Then take back the other differences one by one.

Sources
-------
Goyal et al., Accurate, Large Minibatch SGD (2017), for the linear scaling. Malladi et al., On the
SDEs and Scaling Rules for Adaptive Gradient Algorithms (2022), for the square root. A field report:
a batch of 16 x 8 at 1e-4 beside one of 2 x 4 at 2.5e-4.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("lr-batch-mismatch")
>>> first, second, *_ = (decision.event for decision in replay(rule, rule.fires()))
>>> first.severity.word, second.severity.word, second.evidence["factor"]
('info', 'warning', 40.0)
>>> second.evidence["differences"][0]
'LR per sample 40x smaller: 7.81e-7 against 3.13e-5 (1e-4 / 128 against 2.5e-4 / 8)'
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainmon.comparison.beside import Beside, beside, without_curve
from trainmon.comparison.derived import lr_per_root, lr_per_sample
from trainmon.comparison.differences import differences
from trainmon.comparison.wording import figure, fold
from trainmon.context import Context
from trainmon.effective_batch import effective_batch
from trainmon.finite import finite
from trainmon.learning.patience import has_waited
from trainmon.roles import Role
from trainmon.rule import LOOKBACK, Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

_DIFFERENCES = 8
"""Differences that are told: as many as anyone tries."""

_CONFIG = 'Writer("run", config={"lr": 3e-4, "batch_size": 64, "accum": 4})'


@dataclass(frozen=True, slots=True)
class Course:
    """How a metric has gone beside the reference."""

    worse: int = 0
    """Evaluations in a row that were worse."""
    onset: int = 0
    severity: Severity | None = None
    """The severity of the finding, if it is open."""


class _NeedsReference(Need):
    """Met by a reference that the configuration tells, or that a person gave."""

    def met(self, context: Context) -> bool:
        return context.reference is not None or super().met(context)


@dataclass(frozen=True)
class LrBatchMismatch(Rule[Mapping[str, Course]]):
    """A learning rate that does not fit the batch."""

    id = "lr-batch-mismatch"
    summary = "the learning rate per sample is far from that of a run that worked, which was better"
    needs = (
        Need(
            "val/<metric>",
            (Role.VAL_METRIC, Role.VAL_LOSS),
            'log.evaluation("val", targets, scores, step=step)',
            monitored=True,
        ),
        Need("config lr", (), _CONFIG, settings=("lr",)),
        Need("config batch_size", (), _CONFIG, settings=("batch_size", "global_batch_size")),
        _NeedsReference(
            "a reference",
            (),
            'Writer("run", config={"reference": {"lr": 3e-4, "batch_size": 64}})'
            "  # or: trainmon check --reference RUN",
            settings=("reference/lr",),
        ),
    )

    fold: float = threshold(4.0, "times: both scalings allow less for batches that differ 4 fold")
    margin: float = threshold(0.05, "of the reference: another seed makes as much")
    confirm: int = threshold(2, "evaluations in a row: one may be a bad draw")
    still: int = threshold(5, "evaluations that hardly move, beside a reference without values")

    def begin(self) -> Mapping[str, Course]:
        """Return the state before the first row."""
        return {}

    def step(
        self, state: Mapping[str, Course], context: Context, block: Block
    ) -> tuple[Mapping[str, Course], list[Event]]:
        """Compare each evaluation with the reference at equal samples."""
        other = beside(context) or without_curve(context)
        if other is None or not self._mismatched(other):
            return state, []
        course, events = state.get(other.name, Course()), list[Event]()
        samples = block.samples(other.name)
        for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
            if np.isfinite(value):
                course, event = self._judge(course, other, row, value, context, block)
                events += [event] if event else []
        return {**state, other.name: course}, events

    def _mismatched(self, other: Beside) -> bool:
        """Return whether the learning rate differs beyond both ways to scale it."""
        ratios = []
        for scaled in (lr_per_sample, lr_per_root):
            ours, theirs = scaled(other.settings), scaled(other.reference.settings)
            if ours is None or theirs is None:
                return False
            ratios.append(ours / theirs)
        apart = min(max(ratio, 1 / ratio) for ratio in ratios) >= self.fold
        same_way = (ratios[0] > 1) == (ratios[1] > 1)
        return apart and same_way and other.same_optimizer

    def _judge(
        self, course: Course, other: Beside, row: int, value: float, context: Context, block: Block
    ) -> tuple[Course, Event | None]:
        """Return the course after one evaluation and what was decided there."""
        there = other.at(context, block, row)
        if there is None:
            crawls = not len(other.curve.values) and self._crawls(other, row, context, block)
            return self._tell_crawl(course, other, row) if crawls else (course, None)
        better_by = other.sign * (there.value - value)
        if not better_by > self.margin * abs(there.value):
            event = None
            if course.severity is not None:
                title = f"{other.name} is as good as that of {other.reference.name}"
                kind = EventKind.CLEARED
                event = Event(kind, row, course.onset, course.severity, title, other.name)
            return Course(), event
        onset = course.onset if course.worse else row
        course = replace(course, worse=course.worse + 1, onset=onset)
        severity = Severity.WARNING if course.worse >= self.confirm else Severity.INFO
        kind = EventKind.OPENED
        if course.severity is not None:
            kind = EventKind.WORSENED if severity > course.severity else EventKind.REPEATED
        evidence = self._evidence(other) | {
            "value": value,
            "reference_value": there.value,
            "equal": str(there.axis),
        }
        event = Event(
            kind, row, course.onset, severity, _title(other, evidence), other.name, evidence
        )
        return replace(course, severity=severity), event

    def _crawls(self, other: Beside, row: int, context: Context, block: Block) -> bool:
        """Return whether a rate that is too small has had its time and moved next to nothing."""
        ours, theirs = lr_per_sample(other.settings), lr_per_sample(other.reference.settings)
        values = finite(block.before(other.name, LOOKBACK, row + 1).values)
        if not ours or not theirs or ours > theirs or len(values) < self.still:
            return False
        gained = float(values[0] - values.min())
        return gained < self.margin * abs(float(values[0])) and has_waited(context, block, row)

    def _tell_crawl(self, course: Course, other: Beside, row: int) -> tuple[Course, Event | None]:
        """Return what is told of a run that crawls beside a reference without values."""
        if course.severity is not None:
            return course, None
        evidence = self._evidence(other)
        title = (
            f"LR per sample {fold(evidence['lr_per_sample'] / evidence['reference_lr_per_sample'])}"
            f" than in {other.reference.name}, and {other.name} hardly moves"
        )
        severity = Severity.WARNING
        event = Event(EventKind.OPENED, row, row, severity, title, other.name, evidence)
        return replace(course, onset=row, severity=severity), event

    @staticmethod
    def _evidence(other: Beside) -> dict[str, Any]:
        ours, theirs = other.settings, other.reference.settings
        per_sample, reference_per_sample = lr_per_sample(ours), lr_per_sample(theirs)
        assert per_sample
        assert reference_per_sample
        ratio = per_sample / reference_per_sample
        told = [each.text for each in differences(ours, theirs) if each.harm > 0]
        return {
            "lr_per_sample": per_sample,
            "reference_lr_per_sample": reference_per_sample,
            "factor": float(f"{max(ratio, 1 / ratio):.6g}"),
            "effective_batch": effective_batch(ours),
            "reference_effective_batch": effective_batch(theirs),
            "reference": other.reference.name,
            "differences": told[:_DIFFERENCES],
        }

    @staticmethod
    def fires() -> list[Record]:
        """A run of a batch of 16 x 8 at 1e-4 that stays far below one of 2 x 4 at 2.5e-4."""
        return _example(1e-4, (0.109, 0.019, 0.011, 0.011, 0.05, 0.09, 0.11, 0.11))

    @staticmethod
    def quiet() -> list[Record]:
        """The same batch with its rate scaled by the root of the batch, and as good."""
        return _example(1e-3, (0.1, 0.25, 0.4, 0.45, 0.46, 0.47, 0.48, 0.49))


def _title(other: Beside, evidence: Mapping[str, Any]) -> str:
    ours, theirs = evidence["lr_per_sample"], evidence["reference_lr_per_sample"]
    return (
        f"LR per sample {fold(ours / theirs)} than in {other.reference.name}: {figure(ours)} "
        f"against {figure(theirs)}; {other.name} {evidence['value']:.3g} against "
        f"{evidence['reference_value']:.3g} at equal {evidence['equal']}"
    )


def _example(lr: float, values: tuple[float, ...]) -> list[Record]:
    curve = {"1": 0.109, "3": 0.424, "6": 0.487, "8": 0.5}
    reference = {"lr": 2.5e-4, "batch_size": 2, "accum": 4, "curve": {"val/iou": curve}}
    config = {"lr": lr, "batch_size": 16, "accum": 8, "reference": reference}
    rows = [
        {"step": 100 * epoch, "epoch": epoch, "val/iou": value}
        for epoch, value in enumerate(values, start=1)
    ]
    return [{"trainmon": 1, "config": config}, *rows]
