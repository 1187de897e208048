"""The view as the person has said that its findings stand."""

from trainmon.attention import Remembered, attended
from trainmon.incidents import Incident, Regard
from trainmon.view import RunView, View


class Said:
    """Lays over each view what was said of its findings. Owned by the screen."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        self.times = 0
        """How often something was said: it changes how a view looks that has not changed."""
        self._remembered = remembered or Remembered()
        self._bare = View(0, 0.0)

    @property
    def notice(self) -> str:
        """What went wrong with remembering it last; empty if nothing did."""
        return self._remembered.notice

    def of(self, view: View) -> View:
        """Return a view as the person has said that its findings stand."""
        self._bare = view
        return attended(view, self._remembered.attention)

    def laid_over(self, past: View) -> View:
        """Return a view as of some moment, as the person has said that its findings stand."""
        return attended(past, self._remembered.attention)

    def say(self, run: RunView, finding: Incident, regard: Regard) -> View:
        """Return the last view after this was said of a finding, or taken back."""
        self.times += 1
        self._remembered.toggle(run, finding, regard)
        return attended(self._bare, self._remembered.attention)
