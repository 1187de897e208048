"""The hyper-parameters of a training, and what its log tells of them."""

from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

Schedule = Literal["constant", "cosine", "linear", "step", "one-cycle", "restarts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person chooses before a run; each task has its own sensible ones."""

    lr: float
    epochs: int
    batch_size: int
    optimizer: Literal["adamw", "sgd"] = "adamw"
    momentum: float = 0.9
    """Of SGD."""
    schedule: Schedule = "cosine"
    warmup: float = 0.05
    """Share of the run over which the learning rate rises."""
    accum: int = 1
    clip: float | None = None
    """Largest gradient norm let through; None lets all through."""
    dropout: float = 0.0
    weight_decay: float = 1e-2
    label_smoothing: float = 0.0
    width: int = 64
    depth: int = 2
    """Hidden layers."""
    activation: Literal["relu", "tanh", "sigmoid", "gelu"] = "relu"
    shuffle: bool = True
    samples: int | None = None
    """Of the training set; None takes all that the task has."""
    val_samples: int | None = None
    wrong_labels: float = 0.0
    """Share of the training targets that are drawn at random."""
    evaluate_every: float = 1.0
    """Epochs between evaluations."""
    num_workers: int = 4
    prefetch: int = 2

    def steps_per_epoch(self, train_samples: int) -> int:
        """Return the optimizer steps of one pass over so many samples."""
        return ceil(train_samples / (self.batch_size * self.accum))

    def config(self, train_samples: int, loss: str, monitor: str, mode: str) -> dict[str, Any]:
        """Return what the header of the log tells."""
        steps = self.epochs * self.steps_per_epoch(train_samples)
        told: dict[str, Any] = {
            "optimizer": self.optimizer,
            "lr": self.lr,
            "schedule": self.schedule,
            "warmup_steps": round(self.warmup * steps),
            "batch_size": self.batch_size,
            "accum": self.accum,
            "world_size": 1,
            "epochs": self.epochs,
            "total_steps": steps,
            "clip": self.clip,
            "dropout": self.dropout,
            "weight_decay": self.weight_decay,
            "num_workers": self.num_workers,
            "prefetch_factor": self.prefetch,
            "shuffle": self.shuffle,
            "train_samples": train_samples,
            "loss": loss,
            "monitor": monitor,
            "mode": mode,
        }
        if self.label_smoothing:
            told["label_smoothing"] = self.label_smoothing
        return told
