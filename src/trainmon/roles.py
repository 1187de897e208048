"""Metric names and what they stand for: role, direction and unit.

Rules and panels ask for a role ("train loss"), never for a name. The names here are those of
trainmon's own format and the commonest spellings of the projects around it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What a metric is."""

    TRAIN_LOSS = "train loss"
    VAL_LOSS = "val loss"
    LOSS_PART = "loss part"
    TRAIN_METRIC = "train metric"
    VAL_METRIC = "val metric"
    LEARNING_RATE = "learning rate"
    GROUP_LEARNING_RATE = "learning rate of a group"
    GRAD_NORM = "gradient norm"
    LAYER_GRAD_NORM = "gradient norm of a layer"
    LAYER_WEIGHT_NORM = "weight norm of a layer"
    UPDATE_RATIO = "update ratio"
    LAYER_UPDATE_RATIO = "update ratio of a layer"
    DATA_TIME = "data time"
    STEP_TIME = "step time"
    WORK_TIME = "work time"
    COUNTER = "counter"
    AMP_SCALE = "loss scale"
    SYSTEM = "system"
    OTHER = "other"


class Direction(StrEnum):
    """Which way a metric is better; `UNKNOWN` ones are drawn, not judged."""

    LOWER = "lower is better"
    HIGHER = "higher is better"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MetricRole:
    """What is known of a metric from its name alone."""

    role: Role
    direction: Direction = Direction.UNKNOWN
    unit: str = ""


_EXACT: dict[str, MetricRole] = {
    "lr": MetricRole(Role.LEARNING_RATE),
    "learning_rate": MetricRole(Role.LEARNING_RATE),
    "train/lr": MetricRole(Role.LEARNING_RATE),
    "train/learning_rate": MetricRole(Role.LEARNING_RATE),
    "train_lr": MetricRole(Role.LEARNING_RATE),
    "grad_norm": MetricRole(Role.GRAD_NORM),
    "train/grad_norm": MetricRole(Role.GRAD_NORM),
    "gradient_norm": MetricRole(Role.GRAD_NORM),
    "update_ratio": MetricRole(Role.UPDATE_RATIO),
    "data_time": MetricRole(Role.DATA_TIME, Direction.LOWER, "s"),
    "train/data_time": MetricRole(Role.DATA_TIME, Direction.LOWER, "s"),
    "step_time": MetricRole(Role.STEP_TIME, Direction.LOWER, "s"),
    "train/step_time": MetricRole(Role.STEP_TIME, Direction.LOWER, "s"),
    "iter_time": MetricRole(Role.STEP_TIME, Direction.LOWER, "s"),
    "work_time": MetricRole(Role.WORK_TIME, Direction.LOWER, "s"),
    "samples": MetricRole(Role.COUNTER),
    "tokens": MetricRole(Role.COUNTER),
    "amp/scale": MetricRole(Role.AMP_SCALE),
    "loss_scale": MetricRole(Role.AMP_SCALE),
    "grad_scale": MetricRole(Role.AMP_SCALE),
    "amp/skipped": MetricRole(Role.COUNTER),
    "loss": MetricRole(Role.TRAIN_LOSS, Direction.LOWER),
    "train/loss": MetricRole(Role.TRAIN_LOSS, Direction.LOWER),
    "train_loss": MetricRole(Role.TRAIN_LOSS, Direction.LOWER),
    "training_loss": MetricRole(Role.TRAIN_LOSS, Direction.LOWER),
    "loss/train": MetricRole(Role.TRAIN_LOSS, Direction.LOWER),
    "total_loss": MetricRole(Role.TRAIN_LOSS, Direction.LOWER),
    "train/total_loss": MetricRole(Role.TRAIN_LOSS, Direction.LOWER),
    "val/loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "val_loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "valid_loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "validation_loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "validation/loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "valid/loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "eval/loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "eval_loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "dev_loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "dev/loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "loss/test": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "test_loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "test/loss": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "loss/val": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "loss/valid": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "loss/validation": MetricRole(Role.VAL_LOSS, Direction.LOWER),
    "loss/eval": MetricRole(Role.VAL_LOSS, Direction.LOWER),
}

_PREFIXES: tuple[tuple[str, MetricRole], ...] = (
    ("train/loss/", MetricRole(Role.LOSS_PART, Direction.LOWER)),
    ("loss/", MetricRole(Role.LOSS_PART, Direction.LOWER)),
    ("loss_", MetricRole(Role.LOSS_PART, Direction.LOWER)),
    ("lr/", MetricRole(Role.GROUP_LEARNING_RATE)),
    ("grad_norm/", MetricRole(Role.LAYER_GRAD_NORM)),
    ("weight_norm/", MetricRole(Role.LAYER_WEIGHT_NORM)),
    ("update_ratio/", MetricRole(Role.LAYER_UPDATE_RATIO)),
    ("sys/", MetricRole(Role.SYSTEM)),
    ("data/", MetricRole(Role.COUNTER)),
    ("amp/", MetricRole(Role.COUNTER)),
)

_TWIN = re.compile(r"_(?:step|epoch)$")
"""Endings by which Lightning tells the value of a step from the mean of an epoch."""

_EVALUATION_PREFIX = re.compile(r"^(?:val|valid|validation|eval|test|dev)[/_]")
_TRAIN_PREFIX = re.compile(r"^(?:train|training)[/_]")

# A metric's own word decides its direction. Operating points name two quantities; the first is
# the one measured ("fpr@tpr.85" is a false-positive rate).
_LOWER = re.compile(
    r"^(?:fpr|fnr|far|frr|eer|loss|nll|bpb|bpc|perplexity|ppl|mae|mse|rmse|mape|wer|cer|ter|fid|kid"
    r"|err|error|error_rate|ece|brier|hinge|top\d_err|lpips)(?=$|[^a-z])"
)
_HIGHER = re.compile(
    r"^(?:tpr|tnr|acc|acc1|acc5|accuracy|balanced_accuracy|top\d|top_\d|f1|f_1|fbeta|dice|iou|miou|jaccard"
    r"|map|map50|ap|ap50|ap75|ar|auc|auroc|roc_auc|auprc|pr_auc|precision|recall|sensitivity"
    r"|specificity|mcc|kappa|r2|bleu|rouge|rouge[12l]|rougelsum|meteor|chrf|cider|psnr|ssim|ndcg"
    r"|mrr|hit|hits|reward|return|score|exact_match|em|pearson|spearman|pck|acc_top1)"
    r"(?=$|[^a-z])"
)


@lru_cache(maxsize=16_384)
def role_of(name: str) -> MetricRole:
    """Return the role, direction and unit that a metric's name tells.

    >>> role_of("train/loss").role
    <Role.TRAIN_LOSS: 'train loss'>
    >>> role_of("val/tpr@fpr1e-4").direction
    <Direction.HIGHER: 'higher is better'>
    >>> role_of("val/fpr@tpr.85").direction
    <Direction.LOWER: 'lower is better'>
    >>> role_of("train_loss_step").role
    <Role.TRAIN_LOSS: 'train loss'>
    >>> role_of("grad_norm/layers.0.weight").role
    <Role.LAYER_GRAD_NORM: 'gradient norm of a layer'>
    """
    key = name.strip().lower().replace(" ", "_")
    known = _EXACT.get(key) or _EXACT.get(_TWIN.sub("", key))
    if known is not None:
        return known
    for prefix, role in _PREFIXES:
        if key.startswith(prefix):
            return role
    if match := _EVALUATION_PREFIX.match(key):
        return MetricRole(Role.VAL_METRIC, _direction(key[match.end() :]))
    if match := _TRAIN_PREFIX.match(key):
        return MetricRole(Role.TRAIN_METRIC, _direction(key[match.end() :]))
    return MetricRole(Role.OTHER, _direction(key))


def _direction(metric: str) -> Direction:
    word = metric.rsplit("/", maxsplit=1)[-1]
    if _LOWER.match(word) or word.endswith(("_loss", "_error")) or metric.startswith("loss/"):
        return Direction.LOWER
    if _HIGHER.match(word):
        return Direction.HIGHER
    return Direction.UNKNOWN
