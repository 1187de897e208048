"""What the person has chosen to look at: a run, others over it, a finding."""

from dataclasses import dataclass, replace

from trainmon.ui.wording import OVERLAY_INKS
from trainmon.view import RunView, View


@dataclass(frozen=True, slots=True)
class Choice:
    """Runs by their keys, a finding by its place in the list."""

    looked_at: str = ""
    cursor: str = ""
    laid_over: tuple[str, ...] = ()
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
        return replace(
            self,
            looked_at=looked_at,
            cursor=self.cursor if moved else looked_at,
            laid_over=tuple(key for key in self.laid_over if key in keys),
        )

    def run(self, view: View | None) -> RunView | None:
        """Return the run that is looked at."""
        return view.run(self.looked_at) if view else None

    def overlays(self, view: View) -> tuple[RunView, ...]:
        """Return the runs laid over it, in the order in which they were chosen."""
        found = (view.run(key) for key in self.laid_over if key != self.looked_at)
        return tuple(run for run in found if run)

    def looking_at(self, key: str) -> "Choice":
        """Return the choice with another run to look at."""
        return replace(self, looked_at=key, picked=True, cursor=key, finding=0, opened=False)

    def overlaid(self, key: str) -> "Choice":
        """Return the choice with a run laid over, or taken away; the oldest makes room."""
        if key in self.laid_over:
            return replace(self, laid_over=tuple(k for k in self.laid_over if k != key))
        return replace(self, laid_over=(*self.laid_over, key)[-len(OVERLAY_INKS) :])
