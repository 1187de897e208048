from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.cells import codes, decoded, shortened, width_of
from trainmon.ui.charts.ink import Ink


def test_a_wide_character_takes_two_cells() -> None:
    assert codes("a中b").tolist() == [ord("a"), ord("中"), 0, ord("b")]


def test_characters_without_width_are_dropped() -> None:
    assert decoded(codes("x\u0336y\ufe0f")) == "xy"


def test_a_composed_letter_is_one_cell() -> None:
    assert decoded(codes("e\u0301")) == "é"


def test_control_characters_never_reach_a_cell() -> None:
    assert decoded(codes("a\x1b[2Jb")) == "a\ufffd[2Jb"


def test_a_long_sentence_is_not_cut_as_a_name_would_be() -> None:
    assert len(codes("a" * 300)) == 300


def test_parts_that_fit_stay_as_they_are() -> None:
    parts = [("loss ", Ink.TITLE), ("0.4", Ink.TRAIN)]
    assert shortened(parts, 8) == parts


def test_the_part_that_is_cut_keeps_its_ink() -> None:
    parts = [("loss ", Ink.TITLE), ("0.412", Ink.TRAIN)]
    assert shortened(parts, 8) == [("loss ", Ink.TITLE), ("0.…", Ink.TRAIN)]


def test_a_wide_character_is_not_halved_by_the_ellipsis() -> None:
    assert shortened([("中中中", Ink.TEXT)], 4) == [("中…", Ink.TEXT)]


@given(st.lists(st.text(max_size=8), max_size=4), st.integers(-2, 12))
def test_shortened_parts_never_exceed_the_room(texts: list[str], room: int) -> None:
    kept = shortened([(text, Ink.TEXT) for text in texts], room)
    assert width_of(kept) <= max(room, 0)
