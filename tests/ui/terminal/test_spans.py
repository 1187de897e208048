"""A partial repaint sends what a full one would, and nothing else."""

import re

import numpy as np
import pytest
from rich.console import Console
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.widgets._toast import Toast  # it has no public name

from tests.bench.terminal import Screen
from tests.ui.opened import Opened, opened
from tests.ui.scenes import MACHINE, not_a_number, run_of, view_of
from trainmon.ui.charts.grid import Span
from trainmon.ui.grid_widget import GridWidget
from trainmon.ui.look.glyphs import Glyphs
from trainmon.ui.panel import panels_of
from trainmon.ui.terminal.spans import SpanCompositor
from trainmon.ui.terminal.spans_update import SpansUpdate

VIEW = view_of(run_of(not_a_number()), machine=MACHINE)

NOTHING = "\0"


def painted(opened_screen: Opened, update: object) -> Screen:
    """Return a terminal that got an update, with nothing where it got none."""
    assert isinstance(update, CompositorUpdate)
    width, height = opened_screen.app.size
    screen = Screen(height, width)
    screen.cells = [[NOTHING] * width for _ in range(height)]
    console = Console(force_terminal=True, color_system="truecolor", width=width, height=height)
    screen.feed(update.render_segments(console).encode())
    return screen


def seen(screen: Screen, row: int, col: int) -> tuple[str, str]:
    """Return what is to be seen of a cell: of a blank its ground alone."""
    cell, style = screen.cells[row][col], screen.styles[row][col]
    ground = re.search(r"48;2;\d+;\d+;\d+", style)
    return cell, (ground[0] if ground else "") if cell == " " else style


def some_regions(width: int, height: int) -> list[Region]:
    """Return regions that lie in panels, across their borders, and side by side in one row."""
    chance = np.random.default_rng(7)
    tops = chance.integers(0, height - 4, 30).tolist()
    lefts = chance.integers(0, width - 1, 30).tolist()
    wides = chance.integers(1, 25, 30).tolist()
    return [
        Region(left, top, min(wide, width - left), 1 + top % 4)
        for top, left, wide in zip(tops, lefts, wides, strict=True)
    ]


@pytest.mark.parametrize("glyphs", [Glyphs.BRAILLE, Glyphs.ASCII])
@pytest.mark.parametrize("keys", [(), ("1",), ("2",), ("7",), ("y",), ("3",), ("tab", "tab")])
async def test_what_is_sent_of_a_region_is_what_stands_there(
    keys: tuple[str, ...], glyphs: Glyphs
) -> None:
    async with opened(VIEW, glyphs=glyphs) as screen:
        await screen.press(*keys)
        compositor = screen.app.screen._compositor  # noqa: SLF001 - Textual has no public way to it
        whole = painted(screen, Compositor.render_full_update(compositor))
        regions = some_regions(*screen.app.size)
        compositor._dirty_regions.update(regions)  # noqa: SLF001 - as a widget that changed does
        part = painted(screen, compositor.render_update())
        for row, cells in enumerate(part.cells):
            for col, cell in enumerate(cells):
                sent = any(region.contains(col, row) for region in regions)
                assert cell == (whole.cells[row][col] if sent else NOTHING)
                if sent:
                    assert seen(part, row, col) == seen(whole, row, col)


async def test_a_whole_screen_is_sent_whole_in_far_fewer_bytes() -> None:
    async with opened(VIEW, size=(200, 60)) as screen:
        compositor = screen.app.screen._compositor  # noqa: SLF001 - as above
        usual, ours = Compositor.render_full_update(compositor), compositor.render_full_update()
        expected, shown = painted(screen, usual), painted(screen, ours)
        for row in range(60):
            for col in range(200):
                assert seen(shown, row, col) == seen(expected, row, col)
        console = Console(force_terminal=True, color_system="truecolor")
        assert len(ours.render_segments(console)) < len(usual.render_segments(console)) / 2


async def test_a_region_at_the_edge_of_the_screen_is_sent_as_far_as_it_is_there() -> None:
    async with opened(VIEW) as screen:
        compositor = screen.app.screen._compositor  # noqa: SLF001 - as above
        width, height = screen.app.size
        assert isinstance(compositor, SpanCompositor)
        compositor._dirty_regions.add(Region(width - 2, height - 1, 10, 3))  # noqa: SLF001 - as above
        update = compositor.render_partial_update()
        assert isinstance(update, SpansUpdate)
        assert [(piece.row, piece.col, piece.crop.width) for piece in update.pieces] == [
            (height - 1, width - 2, 2)
        ]


@pytest.mark.parametrize("glyphs", [Glyphs.BRAILLE, Glyphs.ASCII])
async def test_what_panels_drew_is_sent_as_it_stands_there(glyphs: Glyphs) -> None:
    async with opened(VIEW, glyphs=glyphs) as screen:
        compositor = screen.app.screen._compositor  # noqa: SLF001 - as above
        assert isinstance(compositor, SpanCompositor)
        panels = [each for each in panels_of(screen.app.screen) if each.region]
        for panel in panels:
            panel._have_sent(panel.grid, every_other_row(panel))  # noqa: SLF001 - as a panel does that has drawn
        compositor.take({*panels})
        sent = compositor.render_partial_update()
        assert isinstance(sent, SpansUpdate)
        assert {drawn.panel for drawn in sent.drawn} == {*panels}
        assert len({*sent.regions}) == sum(len(every_other_row(panel)) for panel in panels)
        part, whole = painted(screen, sent), painted(screen, compositor.render_full_update())
        for region in sent.regions:
            for col in range(region.x, region.right):
                assert seen(part, region.y, col) == seen(whole, region.y, col)
        assert sum(cell != NOTHING for row in part.cells for cell in row) == sum(
            region.width for region in sent.regions
        )


async def test_of_a_panel_under_a_notice_what_is_seen_is_sent() -> None:
    async with opened(VIEW, toasts=True) as screen:
        screen.app.notify("something over the panels")
        await screen.pilot.pause()
        compositor = screen.app.screen._compositor  # noqa: SLF001 - as above
        assert isinstance(compositor, SpanCompositor)
        panels = [each for each in panels_of(screen.app.screen) if each.region]
        for panel in panels:
            rows = [(row, 0, panel.grid.width) for row in range(panel.grid.height)]
            panel._have_sent(panel.grid, rows)  # noqa: SLF001 - as above
        compositor.take({*panels})
        sent = compositor.render_partial_update()
        assert isinstance(sent, SpansUpdate)
        assert {drawn.panel for drawn in sent.drawn} < {*panels}
        part, whole = painted(screen, sent), painted(screen, compositor.render_full_update())
        over = next(iter(screen.app.screen.query(Toast))).region
        assert any("something over" in whole.row(row) for row in range(over.y, over.bottom))
        for region in sent.regions:
            for col in range(region.x, region.right):
                assert seen(part, region.y, col) == seen(whole, region.y, col)


async def test_on_a_slow_line_small_changes_are_sent_first_and_all_in_the_end() -> None:
    async with opened(VIEW) as screen:
        compositor = screen.app.screen._compositor  # noqa: SLF001 - as above
        assert isinstance(compositor, SpanCompositor)
        panels: set[GridWidget] = {each for each in panels_of(screen.app.screen) if each.region}
        for panel in panels:
            panel._have_sent(panel.grid, every_other_row(panel))  # noqa: SLF001 - as above
        spans = sum(len(every_other_row(each)) for each in panels)
        cells, sent, panels_sent, late = [], [], [], panels
        while late:
            late = compositor.take(late, room=2_000)
            update = compositor.render_partial_update()
            assert isinstance(update, SpansUpdate)
            sent += [*update.regions]
            panels_sent.append(len(update.drawn))
            cells += [sum(region.width for region in update.regions)]
        assert len(cells) > 3
        assert max(cells) < 2_000 / 4 + screen.app.size.width
        assert len({*sent}) == len(sent) == spans
        assert panels_sent[0] == max(panels_sent) > 3


async def test_without_room_nothing_is_sent_and_nothing_is_lost() -> None:
    async with opened(VIEW) as screen:
        compositor = screen.app.screen._compositor  # noqa: SLF001 - as above
        assert isinstance(compositor, SpanCompositor)
        panel = panels_of(screen.app.screen)[0]
        panel._have_sent(panel.grid, [(0, 0, 5)])  # noqa: SLF001 - as above
        assert compositor.take({panel}, room=0.0) == {panel}
        assert compositor.render_partial_update() is None
        assert compositor.take({panel}) == set()
        assert compositor.render_partial_update() is not None


def every_other_row(panel: GridWidget) -> list[Span]:
    """Return spans of a panel with others between them."""
    return [(row, row % 3, panel.grid.width - 1) for row in range(0, panel.grid.height, 2)]


async def test_where_nothing_changed_nothing_is_sent() -> None:
    async with opened(VIEW) as screen:
        assert screen.app.screen._compositor.render_update() is None  # noqa: SLF001 - as above


async def test_a_page_that_has_drawn_nothing_yet_is_not_sent() -> None:
    async with opened() as screen:
        compositor = screen.app.screen._compositor  # noqa: SLF001 - as above
        assert compositor.render_update(full=True) is None
        await screen.show(VIEW)
        update: object = compositor.render_update(full=True)
        assert isinstance(update, SpansUpdate)
        assert update.whole


async def test_a_whole_screen_that_was_sent_already_is_a_repetition() -> None:
    async with opened(VIEW) as screen:
        compositor, console = screen.app.screen._compositor, screen.app.console  # noqa: SLF001 - as above
        first, second = (SpansUpdate([], whole=True) for _ in range(2))
        assert second.repeats(first, console)
        assert not second.repeats(None, console)
        assert not SpansUpdate([]).repeats(first, console)
        now: object = compositor.render_update(full=True)
        assert isinstance(now, SpansUpdate)
        assert not now.repeats(first, console)
