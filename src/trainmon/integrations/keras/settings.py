"""What a Keras model tells of a run's configuration, by the names that rules read."""

from collections.abc import Mapping
from typing import Any

from trainmon.integrations.framework import framework

with framework("keras"):
    import keras


_CLIPS = ("global_clipnorm", "clipnorm", "clipvalue")


def settings_of(model: Any, params: Mapping[str, Any]) -> dict[str, object]:  # noqa: ANN401 - keras has no types
    """Return the settings of a fit that is about to start; those that are off are left out.

    `params` are those that Keras hands to callbacks. The batch size is not among them.
    """
    epochs, steps = params.get("epochs"), params.get("steps")
    optimizer = inner_optimizer(model)
    accum = accumulation(optimizer)
    settings: dict[str, object] = {
        "framework": "keras",
        "backend": keras.config.backend(),
        "model": model.name,
        "parameters": model.count_params() if model.built else None,
        "epochs": epochs,
        "steps_per_epoch": steps,
        "total_steps": epochs * steps // accum if epochs and steps else None,
        "accum": accum,
        "loss": _name_of(model.loss),
        "precision": model.dtype_policy.name,
        "jit_compile": model.jit_compile,
    }
    if optimizer is not None:
        settings |= _optimizer_settings(optimizer)
    return {name: value for name, value in settings.items() if value is not None}


def inner_optimizer(model: Any) -> Any:  # noqa: ANN401 - as above
    """Return the optimizer that steps, or None; mixed precision wraps it into one that scales."""
    optimizer = model.optimizer
    return getattr(optimizer, "inner_optimizer", optimizer)


def accumulation(optimizer: Any) -> int:  # noqa: ANN401 - as above
    """Return how many batches an optimizer step takes."""
    return getattr(optimizer, "gradient_accumulation_steps", None) or 1


def batches_of(optimizer: Any) -> int:  # noqa: ANN401 - as above
    """Return how many batches an optimizer has had; it counts those that it accumulates one by one.

    Waits for the device.
    """
    count = getattr(optimizer, "_iterations", None)
    return 0 if count is None else int(keras.ops.convert_to_numpy(count))


def schedule_of(optimizer: Any) -> Any:  # noqa: ANN401 - as above
    """Return the schedule of an optimizer's learning rate, or None if it has none."""
    rate = getattr(optimizer, "_learning_rate", None)
    return rate if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule) else None


def plain(rate: Any) -> float:  # noqa: ANN401 - as above
    """Return the number that a learning rate was set to: Keras keeps seven digits of it.

    >>> plain(0.009999999776482582)
    0.01
    """
    return float(f"{float(keras.ops.convert_to_numpy(rate)):.7g}")


def _optimizer_settings(optimizer: Any) -> Mapping[str, object]:  # noqa: ANN401 - as above
    schedule = schedule_of(optimizer)
    if schedule is None:
        rate = optimizer.learning_rate
    else:
        rate = getattr(schedule, "initial_learning_rate", None)
    clips = (
        getattr(optimizer, kind, None) for kind in ("global_clipnorm", "clipnorm", "clipvalue")
    )
    return {
        "optimizer": type(optimizer).__name__,
        "lr": None if rate is None else plain(rate),
        "schedule": None if schedule is None else type(schedule).__name__,
        "weight_decay": getattr(optimizer, "weight_decay", None),
        "momentum": getattr(optimizer, "momentum", None),
        "clip": next((clip for clip in clips if clip), None),
    }


def _name_of(loss: object) -> str | None:
    """Return the name of a loss, which may be one, or its name already; None for several."""
    if loss is None or isinstance(loss, str):
        return loss
    name = getattr(loss, "name", None) or getattr(loss, "__name__", None)
    return name if isinstance(name, str) else None
