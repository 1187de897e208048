"""A loss scale as mixed precision has it: doubled now and then, halved at an overflow."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.evaluation.training.training import Training

FIRST = 65_536.0
LARGEST = 65_504.0
"""The largest number of half precision."""

GROWS_AFTER = 150
"""Steps without overflow after which the scale doubles: 2,000 in torch, whose runs are longer."""


@dataclass(slots=True)
class Scaler:
    """The scale of one training; overflows where a scaled gradient would, or where it is told."""

    overflows: Callable[[int], bool] = field(default=lambda _: False)
    scale: float = FIRST
    skipped: int = 0
    _since: int = 0
    _skips: bool = False

    def see(self, step: int, largest: float) -> None:
        """Take the largest gradient of a step, not scaled."""
        self._skips = self.overflows(step) or not largest * self.scale <= LARGEST
        self._since = 0 if self._skips else self._since + 1
        self.skipped += self._skips

    @property
    def skips(self) -> bool:
        """Whether the step that was seen last is skipped."""
        return self._skips

    def update(self) -> None:
        """Halve or double, after the step."""
        if self._skips:
            self.scale /= 2
        elif self._since == GROWS_AFTER:
            self.scale *= 2
            self._since = 0


def scaled(training: Training, scaler: Scaler) -> None:
    """Have a training use a scaler, and log it."""
    training.config["precision"] = "fp16"

    def see(step: int) -> None:
        gradients = [p.grad for p in training.model.parameters() if p.grad is not None]
        scaler.see(step, max(float(gradient.abs().max()) for gradient in gradients))

    def tell(_: int, metrics: dict[str, float]) -> None:
        metrics |= {"amp/scale": scaler.scale, "amp/skipped": scaler.skipped}
        scaler.update()

    training.on_gradients.append(see)
    training.updates = lambda _: not scaler.skips
    training.on_metrics.append(tell)
