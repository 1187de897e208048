"""The role that a metric's name tells, whatever project it comes from."""

import re
from functools import lru_cache

from trainmon.roles.direction import direction_of
from trainmon.roles.losses import loss_role
from trainmon.roles.name import NAMES_CACHED, Name, Split, parsed, spelled
from trainmon.roles.quantities import quantity_role
from trainmon.roles.role import Direction, MetricRole, Role
from trainmon.roles.units import is_percent
from trainmon.text import NAME_LIMIT

_SPACES: tuple[tuple[str, MetricRole], ...] = (
    ("lr/", MetricRole(Role.GROUP_LEARNING_RATE)),
    ("grad_norm/", MetricRole(Role.LAYER_GRAD_NORM)),
    ("grad_2.0_norm/", MetricRole(Role.LAYER_GRAD_NORM)),
    ("weight_norm/", MetricRole(Role.LAYER_WEIGHT_NORM)),
    ("update_ratio/", MetricRole(Role.LAYER_UPDATE_RATIO)),
    ("update_ratio", MetricRole(Role.UPDATE_RATIO)),
    ("sys/", MetricRole(Role.SYSTEM)),
    ("system/", MetricRole(Role.SYSTEM)),
    ("data/", MetricRole(Role.COUNTER)),
    ("amp/skipped", MetricRole(Role.COUNTER)),
    # One batch of an evaluation, a mean so far and a number of the whole run are no curves.
    ("batch/", MetricRole(Role.OTHER)),
    ("running/", MetricRole(Role.OTHER)),
    ("run/", MetricRole(Role.COUNTER)),
)

_MODEL_NORM = re.compile(
    r"grad_norm/(?:local_shard|optimizer\d*|model_?\d*|actor|critic|policy|value|generator"
    r"|discriminator|gen|disc|net_?[dg]|[dg]|teacher|student|total|global)$"
)
"""The norm of a whole model beside another, or of a process's shard, and not of one layer."""

_RATE_OF = re.compile(r"^lr-[a-z][\w.]*(?:-\d+)?(?P<group>/[^/]+)?$", re.IGNORECASE)
"""What Lightning's monitor calls the rate of an optimizer, or of one of its groups."""

_RETURN = re.compile(
    r"(?:^|[/_])(?:ep|episode|episodic|mean|average|avg|total|cumulative|eval|test|env)_"
    r"(?:ep_?|episode_|test_|eval_|cumulative_)*(?:rew|ret|reward|return)s?(?:_mean|_\(mean\))?$"
    r"|(?:^|[/_])epret$|^rewards/(?:iter|step|time)$"
    r"|^(?:(?:train|eval|val|test|env|charts|rollout|objective)[/_])?(?:reward|return)"
    r"(?:_mean|/mean)?$"
)

_PART = re.compile(
    r"(?:^|[/_])(?:ap|ar|map)(?:_?[sml]|_\((?:s|m|l|small|medium|large)\))$"
    r"|(?:^|/)(?:iou|acc|dice|fscore|precision|recall)\.[a-z_].*|per_?class"
    r"|(?:^|[/_.-])(?:class|cls|label|category|task|domain|client|fold|slice)[_/.-]?\d+(?:$|[/_.-])"
    r"|(?:^|[/_])(?:iou|dice|f1)[/_]\d+$"
    r"|(?:^|/)(?:ap|iou)-.",
    re.IGNORECASE,
)
"""A metric of the small, medium or large objects, or of one class."""

_EVALUATED = re.compile(
    r"(?:^|[/_])(?:map|ap|ar|miou|macc|aacc|mdice|pck|nme|epe|pq|bleu|sacrebleu|rouge[l12]?|wer|cer"
    r"|fid|kid|cider|meteor|mota|idf1|nds)(?:\d|[/_@(]|$)"
    r"|^(?:metrics|bbox|segm|keypoints|sem_seg|panoptic_seg|box_proposals|coco|pascal_voc|lvis"
    r"|accuracy|acc|cityscapes|nuscenes)/|^accuracy_top_\d"
)
"""What is only ever measured in evaluations, so that it needs no split in its name."""

_DIAGNOSTICS = frozenset({"explained_variance", "clip_fraction", "approx_kl", "clip_range"})
"""What a reinforcement learner tells of itself: NaN and 0 are ordinary there."""


@lru_cache(maxsize=NAMES_CACHED)
def role_of(name: str) -> MetricRole:
    """Return the role, direction and unit that a metric's name tells.

    >>> role_of("Loss/train").role, role_of("eval_loss").role
    (<Role.TRAIN_LOSS: 'train loss'>, <Role.VAL_LOSS: 'val loss'>)
    >>> role_of("val/tpr@fpr1e-4").direction
    <Direction.HIGHER: 'higher is better'>
    >>> role_of("val/fpr@tpr.85").direction
    <Direction.LOWER: 'lower is better'>
    >>> role_of("grad_norm/layers.0.weight").role
    <Role.LAYER_GRAD_NORM: 'gradient norm of a layer'>
    >>> role_of("bbox/AP50").unit
    '%'
    """
    if len(name) > NAME_LIMIT:  # what is kept of it; patterns search a longer one for seconds
        return role_of(name[:NAME_LIMIT])
    named = _of_a_space(name)
    if named is not None:
        return named
    key = spelled(name)
    parts = parsed(name)
    if _RETURN.search(key) and not parts.spread:
        return MetricRole(Role.RETURN, Direction.HIGHER)
    quantity = quantity_role(key) or quantity_role(parts.quantity)
    if quantity is not None:
        # An evaluation's own times and speeds say nothing of the training.
        validates = parts.split in (Split.VAL, Split.TEST)
        return MetricRole(Role.COUNTER, unit=quantity.unit) if validates else quantity
    if parts.spread:
        return MetricRole(Role.OTHER, direction_of(parts.quantity))
    return loss_role(parts) or _metric(name, key, parts)


def _of_a_space(name: str) -> MetricRole | None:
    """Return the role of a name that stands in a space of its own, or is a rate of Lightning's."""
    key = name.strip().lower()
    if key.startswith("lr-") and key.endswith(("-momentum", "-weight_decay")):
        return MetricRole(Role.OTHER)
    if rate := _RATE_OF.match(key):
        return MetricRole(Role.GROUP_LEARNING_RATE if rate["group"] else Role.LEARNING_RATE)
    if _MODEL_NORM.match(key):
        return MetricRole(Role.GRAD_NORM)
    return next((role for space, role in _SPACES if key.startswith(space)), None)


def _metric(name: str, key: str, parts: Name) -> MetricRole:
    """Return the role of what is neither a loss nor a measure of the training itself."""
    direction = direction_of(parts.quantity)
    unit = "%" if is_percent(key) else ""
    known = direction != Direction.UNKNOWN
    if parts.word in _DIAGNOSTICS:
        return MetricRole(Role.OTHER, direction)
    if known and _PART.search(name.strip().replace(" ", "_")):
        return MetricRole(Role.PART_METRIC, direction, unit)
    if parts.split in (Split.VAL, Split.TEST):
        return MetricRole(Role.VAL_METRIC, direction, unit)
    if known and parts.split == Split.NONE and _EVALUATED.search(key):
        return MetricRole(Role.VAL_METRIC, direction, unit)
    if known or parts.split == Split.TRAIN:
        return MetricRole(Role.TRAIN_METRIC, direction, unit)
    return MetricRole(Role.OTHER, direction, unit)
