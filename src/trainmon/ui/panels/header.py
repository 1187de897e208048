"""The first line: which run, is it alive, how far, how fast, how long still, how fresh."""

from collections.abc import Hashable

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.gauge import draw_gauge
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import age, duration, number, share
from trainmon.ui.panel import Panel
from trainmon.ui.runs.progress import Progress, progress
from trainmon.ui.scene import Scene
from trainmon.ui.wording import STATUS_GLYPHS, STATUS_INKS
from trainmon.view import RunView, Status

_GAUGE_WIDTH = 14
"""Cells of the progress bar: each is 7 %, and eighths show the rest."""

_STALE = 30.0
"""Seconds without a record after which the age of the last one stands out."""


class Header(Panel, can_focus=False):
    """The run in one line."""

    title = "header"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the age of the last record and the reading too."""
        return scene.state, scene.now, scene.view.reading

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the line; what does not fit is left out from the least needed on."""
        return draw_header(scene, height, width)


def draw_header(scene: Scene, height: int, width: int) -> Grid:
    """Return the header for a scene."""
    grid = Grid(height, width)
    col = grid.write(0, 1, "trainmon", Ink.DIM) + 2
    run = scene.run
    if run is None:
        grid.write(0, col, _waiting(scene), Ink.TEXT)
        return grid
    status = (f" {STATUS_GLYPHS[run.status]} {run.status.value}", STATUS_INKS[run.status])
    name = shortened([(run.name, Ink.STRONG)], width // 3)
    col = grid.write_parts(0, col, [*name, status]) + 2
    right = _right(scene, run)
    end = width - 1 - width_of(right)
    grid.write_parts(0, end, right)
    for parts, gauge in _middle(progress(run), terse=scene.terse):
        needed = width_of(parts) + (_GAUGE_WIDTH + 1 if gauge is not None else 0)
        if col + needed + 2 > end:
            continue
        col = grid.write_parts(0, col, parts)
        if gauge is not None:
            grid.paste(draw_gauge(gauge, _GAUGE_WIDTH, Ink.SIGNAL), 0, col + 1)
            col += _GAUGE_WIDTH + 1
            col = grid.write(0, col, f" {share(gauge)}", Ink.TEXT)
        col += 2
    return grid


def _middle(done: Progress, *, terse: bool) -> list[tuple[list[Part], float | None]]:
    """Return the pieces between name and age, the most needed first."""
    pieces: list[tuple[list[Part], float | None]] = []
    if done.step is not None:
        step: list[Part] = [("step ", Ink.DIM), (f"{done.step:,.0f}", Ink.TEXT)]
        if done.total:
            step += [(" of ", Ink.DIM), (f"{done.total:,.0f}", Ink.TEXT)]
        pieces.append((step, None if terse else done.share))
    if done.left:
        pieces.append(([(f"{duration(done.left)} left", Ink.TEXT)], None))
    if done.epoch is not None:
        pieces.append(([("epoch ", Ink.DIM), (number(done.epoch), Ink.TEXT)], None))
    if done.rate is not None:
        slow = done.rate < 1  # a step takes longer than a second: tell how long
        pace = f"{duration(1 / done.rate)}/step" if slow else f"{number(done.rate)} it/s"
        pieces.append(([(pace, Ink.TEXT)], None))
    return pieces


def _right(scene: Scene, run: RunView) -> list[Part]:
    parts: list[Part] = []
    if scene.paused:
        parts.append(("paused  ", Ink.WARNING))
    if scene.view.reading is not None:
        parts.append((f"reading {share(scene.view.reading)}  ", Ink.DIM))
    told = run.last_time
    if scene.moment is not None:
        newest = scene.whole.last_time if scene.whole else None
        ago = f", {duration(newest - told)} before the newest" if newest and told else ""
        parts.append((f"earlier{ago}", Ink.WARNING))
    elif told is not None:
        old = scene.now - told > _STALE and run.status in {Status.RUNNING, Status.STALLED}
        parts.append((age(scene.now - told), Ink.WARNING if old else Ink.DIM))
    return parts


def _waiting(scene: Scene) -> str:
    if scene.view.failures:
        return f"{scene.view.failures[0]}; waiting for it"
    if scene.view.notices:
        return f"waiting for the first record ({scene.view.notices[-1]})"
    return "waiting for the first record"
