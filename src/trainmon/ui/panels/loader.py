"""The loader: how it is set, how much it holds ready, and what an epoch of it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trainmon.incidents import Incident
from trainmon.store.batch import Floats
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, number, share
from trainmon.ui.charts.sparkline import draw_sparkline
from trainmon.ui.curves.curves import curve
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.waits import spikes_found
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

_SETTINGS = (
    *("num_workers", "prefetch_factor", "batch_size", "accum", "shuffle", "sampler"),
    *("pin_memory", "persistent_workers", "drop_last", "replacement"),
    *("train_samples", "dataset", "dataset_kind"),
)
"""What is told of a loader in a configuration, the most needed first."""

_LABEL = 20
"""Cells of a name."""

_SPARK = 16
"""Cells of the course of a share at most."""

DISTINCT = "data/distinct_fraction"

_EPOCH = (
    ("distinct samples", DISTINCT),
    ("batches of an epoch", "data/batches"),
    ("expected", "data/batches_expected"),
)
"""What an epoch tells of its samples and batches."""

_PASSES = 1_000
"""Passes whose shares are drawn."""

_RULES = ("data-duplication", "unshuffled-data", "loader-bound", "loader-spikes")
"""Rules that judge the loader."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: words, and behind them the course of a share."""

    parts: Sequence[Part]
    course: Floats | None = None


class LoaderPanel(Panel):
    """What the configuration and the log tell of the data loader."""

    title = "loader"

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_loader(scene, height, width, focus=self.has_focus)


def draw_loader(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return what is known of the loader of the run of a scene."""
    title: list[Part] = [("loader", Ink.TITLE)]
    run = scene.run
    lines = [*_epochs(run, scene), *_findings(run), *_settings(run)] if run else []
    if run is None or not lines:
        hint = "no settings of a loader, no epochs:\nfor batch in log.batches(loader)"
        return empty(height, width, title, hint if run else "", focus=focus)
    grid = Grid(height, width)
    for row, line in enumerate(lines[: max(height - 2, 0)], start=1):
        col = grid.write_parts(row, 2, shortened(line.parts, width - 4)) + 2
        room = min(_SPARK, width - 2 - col)
        if line.course is not None and room > 0:
            spark = draw_sparkline(line.course, room, Ink.SIGNAL, span=(0.0, 1.0))
            grid.paste(spark, row, col)
    border(grid, title, focus=focus)
    return grid


def _line(label: str, value: str, ink: Ink = Ink.TEXT) -> list[Part]:
    return [(f"{label:{_LABEL}}", Ink.DIM), (value, ink)]


def _epochs(run: RunView, scene: Scene) -> Iterator[Line]:
    """Yield what the passes through the data tell, the newest value of each and its course."""
    for label, metric in _EPOCH:
        found = curve(run, metric, scene.settings)
        if found is None:
            continue
        is_share = metric == DISTINCT
        value = share(found.last) if is_share else number(found.last)
        course = found.y[-_PASSES:] if is_share and len(found.y) > 1 else None
        yield Line(_line(label, value, Ink.STRONG), course)


def _findings(run: RunView) -> Iterator[Line]:
    """Yield what rules found of the loaders, the worst of each on whichever rank."""
    found: dict[str, list[Incident]] = {}
    for incident in run.findings:
        if incident.rule in _RULES and incident.leads:
            found.setdefault(incident.rule, []).append(incident)
    for rule, (worst, *others) in found.items():
        glyph: Part = (f"{worst.severity.glyph} {rule} ", ink_of(worst))
        ranks: list[Part] = [(f"on {len(others) + 1} ranks ", Ink.DIM)] if others else []
        yield Line([glyph, *ranks, (worst.title, Ink.TEXT)])


def _settings(run: RunView) -> Iterator[Line]:
    """Yield the settings of the loader, and what it may hold ready with them."""
    settings = run.context.settings
    for key in _SETTINGS:
        value = settings.get(key)
        if value is not None:
            told = number(value) if isinstance(value, float | int) else str(value)
            told = ("yes" if value else "no") if isinstance(value, bool) else told
            yield Line(_line(key, told))
    found = spikes_found(run)
    evidence = found.evidence if found else {}
    held = evidence.get("buffered_batches")
    if isinstance(held, float | int):
        size = evidence.get("buffered_bytes")
        told = f"{held:,.0f} batches" + (f", {bytes_(size)}" if size else "")
        yield Line(_line("held ready", told))
