from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.cells import codes
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink

words = st.text(alphabet="ab中é ─", max_size=7)
writes = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(-4, 14), words, st.sampled_from(list(Ink)[:4])),
    max_size=6,
)


def grid_of(*lines: str) -> Grid:
    grid = Grid(len(lines), max(len(codes(line)) for line in lines))
    for row, line in enumerate(lines):
        grid.write(row, 0, line, Ink.TEXT)
    return grid


def written(calls: list[tuple[int, int, str, Ink]]) -> Grid:
    grid = Grid(3, 12)
    for call in calls:
        grid.write(*call)
    return grid


def test_text_is_cut_at_both_edges() -> None:
    grid = Grid(1, 4)
    grid.write(0, -2, "abcdefgh", Ink.TEXT)
    assert grid.text() == "cdef"


def test_text_beyond_the_grid_is_not_written() -> None:
    grid = Grid(2, 3)
    for row, col in ((-1, 0), (2, 0), (0, 3), (0, -5)):
        grid.write(row, col, "abc", Ink.TEXT)
    assert grid.text() == "\n"


def test_writing_returns_the_next_column() -> None:
    grid = Grid(1, 12)
    col = grid.write_parts(0, 0, [("loss ", Ink.DIM), ("0.4", Ink.TRAIN)])
    assert (col, grid.runs(0, 0, col)) == (8, [("loss ", Ink.DIM), ("0.4", Ink.TRAIN)])


def test_text_is_aligned_to_the_right() -> None:
    grid = Grid(1, 8)
    assert grid.right(0, 8, "中1", Ink.TEXT) == 5
    assert grid.text() == "     中1"


def test_a_wide_character_never_straddles_an_edge() -> None:
    grid = Grid(2, 3)
    grid.write(0, 0, "ab中", Ink.TEXT)
    grid.write(1, -1, "中x", Ink.TEXT)
    assert grid.text() == "ab\n x"


def test_overwriting_half_of_a_wide_character_leaves_a_space() -> None:
    grid = grid_of("中中 ")
    grid.write(0, 1, "xy", Ink.TEXT)
    assert grid.text() == " xy"


def test_a_box_holds_its_title_and_values() -> None:
    grid = Grid(3, 28)
    grid.box([("loss", Ink.TITLE)], [("train ", Ink.DIM), (".412", Ink.TRAIN)], focus=False)
    assert grid.text().splitlines() == [
        "╭ loss ──────── train .412 ╮",
        "│                          │",
        "╰──────────────────────────╯",
    ]


def test_a_title_gives_way_to_the_values() -> None:
    grid = Grid(2, 19)
    grid.box([("gradient norm", Ink.TITLE)], [("1.24", Ink.SIGNAL)], focus=False)
    assert grid.text().splitlines()[0] == "╭ gradien… ─ 1.24 ╮"


def test_a_title_without_room_is_left_out() -> None:
    grid = Grid(2, 12)
    grid.box([("gradient", Ink.TITLE)], [("48,210", Ink.SIGNAL)], focus=False)
    assert grid.text().splitlines()[0] == "╭── 48,210 ╮"


def test_the_focused_box_has_another_ink() -> None:
    grid = Grid(2, 4)
    grid.box(focus=True)
    assert set(grid.inks.ravel().tolist()) == {Ink.FOCUS}


def test_a_box_too_small_for_a_border_stays_empty() -> None:
    grid = Grid(3, 1)
    grid.box([("loss", Ink.TITLE)], focus=False)
    assert grid.text() == "\n\n"


def test_a_grid_is_pasted_and_cut_at_the_edges() -> None:
    grid = grid_of("....", "....")
    grid.paste(grid_of("ab", "cd"), 1, 3)
    grid.paste(grid_of("ab", "cd"), -1, -1)
    assert grid.text() == "d...\n...a"


def test_pasting_never_halves_a_wide_character() -> None:
    grid = grid_of("中中中")
    grid.paste(grid_of("中"), 0, 1)
    assert grid.text() == " 中 中"
    edge = Grid(1, 3)
    edge.paste(grid_of("a中"), 0, 1)
    assert edge.text() == " a"


def test_equal_grids_have_no_changes() -> None:
    assert grid_of("loss 0.4").changed(grid_of("loss 0.4")) == []


def test_changes_close_together_are_one_span() -> None:
    before, after = Grid(2, 40), Grid(2, 40)
    for col in (2, 9, 30):
        after.write(1, col, "x", Ink.TEXT)
    assert after.changed(before) == [(1, 2, 10), (1, 30, 31)]


def test_another_ink_is_a_change() -> None:
    before, after = grid_of("abc"), grid_of("abc")
    after.write(0, 1, "b", Ink.ERROR)
    assert after.changed(before) == [(0, 1, 2)]


def test_a_grid_of_another_size_changes_everywhere() -> None:
    assert Grid(2, 3).changed(Grid(2, 4)) == [(0, 0, 3), (1, 0, 3)]


def test_a_span_holds_whole_wide_characters() -> None:
    before, after = grid_of("a中中b"), grid_of("a中中b")
    after.inks[0, 2] = Ink.ERROR
    after.inks[0, 3] = Ink.ERROR
    assert after.changed(before) == [(0, 1, 5)]


@given(writes, writes)
def test_the_changed_spans_turn_the_last_frame_into_the_next(
    first: list[tuple[int, int, str, Ink]], second: list[tuple[int, int, str, Ink]]
) -> None:
    previous, current = written(first), written(second)
    for row, start, stop in current.changed(previous):
        col = start
        for text, ink in current.runs(row, start, stop):
            col = previous.write(row, col, text, ink)
        assert col == stop
    assert current.changed(previous) == []


@given(writes)
def test_every_line_of_text_is_as_wide_as_the_grid(calls: list[tuple[int, int, str, Ink]]) -> None:
    grid = written(calls)
    for row in range(grid.height):
        assert sum(1 + (text == "中") for text in "".join(t for t, _ in grid.runs(row))) == 12


def test_a_copy_is_independent() -> None:
    grid = grid_of("abc")
    twin = grid.copy()
    twin.write(0, 0, "x", Ink.TEXT)
    assert (grid.text(), twin.text()) == ("abc", "xbc")


def test_an_empty_grid_can_be_drawn_on() -> None:
    grid = Grid(0, -3)
    grid.box([("loss", Ink.TITLE)], focus=False)
    grid.write(0, 0, "abc", Ink.TEXT)
    assert (grid.text(), grid.changed(Grid(1, 1))) == ("", [])
