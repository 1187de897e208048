"""How a validation metric has gone beside the training loss, and how it is told that it worsens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainmon.evaluating.slowly_worse import Slow
from trainmon.rule import Block, Severity, known


@dataclass(frozen=True, slots=True)
class Course:
    """How one validation metric has gone; values are times `sign`, so that less is better."""

    sign: float = 1.0
    guess: float = 0.0
    """What a mere guess reaches, of which nothing can be lost: one half of an AUROC."""
    read: int = 0
    recent: tuple[float, ...] = ()
    last_row: int = -1
    """The row of the last evaluation."""
    average: float = np.nan
    train: float = np.nan
    """The average of the training loss at the last evaluation."""
    best_average: float = np.inf
    train_at_best: float = np.nan
    """The average of the training loss at the best, or its level there, which may be lower."""
    best: float = np.inf
    best_row: int = 0
    worse: int = 0
    """Evaluations in a row that count."""
    train_high: float = -np.inf
    """The highest average of the training loss."""
    far: int = 0
    """Evaluations in a row that have lost more than training has gained."""
    beyond: int = 0
    """Evaluations in a row that are worse than the best by what no noise makes."""
    slow: Slow = field(default_factory=Slow)
    """The same by averages over many evaluations."""
    onset: int = 0
    """The best evaluation when the finding opened."""
    severity: Severity | None = None
    """The severity of the finding, if it is open."""

    def scale_of(self, best: float) -> float:
        """Return what can be lost of a best average, such that a perfect metric can lose 1."""
        return abs(abs(best) - self.guess) / (1 - self.guess)

    def falls(self, share: float) -> bool:
        """Return whether the training loss is at most a share of what it was at the best."""
        fallen = self.train_at_best - self.train
        return fallen >= (1 - share) * abs(self.train_at_best)

    @property
    def falls_for_sure(self) -> bool:
        """Whether it has fallen by more than the noise of its levels between evaluations."""
        return self.train_at_best - self.train > self.slow.train_noise


def evidence_of(course: Course, block: Block, other: str | None) -> dict[str, Any]:
    """Return the numbers that speak for it; `other` is another metric that has not suffered."""
    row = course.last_row
    slow = course.slow
    slowly = slow.beside > max(course.worse, course.far, course.beyond)
    train_at_best = slow.train_at_best if slowly else course.train_at_best
    best_epoch, epoch = float(block.epochs[course.best_row]), float(block.epochs[row])
    evidence: dict[str, Any] = {
        "best": course.sign * course.best,
        "best_step": float(block.steps[course.best_row]),
        "best_epoch": best_epoch,
        "value": course.sign * course.recent[-1],
        "epochs_wasted": epoch - best_epoch,
        "steps_wasted": float(block.steps[row] - block.steps[course.best_row]),
        "evaluations_worse": max(course.worse, course.far, course.beyond, slow.beside),
        "train_at_best": train_at_best,
        "train": slow.train if slowly else course.train,
    }
    return known(evidence | ({"metric_that_holds": other} if other else {}))


def title_of(name: str, evidence: Mapping[str, Any]) -> str:
    """Return what the numbers say in a line."""
    title = (
        f"{name} {evidence['best']:.3g} → {evidence['value']:.3g} while train fell "
        f"{evidence['train_at_best']:.3g} → {evidence['train']:.3g}"
    )
    other = evidence.get("metric_that_holds")
    return f"{title}; {other} holds" if other else title
