"""The configuration of a run under the names that rules read, whatever a project calls them."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from trainmon.text import clean

Setting = float | str | bool | None

_READ = (
    "optimizer lr batch_size accum world_size epochs total_steps warmup_steps schedule clip"
    " dropout weight_decay num_workers prefetch_factor shuffle train_samples num_classes"
    " class_counts class_weights pos_weight oversample aux_weight loss precision monitor mode"
    " patience eval_limit expect reference"
)

READ_KEYS = tuple(_READ.split())
"""What rules read of a configuration."""

_SPELLINGS = {
    "lr": "learning_rate base_lr max_lr peak_lr lr0 initial_lr init_lr",
    "batch_size": (
        "per_device_train_batch_size train_batch_size batch bs micro_batch_size"
        " ims_per_batch samples_per_gpu train_micro_batch_size_per_gpu device_batch_size"
    ),
    "accum": (
        "gradient_accumulation_steps accumulate_grad_batches accumulation_steps"
        " grad_accum grad_accum_steps update_freq accum_iter accumulate cumulative_iters"
    ),
    "world_size": (
        "num_gpus n_gpus num_processes distributed_world_size data_parallel_size nproc_per_node"
    ),
    "epochs": (
        "num_train_epochs max_epochs n_epochs num_epochs max_epoch nepoch train_epochs total_epochs"
    ),
    "total_steps": (
        "max_steps max_iters max_iter num_steps train_steps train_iters num_iterations"
        " max_update total_iters training_steps num_train_steps max_train_steps"
        " total_timesteps"
    ),
    "warmup_steps": "num_warmup_steps warmup_iters warmup_updates lr_warmup_iters",
    "clip": (
        "max_grad_norm grad_clip gradient_clip_val clip_grad_norm clip_grad clip_norm"
        " gradient_clipping grad_norm_clip max_norm clip_gradients grad_clip_norm"
    ),
    "num_workers": "dataloader_num_workers workers workers_per_gpu n_workers loader_workers",
    "monitor": "metric_for_best_model early_stopping_monitor save_best checkpoint_metric",
    "patience": "early_stopping_patience early_stop_patience",
    "schedule": (
        "lr_scheduler_type scheduler lr_scheduler lr_schedule sched lr_decay_style lr_policy"
    ),
    "optimizer": "optim opt optimizer_name optimizer_type",
    "dropout": (
        "p_dropout dropout_rate hidden_dropout drop_rate hidden_dropout_prob attention_dropout"
    ),
    "weight_decay": "wd",
    "precision": "mixed_precision dtype torch_dtype amp_dtype",
    "num_classes": "nc n_classes nb_classes n_class",
    "train_samples": "num_train_samples n_train train_size num_examples",
    "mode": "monitor_mode",
    "eval_limit": (
        "limit_val_batches limit_eval_batches max_eval_samples max_val_samples max_eval_batches"
        " max_val_batches num_eval_batches num_val_batches eval_max_batches val_max_batches"
        " val_limit eval_batches val_batches validation_steps eval_subset val_subset"
    ),
    "class_counts": "samples_per_class cls_num_list label_counts num_samples_per_class",
}
"""How projects spell what rules read."""

OF_REFERENCE = "reference/"
"""What the settings of a run to compare with begin with, where a configuration tells them."""

_SYNONYMS = {word: key for key, words in _SPELLINGS.items() for word in words.split()}

_KINDS = frozenset({"type", "name", "_target_", "class_name", "_name"})
"""Keys that tell what kind of thing the settings around them are of: ``optimizer: {type: SGD}``."""

_KINDS_READ = frozenset({"optimizer", "schedule"})

_DEPTH_LIMIT = 8
"""Levels of nesting that are read; configurations of real projects have two to five."""

_SETTINGS_LIMIT = 5_000
"""Settings that are read: the largest real ones have some hundred."""


def settings_of(config: Mapping[str, Any]) -> dict[str, Setting]:
    """Return the flat settings of a configuration, by their names and by the names rules read.

    >>> settings_of({"trainer": {"max_grad_norm": "1.0"}, "lr": 3e-4})
    {'trainer/max_grad_norm': 1.0, 'clip': 1.0, 'lr': 0.0003}
    >>> settings_of({"optim_wrapper": {"optimizer": {"type": "AdamW"}}})["optimizer"]
    'AdamW'
    """
    settings: dict[str, Setting] = {}
    for name, value in _flat(config, "", 0):
        if len(settings) >= _SETTINGS_LIMIT:
            break
        settings[name] = value
        settings.setdefault(read_as(name), value)
    return settings


def number_in(settings: Mapping[str, Setting], key: str) -> float | None:
    """Return a setting that is a finite number, or None."""
    value = settings.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        return None
    return float(value)


def _flat(config: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Setting]]:
    for key, value in config.items():
        name = prefix + clean(str(key))
        if isinstance(value, dict):
            if depth < _DEPTH_LIMIT:
                yield from _flat(value, f"{name}/", depth + 1)
        else:
            yield name, _setting(value)


def read_as(name: str) -> str:
    """Return the name under which rules read a setting.

    What is told of a run to compare with keeps to itself.

    >>> read_as("trainer/learning_rate"), read_as("reference/learning_rate")
    ('lr', 'reference/lr')
    """
    if name.startswith(OF_REFERENCE):
        return OF_REFERENCE + read_as(name.removeprefix(OF_REFERENCE))
    above, _, key = name.lower().replace("-", "_").rpartition("/")
    if key in _KINDS:
        group = read_as(above) if above else ""
        return group if group in _KINDS_READ else key
    return _SYNONYMS.get(key, key)


def _setting(value: object) -> Setting:
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else float("inf")
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return clean(value)
    return clean(str(value))


_EXACT = 1 << 63
"""Whole numbers beyond it are no setting of any training, and some have no float."""
