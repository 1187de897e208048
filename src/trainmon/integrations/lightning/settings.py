"""What a Trainer tells of a run's configuration, by the names that rules read."""

from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any

from trainmon.integrations.lightning.namespaces import Trainer
from trainmon.writer.loading.settings import loader_of
from trainmon.writer.watching.facts import facts


def settings_of(trainer: Trainer, told: Collection[str]) -> dict[str, object]:
    """Return the settings of a fit that is about to start; those that are off are left out.

    What the script has `told` of its data stays: a loader knows a dataset by its class alone.
    """
    loader = loader_of(trainer.train_dataloader)
    scaled = getattr(trainer.precision_plugin, "scaler", None) is not None
    settings: dict[str, object] = {
        **facts(trainer.lightning_module, trainer.optimizers, scaled=scaled),
        "framework": "lightning",
        "epochs": _limit(trainer.max_epochs),
        "total_steps": _limit(trainer.estimated_stepping_batches),
        "accum": trainer.accumulate_grad_batches,
        "clip": trainer.gradient_clip_val,
        "clip_algorithm": trainer.gradient_clip_algorithm,
        "precision": trainer.precision,
        "world_size": trainer.world_size,
        "num_devices": trainer.num_devices,
        "strategy": type(trainer.strategy).__name__,
        "log_every_n_steps": getattr(trainer, "log_every_n_steps", None),  # no type tells it
        **_schedule_settings(trainer.lr_scheduler_configs),
        **{name: value for name, value in loader.settings.items() if name not in told},
        **_monitor_settings(trainer),
    }
    return {name: value for name, value in settings.items() if value is not None}


def _limit(value: float | None) -> float | None:
    """Return a limit of the Trainer, which says "none" as -1 and as infinity."""
    return value if value is not None and value >= 0 and isfinite(value) else None


def _schedule_settings(configs: list[Any]) -> Mapping[str, object]:
    return {"schedule": type(configs[0].scheduler).__name__} if configs else {}


def _monitor_settings(trainer: Trainer) -> Mapping[str, object]:
    """Return what decides when to stop, or else which checkpoint is best."""
    callbacks = [*trainer.early_stopping_callbacks, *trainer.checkpoint_callbacks]
    decider: Any = next((c for c in callbacks if getattr(c, "monitor", None)), None)
    if decider is None:
        return {}
    return {
        "monitor": decider.monitor,
        "mode": decider.mode,
        "patience": getattr(decider, "patience", None),
    }
