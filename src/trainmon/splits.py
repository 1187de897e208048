"""Records that say which split of the data they were measured on."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from trainmon.roles import Role, role_of

TRAIN = "train"

_KEYS = ("split", "mode", "phase", "stage", "set", "type", "subset")

_WORDS = {
    "train": TRAIN,
    "training": TRAIN,
    "trn": TRAIN,
    "val": "val",
    "valid": "val",
    "validation": "val",
    "validate": "val",
    "dev": "val",
    "eval": "eval",
    "evaluation": "eval",
    "evaluate": "eval",
    "test": "test",
    "testing": "test",
}

_LONGEST = 20
"""Characters of a text that may be one of the words."""


def split_of(record: Mapping[str, Any]) -> str:
    """Return the split that a field of a record names, or nothing.

    >>> split_of({"mode": "Validation", "loss": 0.5})
    'val'
    """
    for key in _KEYS:
        word = record.get(key)
        if isinstance(word, str) and len(word) <= _LONGEST:
            split = _WORDS.get(word.lower())
            if split:
                return split
    return ""


@lru_cache(maxsize=16_384)
def name_in(split: str, name: str) -> str:
    """Return the name of a metric that was measured on a split.

    A name that tells a split already stays, and so does what is known of training by itself.

    >>> name_in("val", "loss"), name_in("val", "val_loss"), name_in("train", "lr")
    ('val/loss', 'val_loss', 'lr')
    """
    if name.lower().startswith(_PREFIXES):
        return name
    if split == TRAIN and role_of(name).role not in {Role.OTHER, Role.TRAIN_LOSS}:
        return name
    return f"{split}/{name}"


_PREFIXES = tuple(f"{word}{joint}" for word in _WORDS for joint in "/_")
