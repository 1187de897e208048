"""The configuration of a run under the names that rules read, whatever a project calls them."""

from collections.abc import Iterator, Mapping
from typing import Any

from trainmon.text import clean

Setting = float | str | bool | None

_SYNONYMS = {
    "learning_rate": "lr",
    "base_lr": "lr",
    "max_lr": "lr",
    "lr0": "lr",
    "per_device_train_batch_size": "batch_size",
    "train_batch_size": "batch_size",
    "batch": "batch_size",
    "bs": "batch_size",
    "gradient_accumulation_steps": "accum",
    "accumulate_grad_batches": "accum",
    "accumulation_steps": "accum",
    "grad_accum": "accum",
    "num_train_epochs": "epochs",
    "max_epochs": "epochs",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "max_steps": "total_steps",
    "max_iters": "total_steps",
    "num_steps": "total_steps",
    "train_steps": "total_steps",
    "num_warmup_steps": "warmup_steps",
    "warmup_iters": "warmup_steps",
    "max_grad_norm": "clip",
    "grad_clip": "clip",
    "gradient_clip_val": "clip",
    "clip_grad_norm": "clip",
    "clip_grad": "clip",
    "dataloader_num_workers": "num_workers",
    "workers": "num_workers",
    "metric_for_best_model": "monitor",
    "early_stopping_patience": "patience",
    "lr_scheduler_type": "schedule",
    "scheduler": "schedule",
    "optim": "optimizer",
    "p_dropout": "dropout",
    "wd": "weight_decay",
}

_DEPTH_LIMIT = 8
"""Levels of nesting that are read; configurations of real projects have two to five."""

_SETTINGS_LIMIT = 5_000
"""Settings that are read: the largest real ones have some hundred."""


def settings_of(config: Mapping[str, Any]) -> dict[str, Setting]:
    """Return the flat settings of a configuration, by their names and by the names rules read.

    >>> settings_of({"trainer": {"max_grad_norm": "1.0"}, "lr": 3e-4})
    {'trainer/max_grad_norm': 1.0, 'clip': 1.0, 'lr': 0.0003}
    """
    settings: dict[str, Setting] = {}
    for name, value in _flat(config, "", 0):
        if len(settings) >= _SETTINGS_LIMIT:
            break
        settings[name] = value
        key = name.rsplit("/", maxsplit=1)[-1].lower()
        settings.setdefault(_SYNONYMS.get(key, key), value)
    return settings


def _flat(config: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Setting]]:
    for key, value in config.items():
        name = prefix + clean(str(key))
        if isinstance(value, dict):
            if depth < _DEPTH_LIMIT:
                yield from _flat(value, f"{name}/", depth + 1)
        else:
            yield name, _setting(value)


def _setting(value: object) -> Setting:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return clean(value)
    return clean(str(value))
