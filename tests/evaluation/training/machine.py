"""A simulated card in a simulated host, read by the sampler that a training's writer would begin.

How busy the card is follows from the waits of the loop; power follows from that, temperature from
power with a lag, and a hot card lowers its clock. What of it is logged, and when, is up to the
writer's own sampler: the readings stand in the log as it would have written them.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import mean
from typing import Any

import numpy as np

from tests.evaluation.training.training import Training
from trainmon.probes.aside import Aside
from trainmon.probes.sample import GpuProcess, Sample
from trainmon.probes.visible import Card
from trainmon.writer.sampling.own_cards import OwnCards
from trainmon.writer.sampling.own_machine import OwnMachine
from trainmon.writer.sampling.place import Place

GIB = 1024.0**3

CLOCK_MAX = 1_980.0
"""MHz."""

HOT = 88.0
"""Degrees C at which the card lowers its clock."""

LAG = 0.29
"""Of its distance to where it would settle, by which the temperature moves in a second."""

INTERVAL = 0.2
"""Seconds between two samples: these trainings take a minute or two, where others take days."""

AVERAGED = 5
"""Intervals that a driver's utilisation is a mean of: the last second."""

PID = 4_711

Share = Callable[[float], float]
"""Of the run (0 to 1) a reading."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One card in one host."""

    card: float = 24 * GIB
    card_used: Share = lambda _: 14.2 * GIB
    host: float = 64 * GIB
    rss: Share = lambda _: 5.1 * GIB
    others: Share = lambda _: 6.0 * GIB
    """What else is in the host's memory."""
    swapped: Share = lambda _: 0.0
    cpu: float = 0.35
    busy: float = 0.97
    """Share of a step's own time in which the card computes: less where launches take longer."""
    cooling: Share = lambda _: 0.125
    """Degrees C above the room for each watt."""


@dataclass(slots=True)
class State:
    """How the machine is at the moment, as both probes see it."""

    like: Machine
    rng: np.random.Generator
    progress: float = 0.0
    use: float = 0.0
    """Share of the last second in which the card computed."""
    spins: bool = False
    """Kernels that only wait keep the card in use, and draw little."""
    temperature: float = 52.0
    clock: float = CLOCK_MAX


class SimulatedCard:
    """Reads the card as a driver would tell it."""

    asking = ""

    def __init__(self, state: State) -> None:
        self._state = state

    def read(self) -> Sample:
        """Return what is read now, after another interval."""
        state, noise = self._state, self._state.rng.normal
        like, progress = state.like, state.progress
        use = 1.0 if state.spins else state.use
        util = min(max(use + noise(0, 0.015), 0.0), 1.0)
        draws = 0.12 if state.spins else util
        power = 70 + (330 * draws + noise(0, 6)) * state.clock / CLOCK_MAX
        rest = 25 + like.cooling(progress) * power + noise(0, 0.4)
        state.temperature += LAG * INTERVAL * (rest - state.temperature)
        hot = state.temperature > HOT
        state.clock = CLOCK_MAX * (0.62 if hot else 1.0) - abs(noise(0, 8))
        used = min(like.card_used(progress) + noise(0, 0.02) * GIB, like.card)
        readings = {
            "util": round(util, 2),
            "mem_used": used,
            "mem_total": like.card,
            "power": power,
            "power_limit": 400.0,
            "temp": round(state.temperature),
            "clock": round(state.clock),
            "clock_max": CLOCK_MAX,
            "throttle/sw_thermal": float(hot),
            "throttle/sw_power_cap": 0.0,
        }
        return Sample(
            {f"gpu0/{name}": value for name, value in readings.items()},
            processes=(GpuProcess("gpu0", PID, used),),
            cards=(Card("gpu0", "GPU-0"),),
        )


class SimulatedHost:
    """Reads the host, and the process of the training."""

    asking = ""

    def __init__(self, state: State) -> None:
        self._state = state

    def read(self) -> Sample:
        """Return what is read now."""
        like, noise = self._state.like, self._state.rng.normal
        progress = self._state.progress
        rss = like.rss(progress) + noise(0, 0.01) * GIB
        readings = {
            "cpu": min(max(like.cpu + noise(0, 0.04), 0.0), 1.0),
            "mem_used": min(like.others(progress) + rss, like.host),
            "mem_total": like.host,
            "swap_used": like.swapped(progress),
            "io_wait": abs(noise(0.01, 0.01)),
            f"run{PID}/rss": rss,
            f"run{PID}/cores": 1.0 + abs(noise(0, 0.05)),
            f"run{PID}/disk_wait": 0.0,
            f"run{PID}/faults": 0.0,
            f"run{PID}/stopped": 0.0,
        }
        return Sample(readings, trees={PID: frozenset({PID})})


class Sampling:
    """The writer's sampler on the training's own clock. Owned by the training."""

    def __init__(self, training: Training, like: Machine) -> None:
        self._training = training
        self._state = State(like, training.rng)
        self._machine = OwnMachine(
            Place(),
            cards=OwnCards(Place(), {}, lambda: None, ()),
            gpus=Aside("GPU", SimulatedCard(self._state), start=lambda work: work()),
            host=SimulatedHost(self._state),
            pid=PID,
            read_only=lambda _: None,
        )
        self._now = training.journal.now
        self._due = INTERVAL
        self._computed = 0.0
        self._lately = deque[float](maxlen=AVERAGED)

    def step(self, step: int, metrics: dict[str, float]) -> None:
        """Let a step pass, which waits for its batch and then computes."""
        self._state.progress = step / self._training.total_steps
        wait, whole = metrics["data_time"], metrics["step_time"]
        self.upto(self._training.journal.now - whole, self._state.like.busy)
        self.upto(self._training.journal.now - whole + wait, 0.0)
        self.upto(self._training.journal.now, self._state.like.busy)

    def evaluated(self, *_: Any) -> None:  # noqa: ANN401 - the event and its metrics
        """Let an evaluation pass."""
        self.upto(self._training.journal.now, self._state.like.busy)

    def hang(self, seconds: float) -> None:
        """Let time pass in which a kernel waits for another rank that does not come."""
        self._state.spins = True
        self._training.journal.now += seconds
        self.upto(self._training.journal.now, 1.0)

    def upto(self, now: float, use: float) -> None:
        """Let time pass, of which the card computes a share, and sample when it is due."""
        while self._now < now:
            part = min(now - self._now, self._due)
            self._now += part
            self._due -= part
            self._computed += part * use
            if self._due <= 1e-9:
                self._lately.append(self._computed / INTERVAL)
                self._state.use = mean(self._lately)
                self._training.journal.alone(self._machine.sample(), self._now)
                self._due, self._computed = INTERVAL, 0.0


def watched(
    like: Machine | None = None, then: Callable[[Training, Sampling], None] | None = None
) -> Callable[[Training], None]:
    """Return a twist by which a training's log holds readings of a machine like this one.

    `then` may do more with the sampling.
    """

    def twist(training: Training) -> None:
        sampling = Sampling(training, replace(like) if like else Machine())
        training.on_metrics.append(sampling.step)
        training.on_evaluation.append(sampling.evaluated)
        if then:
            then(training, sampling)

    return twist
