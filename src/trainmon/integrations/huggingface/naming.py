"""The names under which a Trainer logs, as trainmon's."""

from collections.abc import Mapping

_TRAINING = {
    "loss": "train/loss",
    "learning_rate": "lr",
    "grad_norm": "grad_norm",  # the Trainer's is taken before clipping
    "num_input_tokens_seen": "tokens",
}

_EVALUATION = "eval_"

_SPEEDS = (
    "_runtime",
    "_samples_per_second",
    "_steps_per_second",
    "_tokens_per_second",
    "_preparation_time",
    "_compilation_time",
)
"""Endings of what the Trainer measures about itself; no metric of the model, nor one to judge."""

_OF_THE_RUN = "run/"
"""Where numbers about the run as a whole go: they are no points of any curve."""


def trainmon_names(logs: Mapping[str, object]) -> dict[str, object]:
    """Return what a Trainer logs under trainmon's names; others' own names stay.

    >>> trainmon_names({"loss": 0.5, "learning_rate": 5e-05, "epoch": 0.2})
    {'train/loss': 0.5, 'lr': 5e-05}
    >>> trainmon_names({"eval_loss": 0.6, "eval_f1": 0.7, "eval_runtime": 3.2, "epoch": 1.0})
    {'val/loss': 0.6, 'val/f1': 0.7, 'run/eval_runtime': 3.2}
    """
    last = "train_runtime" in logs and "loss" not in logs
    return {
        _trainmon_name(name, last=last): value for name, value in logs.items() if name != "epoch"
    }


def trainmon_name(metric: str) -> str:
    """Return the name of the metric that decides, which arguments may give without its prefix.

    >>> trainmon_name("loss"), trainmon_name("eval_f1"), trainmon_name("f1")
    ('val/loss', 'val/f1', 'val/f1')
    """
    return f"val/{metric.removeprefix(_EVALUATION)}"


def _trainmon_name(name: str, *, last: bool) -> str:
    if name in _TRAINING:
        return _TRAINING[name]
    if name.startswith(("eval_", "train_")) and name.endswith(_SPEEDS):
        return _OF_THE_RUN + name
    if name.startswith(_EVALUATION):
        return trainmon_name(name)
    if last and name in {"train_loss", "total_flos"}:  # of all steps together
        return _OF_THE_RUN + name
    return name
