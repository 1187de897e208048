"""What a probe reads at one moment, frozen, to be handed from its thread to others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainmon.probes.visible import Card


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process that holds memory of a GPU."""

    gpu: str
    """``gpu0``, or ``gpu0/mig1`` for an instance of a card that is partitioned."""
    pid: int
    """As the driver tells it: inside a container it may be that of the host."""
    memory: float | None
    """Bytes; None where the driver does not tell it."""
    name: str = ""
    run: int | None = None
    """The pid of the rank of a watched run that it belongs to, as itself or as a descendant."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The answer of a probe."""

    readings: Mapping[str, float] = field(default_factory=dict)
    """By the names of the format, without ``sys/``."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What devices are called: ``gpu0`` -> ``NVIDIA H100``."""
    notes: tuple[str, ...] = ()
    """What cannot be read, in words."""
    processes: tuple[GpuProcess, ...] = ()
    cards: tuple[Card, ...] = ()
    """The GPUs that were found, in the order of their numbers."""
    trees: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """The processes of each watched rank by its pid, its own included."""
    choices: Mapping[int, str | None] = field(default_factory=dict)
    """How each watched rank chose its cards, by its pid, None where it did not; ranks of which that
    cannot be known are lacking."""
    cores: bytes = b""
    """How busy each core of the host is, in percent."""
    seconds: float = 0.0
    """How long the probe took."""
