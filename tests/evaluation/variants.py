"""How one training would have been logged by others: rarer, smoothed, without this or that."""

from collections.abc import Collection, Iterator, Sequence

from tests.evaluation.case import Variant
from tests.evaluation.recipe import Recipe, Signal
from trainmon.record import EVENT_KEY, HEADER_KEY
from trainmon.store.batch import Record

WHOLE = Variant()

OTHERS = (
    Variant(every=10),
    Variant(config=False),
    Variant(every=50),
    Variant(gradients=False),
    Variant(smoothing=0.9),
    Variant(every=10, config=False),
    Variant(every=10, gradients=False),
    Variant(config=False, gradients=False),
    Variant(every=50, config=False),
)
"""What a log may lack; each training shows some of them in turn."""

LEAST = 12
"""Records of the training that a log must keep: with fewer nobody would judge its course."""


def variants_of(recipe: Recipe, steps: int, turn: int, count: int) -> list[Variant]:
    """Return the whole log and up to `count` others of a training of so many logged steps."""
    start = turn * count
    turned = [OTHERS[(start + index) % len(OTHERS)] for index in range(len(OTHERS))]
    seen = [v for v in turned if _can_tell(recipe.needs, v) and steps / v.every >= LEAST]
    return [WHOLE, *seen[:count]]


def _can_tell(needs: Collection[Signal], variant: Variant) -> bool:
    lacking: set[Signal] = set()
    lacking |= set() if variant.config else {"config"}
    lacking |= set() if variant.gradients else {"gradients"}
    lacking |= {"each step"} if variant.every > 1 else set()
    lacking |= {"ten steps"} if variant.every > 10 else set()
    lacking |= {"raw loss"} if variant.smoothing else set()
    return lacking.isdisjoint(needs)


def told(records: Sequence[Record], variant: Variant) -> tuple[Record, ...]:
    """Return the log of a training as this variant tells it.

    Evaluations and events stay. Where only every n-th step is logged, the rest of the log is as if
    the script had called ``log`` at those alone.
    """
    return tuple(_told(records, variant))


def _told(records: Sequence[Record], variant: Variant) -> Iterator[Record]:
    smoothed: dict[str, float] = {}
    for record in records:
        if HEADER_KEY in record or record.get(EVENT_KEY) == "config":
            yield record if variant.config else {**record, "config": {}}
            continue
        if EVENT_KEY in record or not _of_training(record):
            yield record
            continue
        line = _smoothed(record, smoothed, variant.smoothing) if variant.smoothing else record
        if (line["step"] - 1) % variant.every == 0:
            yield line if variant.gradients else {k: v for k, v in line.items() if not _grad(k)}


def _of_training(record: Record) -> bool:
    return "train/loss" in record


def _grad(name: str) -> bool:
    return name.partition("/")[0] in {"grad_norm", "weight_norm", "update_ratio"}


def _smoothed(record: Record, averages: dict[str, float], weight: float) -> Record:
    """Return a record whose losses are averages; they are kept by name."""
    line = dict(record)
    for name, value in record.items():
        if name.startswith("train/loss"):
            value = float(value)  # noqa: PLW2901 - spelled "NaN" where it is none
            last = averages.get(name, value)
            averages[name] = weight * last + (1 - weight) * value
            line[name] = averages[name] if averages[name] == averages[name] else "NaN"
    return line
