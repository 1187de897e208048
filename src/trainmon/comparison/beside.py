"""A run at one row of its log beside a reference: which metric decides, and what it was there."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trainmon.comparison.axes import agree, samples_per_epoch
from trainmon.comparison.differences import Settings
from trainmon.comparison.pairs import by_weight, counterpart
from trainmon.comparison.told import told_reference
from trainmon.configuration import number_in
from trainmon.context import Context
from trainmon.effective_batch import effective_batch, with_world_size
from trainmon.reference import COUNTED, Axis, Curve, Reference
from trainmon.roles import Direction, Role
from trainmon.roles.name import parsed
from trainmon.rule import Block


@dataclass(frozen=True, slots=True)
class There:
    """What the reference had reached at the same place."""

    axis: Axis
    value: float


@dataclass(frozen=True, slots=True)
class Beside:
    """The evaluation metric by which a run is compared, and the settings of both."""

    reference: Reference
    settings: Settings
    """Those of the run."""
    name: str
    """The metric, as the run calls it."""
    curve: Curve
    """That of the reference."""
    sign: float
    """1 if more is better, -1 if less is."""

    @property
    def same_optimizer(self) -> bool:
        """Whether both have optimizers of one kind, as far as both tell."""
        kinds = [
            str(settings["optimizer"]).lower()
            for settings in (self.settings, self.reference.settings)
            if settings.get("optimizer") is not None
        ]
        return len(kinds) < 2 or kinds[0] in kinds[1] or kinds[1] in kinds[0]  # noqa: PLR2004 - of both

    def at(self, context: Context, block: Block, row: int) -> There | None:
        """Return what the reference had reached where the run is at a row.

        Behind its end that is its last value, which took no more; None before its first one.
        """
        for axis, place in self._places(context, block, row):
            places, values = self.curve.on(axis)
            if len(places) and np.isfinite(place) and place >= places[0] - _SLACK * abs(places[0]):
                value = float(np.interp(place, places, values))
                if np.isfinite(value):
                    return There(axis, value)
        return None

    def _places(self, context: Context, block: Block, row: int) -> Iterator[tuple[Axis, float]]:
        """Yield where the run is at a row, the fairest axis first."""
        epoch, step = float(block.epochs[row]), float(block.steps[row])
        for axis, words in COUNTED.items():
            for name in context.names(Role.COUNTER):
                counted = block.before(name, 1, row + 1).values
                if parsed(name).word in words and len(counted):
                    yield axis, float(counted[-1])
        batch = effective_batch(self.settings)
        train_samples = number_in(self.settings, "train_samples")
        if train_samples and self.reference.counted:
            yield Axis.SAMPLES, epoch * train_samples
        elif batch and self._agrees(step * batch, epoch):
            yield Axis.SAMPLES, step * batch
        yield Axis.EPOCH, epoch
        if batch == effective_batch(self.reference.settings):
            yield Axis.STEP, step

    def _agrees(self, samples: float, epoch: float) -> bool:
        """Return whether steps x batch are samples in both runs, as far as their epochs tell.

        Epochs may be counted from 0 or from 1.
        """
        per_epoch = samples_per_epoch(self.curve)
        if per_epoch is None or not np.isfinite(epoch):
            return True
        return any(agree(samples, count * per_epoch) for count in (epoch, epoch + 1))


NO_CURVE = Curve(np.empty(0), {})
"""Of a reference of which no values are told."""

_SLACK = 0.02
"""Of a place: evaluations come after so many batches, whatever their size."""


def beside(context: Context) -> Beside | None:
    """Return what a run is compared by; None without a reference or a metric that both log."""
    reference = context.reference or told_reference(context.settings)
    if reference is None:
        return None
    for name in _deciding(context):
        called = counterpart(reference, name, context.role(name).role)
        direction = context.direction(name)
        if direction == Direction.UNKNOWN and called is not None:
            direction = reference.direction(called)
        if called is not None and direction != Direction.UNKNOWN:
            settings = with_world_size(context.settings, context.header)
            sign = 1.0 if direction == Direction.HIGHER else -1.0
            return Beside(reference, settings, name, reference.curves[called], sign)
    return None


def without_curve(context: Context) -> Beside | None:
    """Return what a run is compared by with a reference of which settings alone are told."""
    reference = context.reference or told_reference(context.settings)
    if reference is None or reference.curves or context.val_loss is None:
        return None
    settings = with_world_size(context.settings, context.header)
    return Beside(reference, settings, context.val_loss, NO_CURVE, -1.0)


def _deciding(context: Context) -> Iterator[str]:
    if context.monitored:
        yield context.monitored[0]
    yield from by_weight(context.names(Role.VAL_METRIC))
    if context.val_loss:
        yield context.val_loss
