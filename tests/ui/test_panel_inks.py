"""What a panel looks like in each theme: its inks, the table of each theme, and nothing else.

A picture in a theme is the characters of a panel, whose snapshots stand with `test_panels`, the ink
of each cell, and what the theme makes of that ink. So the inks of each panel are kept once, the
tables once for each theme, and it is shown that a screen in a theme consists of these two.
"""

import pytest
from rich.color import ColorSystem
from rich.style import Style
from syrupy.assertion import SnapshotAssertion

from tests.ui.opened import Opened, opened
from tests.ui.scenes import MACHINE, not_a_number, overfitting, run_of, view_of
from tests.ui.test_panels import (
    MODULES,
    NARROW,
    NARROW_USUALLY,
    WIDE,
    WIDE_USUALLY,
    four_runs,
    panel_of,
)
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.look.themes import ink_styles, load_theme, theme_names
from trainmon.ui.panel import panels_of
from trainmon.ui.terminal.pen import change

VIEW = view_of(run_of(overfitting()), run_of(not_a_number(), "lr-3e-3"), machine=MACHINE)

PAGES = "123456789"

LETTERS = ".bcdefghijklmnopqrstuvwx"
"""One for each ink, in their order; that of plain text, and of nothing, is a dot."""


def inks_of(grid: Grid) -> str:
    """Return a letter for the ink of each cell, one line for each row."""
    return "\n".join("".join(LETTERS[ink] for ink in row) for row in grid.inks.tolist())


@pytest.mark.parametrize("name", MODULES)
def test_the_inks_of_a_panel_in_little_room_and_in_much(
    name: str, snapshot: SnapshotAssertion
) -> None:
    little = panel_of(name).draw(four_runs(), *NARROW.get(name, NARROW_USUALLY))
    much = panel_of(name).draw(four_runs(), *WIDE.get(name, WIDE_USUALLY))
    assert f"{inks_of(little)}\n\n{inks_of(much)}" == snapshot


@pytest.mark.parametrize("theme", theme_names())
def test_what_a_terminal_is_sent_for_each_ink(theme: str, snapshot: SnapshotAssertion) -> None:
    loaded = load_theme(theme)
    ground = Style.parse(f"{loaded.foreground} on {loaded.background}")
    depths = (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD)
    lines = []
    for ink, style in zip(Ink, ink_styles(loaded), strict=True):
        sent = [change(None, ground + Style.parse(style), depth)[2:-1] for depth in depths]
        lines.append("  ".join((f"{LETTERS[ink]} {ink.name.lower():10}", *sent)))
    assert "\n".join(lines) == snapshot


async def test_a_screen_in_a_theme_is_its_inks_as_the_theme_has_them() -> None:
    async with opened(VIEW) as screen:
        for page in PAGES:
            await screen.press(page)
            assert_shows_its_inks(screen)
        for _ in theme_names():
            await screen.press("t")
            assert_shows_its_inks(screen)


def assert_shows_its_inks(screen: Opened) -> None:
    """Assert that each cell of each panel has the colour of its ink."""
    colors = [screen.color_of(ink) for ink in Ink]
    for panel in panels_of(screen.app.screen):
        for row in range(panel.grid.height if panel.display else 0):
            drawn = panel.grid.runs(row)
            for (text, ink), segment in zip(drawn, panel.render_line(row), strict=True):
                assert segment.text == text
                assert segment.style
                assert segment.style.color
                assert segment.style.color.get_truecolor().hex == colors[ink]
