from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.plots import border, empty, wrapped

TITLE: list[Part] = [("gradient norm", Ink.TITLE), ("  smoothed 0.6", Ink.DIM)]
VALUES: list[list[Part]] = [
    [("1.24", Ink.STRONG)],
    [("  clip ", Ink.DIM), ("1", Ink.TEXT)],
    [("  clipped ", Ink.DIM), ("31 %", Ink.TEXT)],
]


def titled(width: int) -> str:
    grid = Grid(1, width)
    border(grid, TITLE, VALUES, focus=False)
    return grid.text()


def test_a_border_with_room_tells_everything() -> None:
    assert titled(62) == "╭ gradient norm  smoothed 0.6 ─── 1.24  clip 1  clipped 31 % ╮"


def test_a_border_gives_up_how_a_chart_is_drawn_before_any_value() -> None:
    assert titled(48) == "╭ gradient norm ─── 1.24  clip 1  clipped 31 % ╮"


def test_values_that_do_not_fit_are_left_out_whole() -> None:
    assert titled(40) == "╭ gradient norm ───────── 1.24  clip 1 ╮"


def test_the_first_value_outlives_the_name() -> None:
    assert titled(20) == "╭ gradient… ─ 1.24 ╮"


@given(st.integers(0, 90))
def test_a_border_is_as_wide_as_its_panel(width: int) -> None:
    assert len(titled(width)) == (width if width > 1 else 0)


def test_an_empty_box_says_in_whole_words_what_would_fill_it() -> None:
    assert empty(5, 24, [("lr", Ink.TITLE)], "not logged:\nlog.log(lr)", focus=False).text() == (
        "╭ lr ──────────────────╮\n"
        "│  not logged:         │\n"
        "│  log.log(lr)         │\n"
        "│                      │\n"
        "╰──────────────────────╯"
    )


@given(st.text(st.characters(codec="ascii", exclude_characters="\n")), st.integers(1, 40))
def test_wrapping_keeps_every_word_and_every_width_it_can(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or " " not in line for line in lines)
