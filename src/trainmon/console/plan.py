"""How a line of any console is read: where it stands, and which metrics it holds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trainmon.console.shape import Field, fields_of
from trainmon.console.words import EPOCH_WORDS, NO_METRICS, SPLIT_WORDS, STEP_WORDS, split_told
from trainmon.roles import Direction, Role, role_of

_RATES = frozenset({"steps_per_second", "step_time", "samples_per_second"})
_TELLING_ROLES = frozenset(
    {Role.TRAIN_LOSS, Role.VAL_LOSS, Role.LOSS_PART, Role.LEARNING_RATE, Role.GRAD_NORM}
)
_TIME_ROLES = frozenset({Role.STEP_TIME, Role.DATA_TIME, Role.WORK_TIME, Role.SYSTEM})
_TELLING = re.compile(r"loss|acc(?:uracy|@|$|_|\d)|perplexity|ppl|reward|return|score|entropy")
_OF_THE_STEP = re.compile(r"time|lr$|learning_rate|per_second|memory|norm|tps|mfu|tflops")
"""Names that a split told earlier in the line does not reach: "val loss 2.1, time 12.3s"."""

_TIMES = {"time": "step_time", "batch_time": "step_time", "data": "data_time"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the numbers of lines of one shape are."""

    step: Field | None
    epoch: Field | None
    metrics: tuple[tuple[str, Field], ...]
    within: bool
    """Whether the step has no name: a position within an epoch, or a bar's."""
    evaluates: bool
    """Whether the line tells of an evaluation alone."""
    telling: bool
    """Whether one of the metrics is known to be one of training."""
    twice: tuple[str, ...] = ()
    """Names that the line has more than once: the first counts."""

    @property
    def placed(self) -> bool:
        """Whether the line says itself where it stands."""
        return self.step is not None or self.epoch is not None


def plan_of(texts: Sequence[str]) -> Plan | None:
    """Return how lines with these texts between their numbers are read; None if not at all.

    >>> plan = plan_of(("Epoch [", "/", "] val loss: ", ""))
    >>> plan.epoch.at, plan.epoch.total, [name for name, _ in plan.metrics]
    (0, 1, ['val_loss'])
    """
    step, epoch, within = None, None, False
    measured: list[tuple[Field, str]] = []
    fields = fields_of(texts)
    for field in fields:
        key = field.key.lower().replace(" ", "_")
        nameless = not key or (key in SPLIT_WORDS and field.total is not None)
        if key in EPOCH_WORDS or _is_epoch(field, texts):
            epoch = epoch or field
        elif key in STEP_WORDS:
            step = step or field
        elif nameless and field.total is not None and field.factor == 1.0 and step is None:
            step, within = field, True
        elif not nameless and key not in NO_METRICS and texts[field.at + 1] != "% ":
            measured.append((field, key))
    if measured and step is None and epoch is None:
        epoch, step = _in_brackets(fields, texts)
    if step is None and epoch is None and not measured:
        return None
    evaluates = bool(measured) and all(field.split == "val" for field, _ in measured)
    metrics, twice = _metrics(measured, texts, evaluates=evaluates)
    telling = any(map(_is_telling, metrics))
    return Plan(step, epoch, tuple(metrics.items()), within, evaluates, telling, twice)


def _metrics(
    measured: Sequence[tuple[Field, str]], texts: Sequence[str], *, evaluates: bool
) -> tuple[dict[str, Field], tuple[str, ...]]:
    """Return the metrics of a line by name, and the names that come more than once."""
    drawn = any("<" in text for text in texts)  # a bar of tqdm: its rates are smoothed
    iterates = any(key in ("data", "data_time") for _, key in measured)
    others = {key for _, key in measured} - {"time"}
    has_own = any(role_of(key).role is Role.STEP_TIME for key in others)
    metrics: dict[str, Field] = {}
    twice = []
    for field, key in measured:
        timed = iterates or field.average is not None or field.factor < 1.0
        is_its = timed and not (key == "time" and has_own)
        plain = _TIMES[key] if key in _TIMES and is_its else field.key.replace(" ", "_")
        name = _below_split(plain, field.split, everywhere=evaluates)
        if name in metrics:
            twice.append(name)
        elif not (drawn and key in _RATES):
            metrics[name] = _as_share(field, name, texts)
    return metrics, tuple(twice)


def _in_brackets(
    fields: Sequence[Field], texts: Sequence[str]
) -> tuple[Field | None, Field | None]:
    """Return the epoch and the step that a line begins with: "[2, 400] loss: 1.5", "[7] rmse:1"."""
    nameless = [field for field in fields[:2] if not field.key and field.total is None]
    if texts[0] == "[" and texts[1].startswith("] ") and nameless[:1] == [*fields[:1]]:
        return None, fields[0]
    if texts[0] == "[" and texts[1] == ", " and texts[2].startswith("] ") and nameless[1:]:
        return fields[0], fields[1]
    return None, None


def _is_epoch(field: Field, texts: Sequence[str]) -> bool:
    """Return whether a number stands right behind "Train:", as timm counts epochs."""
    behind = texts[field.at + 1].lstrip(" ])")
    return field.key.lower() in SPLIT_WORDS and field.total is None and behind[:1] == "["


def _below_split(name: str, split: str, *, everywhere: bool) -> str:
    """Return a metric's name below the split that the line told of, unless it names one itself.

    `everywhere` says that all of the line is of an evaluation: then its times are as well.
    """
    own = split_told(name.replace("_", " ").replace("/", " "))
    if not split or own or (not everywhere and _OF_THE_STEP.search(name.lower())):
        return name
    return f"{split}/{name}"


def _as_share(field: Field, name: str, texts: Sequence[str]) -> Field:
    """Return a field such that a utilisation in percent becomes a share."""
    in_percent = texts[field.at + 1].startswith("%")
    if in_percent and role_of(name).role is Role.UTILISATION:
        return replace(field, factor=0.01)
    return field


def _is_telling(name: str) -> bool:
    role = role_of(name)
    if role.role in _TIME_ROLES:
        return False
    known = role.role in _TELLING_ROLES or role.direction is not Direction.UNKNOWN
    return known or bool(_TELLING.search(name.lower()))
