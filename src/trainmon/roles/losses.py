"""Losses by their names: the whole one, its parts, and those that fall for no good reason."""

import re

from trainmon.roles.name import Name, Split
from trainmon.roles.role import Direction, MetricRole, Role

WHOLE = (
    "loss",
    "total_loss",
    "loss_total",
    "loss/total",
    "loss/loss",
    "losses/total",
    "losses/loss",
    "overall_loss",
    "mean_loss",
    "loss_mean",
    "avg_loss",
    "loss_avg",
    "average_loss",
    "running_loss",
    "sum_loss",
    "loss_sum",
    "cost",
    "lm_loss",
    "lm_loss/lm_loss",
    "cross_entropy",
    "cross_entropy_loss",
)
"""Names of a whole loss, the plainest first."""

CRITERIA = ("nll", "neg_log_likelihood", "xent", "ce", "bce", "bpd", "bpb", "mse", "mae")
"""What is minimised and has a name of its own, the likeliest of several first.

They are metrics beside a loss, and the loss itself where a run names none.
"""

_PARTS = re.compile(
    r"(?:^|_)(?:box|bbox|cls|obj|dfl|seg|giou|ciou|iou|rpn|mask|kpt|keypoint|kobj|pose|reg|aux|kl|kld"
    r"|rec|recon|reconstruction|commit|commitment|vq|codebook|perceptual|cycle|identity|idt|feat"
    r"|fm|content|style|tv|smooth|edge|center|offset|size|wh|hm|heatmap|dir|enc|dn|z|router|moe"
    r"|balancing|balance|mtp|temp|l1|l2|unscaled)(?=_|\d|$)"
)
"""Words of parts: of detectors, autoencoders, mixtures of experts."""

_OF_PLAYERS = re.compile(
    r"^(?:delta_)?(?:loss_?|err_?)?(?:pi|q|qf|qf\d|q\d|v|vf|mu|td|pg|policy|policy_gradient|actor|critic|value"
    r"|value_function|entropy|ent|ent_coef|entropy_coeff|alpha|surrogate|d|g|gen|disc|generator"
    r"|discriminator|adv|gan)(?:_(?:a|b|real|fake|gan|adv|l1|total))*(?:_?loss)?(?:_(?:real|fake))?$"
)
"""Losses of actors, critics, generators, discriminators: they balance each other, and neither
their rise nor their fall says how well it goes."""

_ABOUT = re.compile(r"_(?:z_?score|weight|coef|coeff|ratio|change|lambda|threshold)s?$")
"""Endings of what is told about a loss and is none."""

_SHORT = re.compile(r"loss(?:\d|[qvdg]$)|err_?[dg]$")
"""Spellings without a sign between: ``LossQ``, ``errD``, ``loss1``."""


def loss_role(name: Name) -> MetricRole | None:
    """Return the role of a name that speaks of a loss; None where it does not."""
    if not _speaks_of_loss(name.quantity):
        return None
    validates = name.split in (Split.VAL, Split.TEST)
    if name.quantity in WHOLE or name.word in WHOLE:
        return MetricRole(_role_of_whole(name), Direction.LOWER)
    part = MetricRole(Role.VAL_LOSS_PART if validates else Role.LOSS_PART, Direction.LOWER)
    if _OF_PLAYERS.match(name.word):
        return MetricRole(part.role)
    if not name.word.endswith("loss") or _PARTS.search(name.word.removesuffix("loss").rstrip("_")):
        return part
    # "val/a_loss" is a whole one on a set called "a"; of the training it may be a part.
    return MetricRole(Role.VAL_LOSS if validates else Role.LOSS, Direction.LOWER)


def _speaks_of_loss(quantity: str) -> bool:
    last = quantity.rpartition("/")[2]
    if _ABOUT.search(last):
        return False
    return (
        quantity in WHOLE
        or last.endswith(("loss", "losses"))
        or last.startswith(("loss_", "losses_", "delta_loss"))
        or quantity.startswith(("loss/", "losses/"))
        or bool(_SHORT.match(last))
    )


def _role_of_whole(name: Name) -> Role:
    if name.split in (Split.VAL, Split.TEST):
        return Role.VAL_LOSS
    plain = name.split == Split.TRAIN or "/" not in name.quantity or name.quantity in WHOLE
    # Of "a/loss" nobody knows whether "a" is a data set, a model or a part.
    return Role.TRAIN_LOSS if plain else Role.LOSS
