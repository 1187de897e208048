"""One process's part of a run as it stood at one moment, for other threads."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType

from trainmon.store.batch import NO_SAMPLES, LogEvent, Samples
from trainmon.store.timeline import Timeline


@dataclass(frozen=True, slots=True, eq=False)
class LaneView:
    """A lane as it stood at one moment; safe to read from any thread.

    Two of one lane are the same object where nothing came between, so that what was made of one
    can be kept.
    """

    rank: int
    steps: Timeline
    epochs: Timeline
    times: Timeline
    series: Mapping[str, Samples]
    events: tuple[LogEvent, ...]
    rewinds: tuple[int, ...]
    """Rows at which the step went back: what stands before, from that step on, was redone."""
    events_left_out: int = 0

    @property
    def n_rows(self) -> int:
        """The number of records, headers and events included."""
        return len(self.steps)

    @property
    def records(self) -> int:
        """The number of metrics records."""
        return self.n_rows - len(self.events) - self.events_left_out

    def samples(self, name: str | None) -> Samples:
        """Return all samples of a metric; none if there is no such metric."""
        return self.series.get(name or "", NO_SAMPLES)

    def upto(self, stop: int) -> "LaneView":
        """Return the lane as it stood with the rows before `stop`."""
        cut = {name: each.upto(stop) for name, each in self.series.items()}
        return LaneView(
            rank=self.rank,
            steps=self.steps.upto(stop),
            epochs=self.epochs.upto(stop),
            times=self.times.upto(stop),
            series=MappingProxyType({name: each for name, each in cut.items() if len(each)}),
            events=self.events[: bisect_left(self.events, stop, key=attrgetter("row"))],
            rewinds=self.rewinds[: bisect_left(self.rewinds, stop)],
        )
