"""Whose machine is shown: this one where the run lives on it, else the one that its log tells of.

The GPU of a laptop says nothing of a run in a cluster, and that of now nothing of a run that has
ended, unless its log tells nothing better.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trainmon.store.batch import HEADER, Floats
from trainmon.store.lane_view import LaneView
from trainmon.text import clean
from trainmon.ui.scene import Scene
from trainmon.view import Machine, RunView

_SPACE = "sys/"

_OF_PROCESS = "process/"
"""What stands before readings of the process that logs them, but for its memory."""

_LANES_LOOKED_AT = 256
"""Ranks whose readings are shown: a screen has room for the devices of some."""


@dataclass(slots=True)
class LoggedHost:
    """What the ranks of one host log of their machine."""

    name: str
    lately: dict[str, Floats] = field(default_factory=dict)
    """All values by the names of the format, without ``sys/``; those of a rank's own process as
    ``run<rank>/rss``."""
    ranks: list[int] = field(default_factory=list)

    @property
    def now(self) -> dict[str, float]:
        """The newest of them."""
        return {name: float(values[-1]) for name, values in self.lately.items()}


def live_machine(scene: Scene) -> Machine | None:
    """Return what is read of this machine, if that is the one of the run that is looked at."""
    machine, run = scene.view.machine, scene.run
    if machine is None or run is None:
        return machine
    is_now = bool(run.pids) and scene.moment is None
    return machine if run.local and (is_now or not _is_told(run)) else None


def logged_hosts(run: RunView) -> list[LoggedHost]:
    """Return the hosts that the log of a run tells of, that of its first rank first."""
    hosts: dict[str, LoggedHost] = {}
    for lane in run.lanes[:_LANES_LOOKED_AT]:
        readings = dict(_readings(lane))
        if readings:
            name = _host_of(run, lane)
            host = hosts.setdefault(name, LoggedHost(name))
            host.lately |= readings
            host.ranks.append(lane.rank)
    return list(hosts.values())


def _is_told(run: RunView) -> bool:
    """Return whether a log tells of its machine."""
    return any(name.startswith(_SPACE) for name in run.lead.series)


def _readings(lane: LaneView) -> Iterator[tuple[str, Floats]]:
    for name, samples in lane.series.items():
        if name.startswith(_SPACE) and len(samples):
            short = name.removeprefix(_SPACE)
            own = short == "rss" or short.startswith(_OF_PROCESS)
            told = f"run{lane.rank}/{short.removeprefix(_OF_PROCESS)}" if own else short
            yield told, samples.values


def _host_of(run: RunView, lane: LaneView) -> str:
    header: Mapping[str, object] = run.context.header if lane is run.lead else {}
    headers = (event.fields for event in lane.events if event.kind == HEADER)
    return clean(str((header or next(headers, {})).get("host") or ""))
