"""What a demo training is made of: data, network, hyper-parameters, and at most one fault.

A fault is a value of the recipe and acts where it would act in a real run: in the labels, in the
schedule or in the loader. The losses, norms and times that follow from it are computed.
"""

from dataclasses import dataclass
from typing import Final, Literal

STEPS_PER_EPOCH: Final = 25
"""Batches of one pass over the training set: an evaluation about every second while one watches."""

STEPS: Final = 1_500
"""Optimizer steps of a run, 60 epochs: 50 seconds at `PACE`."""

PACE: Final = 30.0
"""Steps per second at which a curve grows visibly and a minute is enough."""

CLASSES: Final = 2
"""Classes of the task; the second one is the positive of ``val/f1``."""


@dataclass(frozen=True, slots=True)
class Surge:
    """A stretch of the schedule with a learning rate far off, as after a restart gone wrong."""

    at: float
    """Where it begins, as a share of the run."""
    steps: int
    """How long it lasts."""
    factor: float
    """What the scheduled learning rate is multiplied by."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """Batches that arrive broken, as after a decoding error."""

    every: int
    """Batches from one broken one to the next."""
    scale: float
    """What its inputs are multiplied by; its columns are off by one as well."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A loader that fetches blocks of batches and has none ahead when a block is used up."""

    every: int
    """Batches of a block."""
    seconds: float
    """Time to fetch a block; the batch after it waits that long."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training run; without a fault the defaults train a healthy one."""

    summary: str
    """What happens in the run, in a few words for the list of demos."""
    batch_size: int = 512
    wrong_labels: float = 0.0
    """Share of the training labels that are flipped."""
    hidden: tuple[int, ...] = (128, 128)
    """Widths of the hidden layers."""
    optimizer: Literal["adam", "sgd"] = "adam"
    lr: float = 3e-4
    """The learning rate at the end of the warm-up."""
    warmup: float = 0.05
    """Share of the run over which the learning rate rises."""
    weight_decay: float = 0.0
    clip: float | None = 1.0
    """Largest gradient norm let through; None lets all through."""
    surge: Surge | None = None
    corruption: Corruption | None = None
    stall: Stall | None = None

    @property
    def train_samples(self) -> int:
        """Return the size of the training set."""
        return self.batch_size * STEPS_PER_EPOCH

    def config(self, steps: int) -> dict[str, object]:
        """Return what a run of so many steps writes into the header of its log."""
        return {
            "optimizer": self.optimizer,
            "lr": self.lr,
            "schedule": "cosine",
            "warmup_steps": round(self.warmup * steps),
            "weight_decay": self.weight_decay,
            "clip": self.clip,
            "batch_size": self.batch_size,
            "train_samples": self.train_samples,
            "epochs": -(-steps // STEPS_PER_EPOCH),
            "total_steps": steps,
            "num_classes": CLASSES,
            "num_workers": 0,
            "shuffle": True,
            "loss": "cross-entropy",
            "hidden": list(self.hidden),
            "monitor": "val/loss",
            "mode": "min",
        }
