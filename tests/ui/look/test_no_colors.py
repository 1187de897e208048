"""What is told apart where no colours are wanted."""

from rich.style import Style

from trainmon.ui.charts.ink import Ink
from trainmon.ui.look.no_colors import no_colors

STYLES = dict(zip(Ink, map(Style.parse, no_colors()), strict=True))


def test_no_ink_has_a_colour() -> None:
    assert all(style.color is None and style.bgcolor is None for style in STYLES.values())


def test_the_row_under_the_cursor_and_what_needs_a_person_stand_out() -> None:
    plain = STYLES[Ink.TEXT]
    assert STYLES[Ink.SELECTED].reverse
    assert all(STYLES[ink].bold for ink in (Ink.ERROR, Ink.WARNING, Ink.STRONG))
    assert not plain.bold
    assert not plain.reverse


def test_a_line_is_told_from_its_raw_band_and_from_the_other_line() -> None:
    assert STYLES[Ink.TRAIN] != STYLES[Ink.TRAIN_RAW]
    assert STYLES[Ink.VAL] != STYLES[Ink.VAL_RAW]
    assert STYLES[Ink.TRAIN] != STYLES[Ink.VAL]
