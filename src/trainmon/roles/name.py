"""A metric's name taken apart: split, twin, statistic and the quantity itself.

Projects join the same words in any order and with any sign: ``train/loss``, ``Loss/train``,
``train_loss_epoch``, ``trainLoss``, ``val_loss/dataloader_idx_0``.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

NAMES_CACHED = 16_384
"""Names whose reading is remembered: more than the metrics of the largest logs."""


class Split(StrEnum):
    """Which data a metric was measured on."""

    NONE = ""
    TRAIN = "train"
    VAL = "val"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a metric's name."""

    quantity: str
    """What was measured: lower case, words joined by ``_`` and levels by ``/``."""
    split: Split = Split.NONE
    twin: str = ""
    """``step`` or ``epoch``, where a name says over which of them the value is taken."""
    spread: bool = False
    """Whether it is a minimum, maximum or deviation, and no value of the quantity itself."""

    @property
    def word(self) -> str:
        """The last level of the quantity."""
        return self.quantity.rpartition("/")[2]


_SPLITS = {
    **dict.fromkeys(("train", "training", "trn"), Split.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "validate", "eval", "evaluation"), Split.VAL),
    **dict.fromkeys(("dev", "holdout", "held_out", "heldout"), Split.VAL),
    **dict.fromkeys(("test", "testing"), Split.TEST),
}

_LOADER = re.compile(r"/dataloader_idx_(\d+)$")
_HUMP = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z0-9])")
"""Where ``trainLoss`` is two words; ``mAP50`` and ``mIoU`` are one."""
_LEVEL_DOT = re.compile(r"(?<=[a-z_])\.(?=[a-z_])")
"""A dot that parts levels, as in ``decode.loss_ce``; that of ``mAP_0.5`` does not."""
_TWIN = re.compile(r"(?<!_per)_(step|epoch)$")
_SPREAD = re.compile(
    r"(?:^|[/_])(?:std|stdev|stddev|var|min|max|best)_|_(?:std|stdev|stddev|var|min|max|best)$"
)


@lru_cache(maxsize=NAMES_CACHED)
def parsed(name: str) -> Name:
    """Return the parts of a name.

    >>> parsed("trainLoss_step")
    Name(quantity='loss', split=<Split.TRAIN: 'train'>, twin='step', spread=False)
    >>> parsed("Accuracy/test").split, parsed("val_loss/dataloader_idx_1").quantity
    (<Split.TEST: 'test'>, 'loss')
    """
    key, twin = _without_twin(_LOADER.sub("", spelled(name)))
    key, inner = _without_period(key)
    split = Split.NONE
    levels = []
    for level in key.split("/"):
        told, rest = _without_split(level)
        # The level nearest to the quantity knows best: "train/val_loss" is of the validation.
        split = told or split
        if rest:
            levels.append(rest)
    quantity = "/".join(levels)
    return Name(quantity, split, twin or inner, bool(_SPREAD.search(quantity)))


def spelled(name: str) -> str:
    """Return a name in lower case with ``_`` between words and ``/`` between levels.

    What stands before the last `` - `` is the run, where a curve was saved from a browser.

    >>> spelled("run 7 - Learning-Rate"), spelled("decode.loss_ce"), spelled("mAP_0.5")
    ('learning_rate', 'decode/loss_ce', 'map_0.5')
    """
    name = _HUMP.sub("_", name.rpartition(" - ")[2].strip())
    key = name.lower().replace("-", "_").replace(" ", "_").lstrip("_")
    return _LEVEL_DOT.sub("/", key)


def loader_of(name: str) -> int:
    """Return which of several loaders of an evaluation a metric is of, as Lightning counts them.

    >>> loader_of("val_loss/dataloader_idx_1"), loader_of("val_loss")
    (1, 0)
    """
    match = _LOADER.search(name)
    return int(match[1]) if match else 0


def _without_twin(key: str) -> tuple[str, str]:
    match = _TWIN.search(key)
    return (key[: match.start()], match[1]) if match else (key, "")


def _without_split(level: str) -> tuple[Split, str]:
    """Return the split that a level begins or ends with, and the rest of it."""
    if level in _SPLITS:
        return _SPLITS[level], ""
    for word, split in _SPLITS.items():
        if level.startswith(f"{word}_"):
            return split, level[len(word) + 1 :]
        if level.endswith(f"_{word}"):
            return split, level[: -len(word) - 1]
    return Split.NONE, level


def _without_period(key: str) -> tuple[str, str]:
    """Return ``epoch_loss`` and ``batch_loss`` as the loss, with the twin that they are."""
    above, _, word = key.rpartition("/")
    for prefix, twin in (("epoch_", "epoch"), ("batch_", "step")):
        if word.startswith(prefix):
            word = word.removeprefix(prefix)
            return (f"{above}/{word}" if above else word), twin
    return key, ""
