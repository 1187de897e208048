"""Lines of ink broken where the room ends."""

import pytest

from trainmon.ui.charts.cells import width_of
from trainmon.ui.charts.ink import Ink
from trainmon.ui.flow import Line, flowed


def text_of(lines: list[Line], width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in flowed(lines, width)]


def test_a_line_that_fits_stays_as_it_is_and_an_empty_one_too() -> None:
    lines: list[Line] = [[("  measured", Ink.TITLE)], []]
    assert list(flowed(lines, 20)) == lines


def test_the_text_behind_a_label_hangs_below_where_it_began() -> None:
    line: Line = [("to do: ", Ink.DIM), ("a lower learning rate", Ink.TEXT)]
    assert text_of([line], 22) == ["to do: a lower", "       learning rate"]


def test_a_label_that_takes_too_much_room_pushes_nothing() -> None:
    line: Line = [("  what would disprove it: ", Ink.DIM), ("the same again", Ink.TEXT)]
    assert text_of([line], 30) == ["  what would disprove it: the", "    same again"]


def test_pieces_keep_their_inks_across_a_break() -> None:
    line: Line = [("one two ", Ink.DIM), ("three four", Ink.STRONG)]
    inks = [{ink for text, ink in part if text.strip()} for part in flowed([line], 9)]
    assert inks == [{Ink.DIM}, {Ink.STRONG}, {Ink.STRONG}]


def test_a_word_longer_than_the_line_is_broken() -> None:
    assert text_of([[("a" * 12, Ink.TEXT)]], 5) == ["aaaaa", "aaaaa", "aa"]


def test_line_breaks_in_a_text_are_kept_and_nothing_else_of_it_acts() -> None:
    assert text_of([[("first\n\tsecond\x1b[2J", Ink.TEXT)]], 40) == ["first", "    second�[2J"]


@pytest.mark.parametrize("width", range(1, 9))
def test_nothing_is_wider_than_the_room_and_nothing_is_lost(width: int) -> None:
    line: Line = [("訓練 ", Ink.DIM), ("loss 訓練訓練 x", Ink.TEXT)]
    lines = list(flowed([line], width))
    assert all(width_of(part) <= max(width, 2) for part in lines)
    if width > 1:
        told = "".join(text for part in lines for text, _ in part)
        assert told.replace(" ", "") == "訓練loss訓練訓練x"
