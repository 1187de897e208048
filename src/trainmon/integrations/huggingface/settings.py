"""The configuration of a Trainer's run, under the names that rules read.

Everything is asked for by name and may be missing: the arguments and the models of the last years
differ, and no setting is worth a training that stops.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from sys import maxsize
from typing import Any

from trainmon.integrations.huggingface.naming import trainmon_name

_DROPOUTS = ("dropout", "hidden_dropout_prob", "hidden_dropout", "resid_pdrop", "dropout_rate")
"""What models call the dropout of their hidden layers."""

_SAME = {
    "optimizer": "optim",
    "lr": "learning_rate",
    "accum": "gradient_accumulation_steps",
    "schedule": "lr_scheduler_type",
    "weight_decay": "weight_decay",
    "num_workers": "dataloader_num_workers",
    "prefetch_factor": "dataloader_prefetch_factor",
    "world_size": "world_size",
    "logging_steps": "logging_steps",
    "logging_nan_inf_filter": "logging_nan_inf_filter",
}
"""Settings that need no more than another name."""


def settings_of(args: Any, state: Any, model: Any, loader: Any) -> dict[str, object]:  # noqa: ANN401 - versions differ
    """Return what the arguments, the state at the start, the model and its loader tell."""
    settings: dict[str, object] = {
        name: getattr(args, theirs) for name, theirs in _SAME.items() if hasattr(args, theirs)
    }
    for part in (_plan(args, state), _model(model), _data(loader)):
        settings |= part
    with suppress(Exception):
        settings["training_args"] = _changed(args)
    return settings


def _plan(args: Any, state: Any) -> dict[str, object]:  # noqa: ANN401 - as above
    """Return what is decided when training begins: lengths, sizes and what is best."""
    plan: dict[str, object] = {
        # The state's, as these give way to each other and to the memory there is.
        "batch_size": getattr(state, "train_batch_size", None)
        or getattr(args, "train_batch_size", None),
        "epochs": _planned(getattr(state, "num_train_epochs", None)),
        "total_steps": getattr(state, "max_steps", None),
        "clip": getattr(args, "max_grad_norm", None) or None,  # 0 is how it is turned off
        "precision": _precision(args),
    }
    with suppress(Exception):
        plan["warmup_steps"] = args.get_warmup_steps(state.max_steps)
    if strategy := getattr(args, "train_sampling_strategy", None):
        plan["shuffle"] = strategy != "sequential"
    if metric := getattr(args, "metric_for_best_model", None):
        plan["monitor"] = trainmon_name(metric)
        plan["mode"] = "max" if getattr(args, "greater_is_better", None) else "min"
    return plan


def _planned(epochs: int | None) -> int | None:
    """Return the number of epochs, for which a Trainer that counts steps has the largest one."""
    return None if epochs == maxsize else epochs


def _precision(args: Any) -> str:  # noqa: ANN401 - as above
    for name in ("bf16", "fp16"):
        if getattr(args, name, False):
            return name
    return "fp32"


def _model(model: Any) -> dict[str, object]:  # noqa: ANN401 - as above
    told: dict[str, object] = {"model": type(model).__name__}
    with suppress(Exception):
        parameters = list(model.parameters())
        told["parameters"] = sum(p.numel() for p in parameters)
        told["trainable_parameters"] = sum(p.numel() for p in parameters if p.requires_grad)
    config = getattr(model, "config", None)
    for name in _DROPOUTS:
        if isinstance(rate := getattr(config, name, None), float):
            told["dropout"] = rate
            break
    # Every configuration has a number of labels, be the model a classifier or not.
    classifies = any("Classification" in kind.__name__ for kind in type(model).__mro__)
    regression = getattr(config, "problem_type", None) == "regression"
    classes = getattr(config, "num_labels", None)
    if classifies and not regression and isinstance(classes, int) and classes > 1:
        told["num_classes"] = classes
    if vocabulary := getattr(config, "vocab_size", None):
        told["vocab_size"] = vocabulary
    return told


def _data(loader: Any) -> dict[str, object]:  # noqa: ANN401 - as above
    with suppress(Exception):  # an iterable dataset has no length
        return {"train_samples": len(loader.dataset)}
    return {}


def _changed(args: Any) -> Mapping[str, object]:  # noqa: ANN401 - as above
    """Return the arguments that are not at their defaults."""
    if not is_dataclass(args) or not hasattr(args, "to_dict"):
        return {}
    told = args.to_dict()
    defaults = {
        field.name: field.default_factory() if callable(field.default_factory) else field.default
        for field in fields(args)
        if field.default is not MISSING or field.default_factory is not MISSING
    }
    return {
        name: value
        for name, value in told.items()
        if not name.endswith("_token")  # masked, so there is nothing to read
        and (name not in defaults or value != getattr(defaults[name], "value", defaults[name]))
    }
