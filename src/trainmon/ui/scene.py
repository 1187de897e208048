"""What the panels of a screen are given to draw: one frozen scene."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Literal

from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.window import WHOLE, Window
from trainmon.ui.pixels.terminal import Pixels
from trainmon.view import Machine, RunView, View

XKind = Literal["step", "epoch", "time"]

SMOOTHINGS = (0.0, 0.6, 0.9, 0.97)
"""Weights of the moving average that `s` and `S` step through; 0 draws the raw line alone."""

X_KINDS: tuple[XKind, ...] = ("step", "epoch", "time")


@dataclass(frozen=True, slots=True)
class Settings:
    """How charts are drawn, as the keys set it."""

    smooth: float = 0.6
    log_y: bool = False
    robust: bool = True
    """Leave outliers and the early fall out of the y range."""
    x_kind: XKind = "step"
    window: Window = WHOLE
    """The part of the run that is drawn."""
    cross_hair: int | None = None
    """The row of the run that is pointed at: values are told as they were there."""

    def smoothed(self, by: int) -> "Settings":
        """Return the settings with so many steps more smoothing, or less."""
        at = SMOOTHINGS.index(self.smooth) + by
        return replace(self, smooth=SMOOTHINGS[max(0, min(len(SMOOTHINGS) - 1, at))])

    def with_next_x(self) -> "Settings":
        """Return the settings with the next kind of x axis."""
        return replace(self, x_kind=X_KINDS[(X_KINDS.index(self.x_kind) + 1) % len(X_KINDS)])


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a panel may need to draw itself."""

    view: View
    now: float
    """Unix seconds."""
    settings: Settings = Settings()
    run: RunView | None = None
    """The run that is looked at, as it stood at the moment that is looked at."""
    whole: RunView | None = None
    """That run as it stands now."""
    moment: int | None = None
    """The row as of which it is looked at; None is now."""
    behind: int = 0
    """How many runs are not yet as they stood then."""
    overlays: tuple[tuple[RunView, Ink], ...] = ()
    """Other runs whose curves are drawn too, and in which ink, in the order of choice."""
    runs: tuple[RunView, ...] = ()
    """The runs that are listed, in their order."""
    run_filter: str = ""
    run_order: str = ""
    selected: int = 0
    """The finding under the cursor."""
    cursor: str = ""
    """The key of the run under the cursor."""
    machines: tuple[Machine, ...] = ()
    """The last samples of this machine, the newest last."""
    said: int = 0
    """How often something was said of a finding: it changes how findings look."""
    pins: tuple[str, ...] = ()
    """Metrics that stand before all others."""
    pixels: Pixels | None = None
    """How charts are shown as pictures, if they are."""
    paused: bool = False
    terse: bool = False
    """The terminal is small: what is secondary steps aside."""

    @property
    def state(self) -> Hashable:
        """What is shown, less what few panels show: how charts are drawn, the clock, the probes."""
        return (
            self.view.revision,
            self.view.notices,
            self.view.failures,
            self.run and self.run.key,
            tuple((run.key, ink) for run, ink in self.overlays),
            self.run_filter,
            self.run_order,
            self.selected,
            self.said,
            self.cursor,
            self.moment,
            self.behind,
            self.paused,
            self.terse,
        )

    @property
    def machine_time(self) -> float | None:
        """When this machine was sampled last; it changes with every sample."""
        return self.view.machine.time if self.view.machine else None
