"""What settings amount to together: two runs may differ in each of them and still train alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trainmon.comparison.wording import figure
from trainmon.configuration import Setting, number_in
from trainmon.effective_batch import effective_batch

Settings = Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something worked out from several settings."""

    name: str
    prior: float
    """As in `trainmon.comparison.priors`."""
    of: Callable[[Settings], float | None]
    made_of: tuple[str, ...]
    """What it is worked out from: it is told where at least two of these differ."""
    even_alone: tuple[str, ...] = ()
    """What tells less by itself: if it alone differs, this quantity is told all the same."""
    how: Callable[[Settings], str] = lambda _: ""
    """How it comes about, in figures."""
    replaces: tuple[str, ...] = ()
    """Settings that need not be told beside it."""

    def is_told(self, here: Settings, there: Settings) -> bool:
        """Return whether it says more than the settings that it is made of."""
        differing = [name for name in self.made_of if _part(here, name) != _part(there, name)]
        return len(differing) > 1 or any(name in self.even_alone for name in differing)


def _part(settings: Settings, name: str) -> Setting:
    return effective_batch(settings) if name == EFFECTIVE_BATCH else settings.get(name)


def lr_per_sample(settings: Settings) -> float | None:
    """Return the learning rate over the effective batch: how far one example moves the weights."""
    return _over(number_in(settings, "lr"), effective_batch(settings))


def lr_per_root(settings: Settings) -> float | None:
    """Return the learning rate over the square root of the effective batch.

    It is what adaptive optimizers keep when the batch grows; plain SGD keeps `lr_per_sample`.
    """
    batch = effective_batch(settings)
    return _over(number_in(settings, "lr"), batch and batch**0.5)


def _over(value: float | None, by: float | None) -> float | None:
    return value / by if value and value > 0 and by else None


def _product(settings: Settings, *names: str) -> float | None:
    product = 1.0
    for name in names:
        product *= number_in(settings, name) or 0.0
    return product or None


def _tokens(settings: Settings) -> float | None:
    batch = effective_batch(settings)
    lengths = (number_in(settings, name) for name in _LENGTHS)
    length = next((length for length in lengths if length), None)
    return batch * length if batch and length else None


def _planned_samples(settings: Settings) -> float | None:
    batch, steps = effective_batch(settings), number_in(settings, "total_steps")
    if batch and steps and steps > 0:
        return batch * steps
    return _product(settings, "epochs", "train_samples")


def _warmup_share(settings: Settings) -> float | None:
    told = number_in(settings, "warmup_ratio")
    if told:
        return told
    for part, whole in (("warmup_steps", "total_steps"), ("warmup_epochs", "epochs")):
        share = _over(number_in(settings, part), number_in(settings, whole))
        if share:
            return share
    return None


def _factors(settings: Settings) -> str:
    parts = (number_in(settings, name) for name in ("batch_size", "accum", "world_size"))
    told = [figure(part) for part in parts if part]
    return " x ".join(told) if len(told) > 1 else ""


def _division(settings: Settings) -> str:
    lr, batch = number_in(settings, "lr"), effective_batch(settings)
    return f"{figure(lr)} / {figure(batch)}" if lr and batch else ""


_LENGTHS = ("seq_length", "seq_len", "max_seq_length", "block_size", "context_length", "max_length")
"""What projects call the tokens of one example."""

EFFECTIVE_BATCH = "effective batch"

_BATCH = ("batch_size", "accum", "world_size")
_RATE = ("lr", EFFECTIVE_BATCH)

QUANTITIES = (
    Quantity("LR per sample", 1.0, lr_per_sample, _RATE, (EFFECTIVE_BATCH,), _division),
    Quantity("LR per root of the batch", 0.7, lr_per_root, _RATE, (EFFECTIVE_BATCH,)),
    Quantity(EFFECTIVE_BATCH, 0.5, effective_batch, _BATCH, _BATCH, _factors, _BATCH),
    Quantity("tokens per step", 0.3, _tokens, (EFFECTIVE_BATCH, *_LENGTHS)),
    Quantity("warm-up share", 0.4, _warmup_share, ("warmup_steps", "warmup_epochs", "total_steps")),
    Quantity("planned samples", 0.2, _planned_samples, (EFFECTIVE_BATCH, "total_steps", "epochs")),
    Quantity(
        "LR x weight decay",
        0.3,
        lambda settings: _product(settings, "lr", "weight_decay"),
        ("lr", "weight_decay"),
    ),
)
"""The derived quantities, those that do most harm first."""
