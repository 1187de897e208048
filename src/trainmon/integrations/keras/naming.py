"""What Keras calls its metrics, and what they are called in the log."""

from collections.abc import Iterator, Mapping

_RATES = frozenset({"lr", "learning_rate"})
"""What callbacks that change the learning rate add to the metrics of an epoch."""


def is_loss(name: str) -> bool:
    """Return whether a metric is the loss, or that of one of several outputs."""
    return name == "loss" or name.endswith("_loss")


def loss_name(name: str) -> str:
    """Return the name of a loss of the training.

    >>> loss_name("loss"), loss_name("mask_loss")
    ('train/loss', 'train/loss/mask')
    """
    part = name.removesuffix("loss").rstrip("_")
    return f"train/loss/{part}" if part else "train/loss"


def epoch_names(logs: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the metrics of an epoch: means over its batches, and the evaluation after it.

    >>> dict(epoch_names({"loss": 0.5, "auc": 0.75, "val_loss": 0.25, "learning_rate": 0.1}))
    {'train/loss_epoch': 0.5, 'train/auc': 0.75, 'val/loss': 0.25}
    """
    for name, value in logs.items():
        if name.startswith("val_"):
            yield f"val/{name.removeprefix('val_')}", value
        elif is_loss(name):
            yield f"{loss_name(name)}_epoch", value
        elif name not in _RATES:
            yield f"train/{name}", value
