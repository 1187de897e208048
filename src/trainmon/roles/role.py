"""What a metric can be: its role, which way it is better, and its unit."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a metric is."""

    TRAIN_LOSS = "train loss"
    VAL_LOSS = "val loss"
    LOSS = "loss, whole or part"
    """Only the other metrics of a run tell which: alone it is the train loss, else a part of it."""
    LOSS_PART = "loss part"
    VAL_LOSS_PART = "val loss part"
    TRAIN_METRIC = "train metric"
    VAL_METRIC = "val metric"
    PART_METRIC = "metric of a part"
    """Of one class, size or slice: noisy, and ordinary as NaN or -1 where there is nothing."""
    RETURN = "return"
    """What reinforcement learning is judged by; its losses tell little."""
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
    THROUGHPUT = "throughput"
    MEMORY = "memory"
    UTILISATION = "utilisation"
    COUNTER = "counter"
    """Where a record stands, how long it took, how large something is: nothing to judge."""
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
    """What is known of a metric."""

    role: Role
    direction: Direction = Direction.UNKNOWN
    unit: str = ""
    """``s``, ``B``, ``/s``, ``share`` (0 to 1) or ``%``; nothing where the name does not tell."""
