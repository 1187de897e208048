"""What the person has chosen to look at: a run, others over it, a finding."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from trainmon.ui.charts.ink import Ink
from trainmon.ui.runs.run_list import ORDERS, listed
from trainmon.ui.wording import OVERLAY_INKS
from trainmon.view import RunView, View


@dataclass(frozen=True, slots=True)
class Choice:
    """Runs by their keys, a finding by its place in the list."""

    looked_at: str = ""
    cursor: str = ""
    laid_over: tuple[str, ...] = ()
    """The keys of the runs laid over it, in the order in which they were chosen."""
    slots: tuple[int, ...] = ()
    """Which of the overlays' inks each of these has, for as long as it lies there."""
    run_filter: str = ""
    """What runs must match to be listed."""
    run_order: str = ORDERS[0]
    finding: int = 0
    opened: bool = False
    """A card has been opened: the next one is the next finding, not the first."""
    picked: bool = False
    """The person picked the run: it stays, also when another one in its file takes its place."""

    def among(self, view: View) -> "Choice":
        """Return the choice with what is gone, or superseded, replaced by the newest run."""
        keys = {run.key for run in view.runs}
        staying = keys if self.picked else {run.key for run in view.runs if not run.superseded}
        newest = view.runs[0].key if view.runs else ""
        looked_at = self.looked_at if self.looked_at in staying else newest
        moved = self.cursor in keys and self.cursor != self.looked_at
        kept = self._without(key for key in self.laid_over if key not in keys)
        return replace(kept, looked_at=looked_at, cursor=self.cursor if moved else looked_at)

    def run(self, view: View | None) -> RunView | None:
        """Return the run that is looked at."""
        return view.run(self.looked_at) if view else None

    def overlays(self, view: View) -> tuple[tuple[RunView, Ink], ...]:
        """Return the runs laid over it and their inks, in the order in which they were chosen."""
        pairs = zip(self.laid_over, self.slots, strict=True)
        found = ((view.run(key), slot) for key, slot in pairs if key != self.looked_at)
        return tuple((run, OVERLAY_INKS[slot]) for run, slot in found if run)

    def runs(self, view: View) -> tuple[RunView, ...]:
        """Return the runs that are listed."""
        return listed(view.runs, self.run_filter, self.run_order)

    def with_next_order(self) -> "Choice":
        """Return the choice with runs in the next order."""
        at = ORDERS.index(self.run_order) + 1
        return replace(self, run_order=ORDERS[at % len(ORDERS)])

    def looking_at(self, key: str) -> "Choice":
        """Return the choice with another run to look at."""
        return replace(self, looked_at=key, picked=True, cursor=key, finding=0, opened=False)

    def overlaid(self, key: str) -> "Choice":
        """Return the choice with a run laid over, or taken away; the oldest makes room."""
        if key in self.laid_over:
            return self._without((key,))
        kept = self
        if len(self.laid_over) == len(OVERLAY_INKS):
            kept = self._without(self.laid_over[:1])
        slot = min(set(range(len(OVERLAY_INKS))) - set(kept.slots))
        return replace(kept, laid_over=(*kept.laid_over, key), slots=(*kept.slots, slot))

    def _without(self, keys: Iterable[str]) -> "Choice":
        """Return the choice without some runs laid over; the others keep their inks."""
        gone = set(keys)
        pairs = zip(self.laid_over, self.slots, strict=True)
        kept = [(key, slot) for key, slot in pairs if key not in gone]
        return replace(
            self,
            laid_over=tuple(key for key, _ in kept),
            slots=tuple(slot for _, slot in kept),
        )
