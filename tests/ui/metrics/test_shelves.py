"""Where the charts of the metrics page stand, and which are in sight."""

from trainmon.ui.metrics.metric_groups import Group
from trainmon.ui.metrics.shelves import shelved

LAYERS = Group("layers", tuple(f"layers/{number}" for number in range(100)))
PAIR = Group("train", ("train/loss", "train/acc"))


def test_a_column_is_about_forty_cells_wide() -> None:
    assert [shelved([LAYERS], 30, width).columns for width in (0, 36, 80, 120, 200)] == [
        *(1, 1, 2, 3, 5)
    ]


def test_a_group_that_fits_behind_another_stands_on_its_shelf() -> None:
    val = Group("val", ("val/loss", "val/acc"))
    narrow, wide = shelved([PAIR, val], 30, 120), shelved([PAIR, val], 30, 160)
    assert [shelf.metrics for shelf in narrow.rows] == [PAIR.metrics, val.metrics]
    assert [shelf.metrics for shelf in wide.rows] == [PAIR.metrics + val.metrics]
    assert wide.rows[0].headings == (0, 2)


def test_a_group_alone_needs_no_heading() -> None:
    assert not any(shelf.headings for shelf in shelved([LAYERS], 30, 120).rows)


def test_the_cursor_moves_through_all_charts_and_stops_at_the_edges() -> None:
    shelves = shelved([PAIR, LAYERS], 30, 120)
    assert shelves.moved("layers/2", -1) == "train/acc", "the shelf above is shorter"
    assert shelves.moved("layers/98", 1) == "layers/99"
    assert shelves.moved("layers/99", 1) == "layers/99"
    assert shelves.moved("train/loss", -1) == "train/loss"
    assert shelves.moved("gone", 1) == "layers/0", "as from the first chart"


def test_what_is_in_sight_moves_no_further_than_the_cursor_needs() -> None:
    shelves = shelved([LAYERS], 30, 120)
    assert shelves.in_sight(0) == 4
    assert shelves.top("layers/11", 0) == 0
    assert shelves.top("layers/12", 0) == 1
    assert shelves.top("layers/12", 3) == 3
    assert shelves.top("layers/0", 3) == 0
    assert shelves.top("layers/99", 0) == 30


def test_few_charts_are_taller_than_many() -> None:
    assert shelved([LAYERS], 30, 120).chart_height == 7
    assert shelved([PAIR], 12, 120).chart_height == 12
    assert shelved([PAIR], 60, 120).chart_height == 16


def test_no_room_is_left_empty_below_the_last_chart() -> None:
    assert shelved([PAIR], 30, 80).top("train/loss", 5) == 0
    assert shelved([LAYERS], 300, 120).top("layers/99", 20) == 4
