"""The part of a log that is in sight: where its cursor stands, and how its lines are drawn."""

from dataclasses import dataclass

import numpy as np

from trainmon.ui.charts.cells import Part, decoded_cells, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.records.record_lines import columns_of, line_of
from trainmon.ui.records.records import records_at
from trainmon.ui.scene import Scene

_LEAST_PAIR = 5
"""Cells of the shortest name with its value: "a=1" and two spaces; no line holds more of them."""

FRAME = 3
"""Rows of the border and of the heading of the columns."""


@dataclass(frozen=True, slots=True)
class Look:
    """What of the log is looked at."""

    cursor: int | None = None
    """The row under the cursor; None follows the newest."""
    top: int = 0
    """The first row in sight."""
    needle: str = ""
    """What is searched, and highlighted wherever it stands."""
    note: str = ""
    """How the search stands, in words."""


def cursor_row(look: Look, count: int) -> int:
    """Return the row under the cursor of a log of `count` records."""
    return max(count - 1, 0) if look.cursor is None else max(0, min(look.cursor, count - 1))


def first_row(look: Look, count: int, height: int) -> int:
    """Return the first row in sight: where it was, unless the cursor would be out of sight."""
    cursor = cursor_row(look, count)
    top = max(cursor - max(height, 1) + 1, min(look.top, cursor))
    return max(0, min(top, count - height))


def draw_log(
    scene: Scene, height: int, width: int, look: Look | None = None, *, focus: bool = False
) -> Grid:
    """Return the records in sight, cut where the panel ends."""
    look = look or Look()
    run = scene.run
    title: list[Part] = [("log", Ink.TITLE)]
    if run is None or not run.lead.n_rows:
        hint = "no record has been read yet" if run else ""
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    lane, rows = run.lead, max(height - FRAME, 0)
    first = first_row(look, lane.n_rows, rows)
    shown = np.arange(first, min(first + rows, lane.n_rows), dtype=np.int32)
    cursor = cursor_row(look, lane.n_rows)
    records = records_at(lane, shown, most=width // _LEAST_PAIR + 1)
    columns = columns_of(lane, records)
    grid.write_parts(1, 2, shortened([(columns.heading, Ink.FAINT)], width - 4))
    for at, record in enumerate(records, start=2):
        parts = shortened(line_of(record, columns, width), width - 4)
        under_cursor = focus and record.row == cursor
        if under_cursor:
            grid.write(at, 1, " " * (width - 2), Ink.SELECTED)
            parts = [(text, Ink.SELECTED) for text, _ in parts]
        grid.write_parts(at, 2, parts)
        _highlight(grid, at, look.needle, Ink.FOCUS if under_cursor else Ink.SELECTED)
    title += _about(scene, look)
    border(grid, title, [[_where(look, cursor, lane.n_rows)]], focus=focus)
    return grid


def _about(scene: Scene, look: Look) -> list[Part]:
    """Return whose log it is where there are several, and what is searched."""
    about: list[Part] = []
    if scene.run and len(scene.run.lanes) > 1:
        about.append((f"  of rank {scene.run.lead.rank}", Ink.DIM))
    if look.needle:
        about += [("  / ", Ink.KEY), (look.needle, Ink.STRONG)]
        about.append((f"  {look.note}" if look.note else "", Ink.DIM))
    return about


def _where(look: Look, cursor: int, count: int) -> Part:
    if look.cursor is None:
        return f"{count:,} records, following", Ink.DIM
    return f"{cursor + 1:,} of {count:,}", Ink.STRONG


def _highlight(grid: Grid, row: int, needle: str, ink: Ink) -> None:
    """Give all places of a line where a text stands an ink of their own."""
    text = decoded_cells(grid.chars[row]).lower()
    wanted = needle.lower()
    if not wanted or len(text) != grid.width:  # a letter may be two in lower case
        return
    at = text.find(wanted)
    while at >= 0:
        grid.inks[row, at : at + len(wanted)] = ink
        at = text.find(wanted, at + len(wanted))
