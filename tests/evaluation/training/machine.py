"""What probes would have told of the machine: a card, a host, and what they do to each other.

Sampled once a second of the simulated clock. How busy the card is follows from the waits of the
loop; power follows from that, temperature from power with a lag, and a hot card lowers its clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.evaluation.training.training import Training

GIB = 1024.0**3

CLOCK_MAX = 1_980.0
"""MHz."""

HOT = 88.0
"""Degrees C at which the card lowers its clock."""

Share = Callable[[float], float]
"""Of the run (0 to 1) a reading."""


@dataclass(slots=True)
class Machine:
    """One card in one host."""

    card: float = 24 * GIB
    card_used: Share = lambda _: 14.2 * GIB
    host: float = 64 * GIB
    rss: Share = lambda _: 5.1 * GIB
    busy: float = 0.97
    """Share of a step's own time in which the card computes: less where launches take longer."""
    cooling: Share = lambda _: 0.125
    """Degrees C above the room for each watt."""
    clock: float = CLOCK_MAX
    temperature: float = 52.0
    seconds: float = 0.0
    waited: float = 0.0
    due: float = 1.0
    slowdown: list[float] = field(default_factory=lambda: [1.0])


def watched(machine: Machine | None = None) -> Callable[[Training], None]:
    """Return a twist by which a training's log holds readings of a machine like this one."""

    def twist(training: Training) -> None:
        like = machine or Machine()
        fresh = Machine(
            card=like.card, card_used=like.card_used, host=like.host, rss=like.rss,
            busy=like.busy, cooling=like.cooling,
        )  # fmt: skip

        def see(step: int, metrics: dict[str, float]) -> None:
            fresh.seconds += metrics["step_time"]
            fresh.waited += metrics["data_time"]
            if fresh.seconds >= fresh.due:
                readings = _sample(fresh, step / training.total_steps, training)
                training.journal.log(readings, step, training.epoch(step))
                fresh.seconds = fresh.waited = 0.0

        training.on_metrics.append(see)

    return twist


def _sample(machine: Machine, progress: float, training: Training) -> dict[str, float]:
    noise = training.rng.normal
    busy = machine.busy * (1 - machine.waited / machine.seconds)
    util = min(max(busy + noise(0, 0.015), 0.0), 1.0)
    power = 70 + (330 * util + noise(0, 6)) * machine.clock / CLOCK_MAX
    rest = 25 + machine.cooling(progress) * power + noise(0, 0.4)
    machine.temperature += 0.25 * (rest - machine.temperature)
    hot = machine.temperature > HOT
    machine.clock = CLOCK_MAX * (0.62 if hot else 1.0) - abs(noise(0, 8))
    card = machine.card_used(progress) + noise(0, 0.02) * GIB
    rss = machine.rss(progress) + noise(0, 0.01) * GIB
    return {
        "sys/gpu0/util": round(util, 2),
        "sys/gpu0/mem_used": min(card, machine.card),
        "sys/gpu0/mem_total": machine.card,
        "sys/gpu0/power": power,
        "sys/gpu0/power_limit": 400.0,
        "sys/gpu0/temp": round(machine.temperature),
        "sys/gpu0/clock": round(machine.clock),
        "sys/gpu0/clock_max": CLOCK_MAX,
        "sys/gpu0/throttle/thermal": float(hot),
        "sys/cpu": min(max(0.35 + noise(0, 0.04), 0), 1),
        "sys/mem_used": 6 * GIB + rss,
        "sys/mem_total": machine.host,
        "sys/rss": rss,
        "sys/io_wait": abs(noise(0.01, 0.01)),
    }
