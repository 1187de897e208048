"""The wall of small charts: what of it is in sight, and how that is drawn."""

from dataclasses import dataclass

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.plots import empty
from trainmon.ui.metrics.kept_charts import KeptCharts
from trainmon.ui.metrics.metric_groups import PINNED, Group, grouped
from trainmon.ui.metrics.shelves import Shelves, shelved
from trainmon.ui.metrics.small_chart import small_chart
from trainmon.ui.scene import Scene

_TITLE_ROWS = 1
"""The line over the charts: how many there are, and what they are filtered by."""


@dataclass(frozen=True, slots=True)
class Look:
    """What of the charts is looked at."""

    cursor: str = ""
    """The metric under the cursor; the first one where there is none of that name."""
    top: int = 0
    """The first shelf in sight."""
    wanted: str = ""
    """What names are filtered by."""


def groups_of(scene: Scene, wanted: str) -> tuple[Group, ...]:
    """Return the metrics of the run of a scene that match, in groups."""
    names = tuple(scene.run.drawn.series) if scene.run else ()
    return grouped(names, scene.pins, wanted)


def shelves_of(scene: Scene, height: int, width: int, look: Look) -> Shelves:
    """Return where the charts stand in a room of `height` x `width` cells."""
    return shelved(groups_of(scene, look.wanted), height - _TITLE_ROWS, width)


def metric_at(shelves: Shelves, look: Look, row: int, col: int, width: int) -> str:
    """Return the metric whose chart is at a cell of the panel; empty where there is none."""
    top = shelves.top(look.cursor, look.top)
    above = _TITLE_ROWS
    for shelf in shelves.rows[top:]:
        below = above + shelf.rows(shelves.chart_height)
        if above + bool(shelf.headings) <= row < below:
            at = col * shelves.columns // max(width, 1)
            return shelf.metrics[at] if at < len(shelf.metrics) else ""
        above = below
    return ""


def draw_wall(
    scene: Scene,
    height: int,
    width: int,
    look: Look | None = None,
    charts: KeptCharts | None = None,
    *,
    focus: bool = False,
) -> Grid:
    """Return the charts in sight below a line that says how many there are."""
    look = look or Look()
    title: list[Part] = [("metrics", Ink.TITLE)]
    total = len(scene.run.drawn.series) if scene.run else 0
    if not total:
        hint = 'no metrics in this log yet:\nlog.log({"train/loss": loss}, step=step)'
        return empty(height, width, title, hint if scene.run else "", focus=focus)
    grid = Grid(height, width)
    shelves = shelves_of(scene, height, width, look)
    matching = sum(len(shelf.metrics) for shelf in shelves.rows)
    if look.wanted:
        title += [(f"  {matching:,} of {total:,} match ", Ink.DIM), (look.wanted, Ink.STRONG)]
        title += [("  esc ", Ink.KEY), ("shows all", Ink.DIM)]
    else:
        title.append((f"  {total:,}", Ink.DIM))
    grid.write_parts(0, 1, shortened(title, width - 2))
    if not shelves.rows:
        grid.write(height // 2, 3, "no metric is called so", Ink.DIM)
        return grid
    top = shelves.top(look.cursor, look.top)
    _draw_shelves(grid, scene, shelves, top, charts or KeptCharts())
    if focus:
        _show_cursor(grid, shelves, top, shelves.place(look.cursor))
    _tell_beyond(grid, shelves, top, width_of(title))
    return grid


def _draw_shelves(grid: Grid, scene: Scene, shelves: Shelves, top: int, charts: KeptCharts) -> None:
    """Draw shelf after shelf, down to the last one of which anything is in sight."""
    edges = _edges(grid.width, shelves.columns)
    row, places, asked = _TITLE_ROWS, [], []
    for shelf in shelves.rows[top:]:
        if row >= grid.height:
            break
        for col in shelf.headings:
            _heading(grid, row, edges[col], shelf.groups[col])
        row += bool(shelf.headings)
        for col, (name, group) in enumerate(zip(shelf.metrics, shelf.groups, strict=True)):
            places.append((row, edges[col]))
            size = (shelves.chart_height, edges[col + 1] - edges[col])
            asked.append(small_chart(scene, name, group, size))
        row += shelves.chart_height
    for place, chart in zip(places, charts.grids(asked), strict=True):
        grid.paste(chart, *place)


def _show_cursor(grid: Grid, shelves: Shelves, top: int, cursor: tuple[int, int]) -> None:
    """Give the border of the chart under the cursor the ink of what has the keys."""
    at, col = cursor
    row = _TITLE_ROWS + sum(shelf.rows(shelves.chart_height) for shelf in shelves.rows[top:at])
    row += bool(shelves.rows[at].headings)
    left, stop = _edges(grid.width, shelves.columns)[col : col + 2]
    inks = grid.inks[row : row + shelves.chart_height, left:stop]
    for edge in (inks[0], inks[-1], inks[:, 0], inks[:, -1]) if inks.size else ():
        edge[edge == Ink.BORDER] = Ink.FOCUS


def _edges(width: int, columns: int) -> list[int]:
    """Return where columns begin, and where the last one ends."""
    return [col * width // columns for col in range(columns + 1)]


def _heading(grid: Grid, row: int, col: int, group: Group) -> None:
    ink = Ink.KEY if group.name == PINNED else Ink.TITLE
    count = len(group.metrics)
    parts: list[Part] = [(group.name, ink), (f"  {count:,}" if count > 1 else "", Ink.DIM)]
    grid.write_parts(row, col + 1, shortened(parts, grid.width - 2))


def _tell_beyond(grid: Grid, shelves: Shelves, top: int, taken: int) -> None:
    """Write on the right of the first line how many charts lie above and below."""
    stop = top + shelves.in_sight(top)
    above = sum(len(shelf.metrics) for shelf in shelves.rows[:top])
    below = sum(len(shelf.metrics) for shelf in shelves.rows[stop:])
    words = [f"↑ {above:,}"] if above else []
    words += [f"↓ {below:,}"] if below else []
    text = "  ".join(words)
    if text and len(text) + taken + 4 < grid.width:
        grid.right(0, grid.width - 1, text, Ink.DIM)
