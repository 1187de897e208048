"""The lanes of all ranks of a run, as other threads see them: those that grew are viewed anew."""

from collections.abc import Mapping

from trainmon.store.lane import Lane
from trainmon.store.lane_view import LaneView


class LaneViews:
    """Views of lanes by rank: of a thousand ranks a few grow at a time. Owned by one thread."""

    def __init__(self) -> None:
        self._views: dict[int, LaneView] = {}
        self._reduced: dict[int, str] = {}
        self._grown = set[int]()

    def grew(self, rank: int) -> None:
        """Have the lane of a rank viewed anew when it is asked for."""
        self._grown.add(rank)

    def of(self, lanes: Mapping[int, Lane], lead: int) -> tuple[LaneView, ...]:
        """Return the lanes as they stand, the lead first and then by rank."""
        if self._views.keys() != lanes.keys():
            self._views = {rank: lanes[rank].view() for rank in sorted(lanes)}
            self._grown.update(lanes)
        for rank in self._grown & lanes.keys():
            self._views[rank] = lanes[rank].view()
            self._reduced[rank] = lanes[rank].reduction
        self._grown.clear()
        return tuple(sorted(self._views.values(), key=lambda view: view.rank != lead))

    @property
    def reductions(self) -> tuple[str, ...]:
        """What of them is held in a reduced form, in words, as they were last looked at."""
        return tuple(self._reduced[rank] for rank in self._views if self._reduced[rank])
