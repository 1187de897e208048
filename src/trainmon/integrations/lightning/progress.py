"""Where a Trainer stands, counted as trainmon counts: what is done, not what comes next."""

from dataclasses import dataclass
from typing import Any

from trainmon.integrations.lightning.namespaces import Trainer


@dataclass(frozen=True, slots=True)
class Moment:
    """When metrics are told: by which loop, and of one batch or of all its batches."""

    evaluating: bool
    whole_epoch: bool


def moment_of(trainer: Trainer) -> Moment:
    """Return which loop tells metrics now, and of what."""
    # Lightning itself tells the two levels apart by this mark, and has no public one.
    batch_level = getattr(trainer._logger_connector, "_first_loop_iter", None)  # noqa: SLF001 - see above
    return Moment(trainer.validating or trainer.testing, batch_level is None)


def steps_done(trainer: Trainer) -> int:
    """Return how many optimizer steps were done, those before a resume included.

    Loggers get one less: the number of the step from 0. With manual optimization only the script
    knows which of several optimizers stepped, so batches count, as they do for Lightning's loggers.
    """
    if trainer.lightning_module.automatic_optimization:
        return trainer.global_step
    return trainer.fit_loop.epoch_loop.total_batch_idx + 1


def epochs_done(trainer: Trainer) -> float:
    """Return how many epochs were done, the open one as a share if its length is known."""
    epochs: Any = trainer.fit_loop.epoch_progress.current
    batches = trainer.num_training_batches
    completed: int = epochs.completed
    if epochs.started <= completed or not 0 < batches < float("inf"):
        return completed
    done: int = trainer.fit_loop.epoch_loop.batch_progress.current.ready
    return completed + done / batches
