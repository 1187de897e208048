"""What a logger would be told, for a callback that has none beside it."""

from collections.abc import Mapping

from torch import Tensor

from trainmon.integrations.ending import tell_end
from trainmon.integrations.lightning.checkpoints import checkpoint_fields
from trainmon.integrations.lightning.namespaces import Trainer
from trainmon.integrations.lightning.naming import trainmon_names
from trainmon.integrations.lightning.progress import epochs_done, moment_of, steps_done
from trainmon.record import EventKind
from trainmon.writer import Writer


class StandIn:
    """Finds what the script logged and what was saved, and writes it to `log`."""

    def __init__(self, log: Writer) -> None:
        self._log = log
        self._seen: dict[str, Tensor] = {}
        self._saving = False

    def new_metrics(self, trainer: Trainer) -> dict[str, object]:
        """Return the metrics that the script logged since the last call, by their names in the log.

        A Trainer keeps the last value of each name for its callbacks, and for good; each new one
        has a memory of its own, as the last one is held here.
        """
        kept = trainer.callback_metrics
        new = {name: value for name, value in kept.items() if not self._has_seen(name, value)}
        self._seen = dict(kept)
        # What has a twin stands there under its plain name as well.
        told = {name: value for name, value in new.items() if not _has_twin(name, new)}
        return trainmon_names(told, moment_of(trainer), logged=kept, measured=())

    def _has_seen(self, name: str, value: Tensor) -> bool:
        seen = self._seen.get(name)
        return seen is not None and seen.data_ptr() == value.data_ptr() != 0

    def tell_metrics(self, trainer: Trainer) -> None:
        """Log the new metrics, if there are any."""
        if metrics := self.new_metrics(trainer):
            self._log.log(metrics, steps_done(trainer), epochs_done(trainer))

    def expect_checkpoint(self) -> None:
        """Take note that a checkpoint is being saved; where, is known when it has been."""
        self._saving = True

    def tell_checkpoints(self, trainer: Trainer) -> None:
        """Log what was saved since the last call."""
        saving, self._saving = self._saving, False
        if not saving or not trainer.is_global_zero:
            return
        for saver in trainer.checkpoint_callbacks:
            fields = checkpoint_fields(saver)
            if fields["path"]:
                self._log.event(EventKind.CHECKPOINT, step=steps_done(trainer), **fields)

    def tell_end(self, trainer: Trainer, error: BaseException | None) -> None:
        """Say that the run ended, by `error` if it did."""
        self.tell_checkpoints(trainer)
        tell_end(self._log, error)


def _has_twin(name: str, metrics: Mapping[str, object]) -> bool:
    base, slash, loader = name.partition("/dataloader_idx_")
    return any(f"{base}_{level}{slash}{loader}" in metrics for level in ("step", "epoch"))
