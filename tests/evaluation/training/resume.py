"""A run that ends, and goes on from a checkpoint a little before."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.evaluation.training.training import Training

LOST = 15
"""Steps that are made again."""

AWAY = 900.0
"""Seconds until the run is started again."""


def resumes(at: float, change: Callable[[Training], None]) -> Callable[[Training], None]:
    """Return a twist that resumes a run at a share of it; `change` is what goes wrong there."""

    def twist(training: Training) -> None:
        kept_at = round(at * training.total_steps)
        kept: dict[str, Any] = {}
        training.onset = kept_at + 1

        def act(step: int) -> None:
            if step == kept_at and not kept:
                kept["model"] = deepcopy(training.model.state_dict())
                kept["optimizer"] = deepcopy(training.optimizer.state_dict())
            elif step == kept_at + LOST and "model" in kept:
                _begin_again(training, kept_at, kept)
                change(training)

        training.after_step.append(act)

    return twist


def _begin_again(training: Training, step: int, kept: dict[str, Any]) -> None:
    training.step = step
    training.model.load_state_dict(kept.pop("model"))
    training.optimizer.load_state_dict(kept.pop("optimizer"))
    training.journal.now += AWAY
    training.journal.header(training.told_config())
    place = (step, training.epoch(step))
    training.journal.event("resume", *place, **{"from": step, "path": "checkpoints/last.pt"})
