"""Charts as pixels: what is in the data is in the picture, where the axes say that it is."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from trainmon.ui.charts.chart import ChartOptions, Limit, Mark, Series
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart
from trainmon.ui.charts.palette import Color, Palette, Picture

CELL = (20, 10)
"""Height and width of a cell in pixels."""

PALETTE = Palette(tuple((8 * ink, 255 - 8 * ink, 40) for ink in Ink), (10, 12, 16))

CELLS = (14, 60)


def picture_of(
    *series: Series, marks: tuple[Mark, ...] = (), options: ChartOptions | None = None
) -> Picture:
    """Return the plot of a chart as pixels."""
    (easel,) = draw_chart(*CELLS, series, marks, options).grid.easels
    return easel.paint(easel.height * CELL[0], easel.width * CELL[1], PALETTE)


def has(picture: Picture, color: Color) -> NDArray[np.bool_]:
    """Return which pixels are of a colour."""
    apart: NDArray[np.int_] = np.abs(picture.astype(np.int_) - color).max(axis=2)
    return apart <= 2


def line(x: object, y: object, ink: Ink = Ink.TRAIN) -> Series:
    return Series(np.asarray(x, float), np.asarray(y, float), ink, Ink.TRAIN_RAW)


def test_a_spike_in_a_million_points_is_a_line_to_the_top() -> None:
    values = np.zeros(1_000_000)
    values[623_456] = 1.0
    options = ChartOptions(x_range=(0, 1_000_000), y_range=(0, 1))
    drawn = has(
        picture_of(line(np.arange(1_000_000), values), options=options), PALETTE.of(Ink.TRAIN)
    )
    rows, cols = np.nonzero(drawn[:100])
    assert rows.min() <= 5
    assert abs(cols.mean() / drawn.shape[1] - 0.623) < 0.01


def test_a_line_is_where_the_axis_says_and_smooth_at_its_edges() -> None:
    options = ChartOptions(x_range=(0, 10), y_range=(0, 4))
    picture = picture_of(line([0, 5], [1, 1]), options=options)
    height, width, _ = picture.shape
    rows, cols = np.nonzero(has(picture, PALETTE.of(Ink.TRAIN)))
    assert abs(rows.mean() / height - 0.75) < 0.02
    assert cols.max() / width == pytest.approx(0.5, abs=0.02)
    column = picture[:, width // 4].astype(int)
    assert len(np.unique(column, axis=0)) > 2, "pixels at its edges are mixed with the ground"


def test_ends_of_the_axis_are_within_the_picture() -> None:
    options = ChartOptions(x_range=(0, 10), y_range=(0, 4))
    for value in (0, 4):
        drawn = has(picture_of(line([0, 5], [value] * 2), options=options), PALETTE.of(Ink.TRAIN))
        assert drawn.any(axis=1).sum() >= 2, value


def test_a_smoothed_line_lies_over_its_dim_band() -> None:
    x = np.arange(4_000)
    noisy = line(x, np.sin(37.0 * x))
    options = ChartOptions(smooth=0.97, y_range=(-1.2, 1.2))
    picture = picture_of(noisy, options=options)
    band = np.array(PALETTE.of(Ink.TRAIN_RAW)) * 0.8 + np.array(PALETTE.ground) * 0.2
    shown = has(picture, (int(band[0]), int(band[1]), int(band[2])))
    assert shown.mean() > 0.5
    strong = has(picture, PALETTE.of(Ink.TRAIN))
    assert 0.003 < strong.mean() < 0.1


def test_marks_have_dashed_lines_the_cross_hair_a_whole_one_and_a_limit_goes_across() -> None:
    marks = (Mark(2.0, None, "●", Ink.ERROR), Mark(7.0, None, "▼", Ink.FOCUS))
    options = ChartOptions(x_range=(0, 10), y_range=(0, 4), limit=Limit(3.0, "clip"))
    picture = picture_of(line([0, 1], [1, 1]), marks=marks, options=options)
    height, width, _ = picture.shape
    assert has(picture, PALETTE.of(Ink.FOCUS))[:, int(0.7 * width)].mean() > 0.95
    mark = (picture[:, int(0.2 * width)] != PALETTE.ground).any(axis=1)
    assert 0.3 < mark.mean() < 0.7
    limit = has(picture, PALETTE.of(Ink.LIMIT)).mean(axis=1)
    assert abs(int(limit.argmax()) / height - 0.25) < 0.02
    assert 0.4 < limit.max() < 0.6


def test_a_gap_stays_empty_and_a_later_series_lies_over_an_earlier_one() -> None:
    options = ChartOptions(x_range=(0, 10), y_range=(0, 2))
    broken = line([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 1, nan, nan, nan, nan, 1, 1, 1, 1])
    picture = picture_of(broken, options=options)
    middle = picture[:, int(0.45 * picture.shape[1])]
    assert not has(middle[:, None], PALETTE.of(Ink.TRAIN)).any()
    both = picture_of(line([0, 10], [1, 1]), line([0, 10], [1, 1], Ink.VAL), options=options)
    assert not has(both, PALETTE.of(Ink.TRAIN))[:, :-20].any()
    assert has(both, PALETTE.of(Ink.VAL)).any()


def test_the_newest_point_is_a_dot_unless_something_newer_is_out_of_sight() -> None:
    def tall(options: ChartOptions) -> int:
        picture = picture_of(line([0, 4, 8], [1, 1, 1]), options=options)
        return int(has(picture, PALETTE.of(Ink.TRAIN)).sum(axis=0).max())

    assert tall(ChartOptions(x_range=(0, 10), y_range=(0, 2))) >= 6
    assert tall(ChartOptions(x_range=(0, 6), y_range=(0, 2))) <= 3


@example([0.0, 1.44e308], ChartOptions(), (7, 3))  # the newest point lies far above
@given(
    st.lists(st.floats() | st.sampled_from([nan, inf, -inf, 0.0, 1e-300, 1e300]), max_size=40),
    st.sampled_from([ChartOptions(), ChartOptions(log_y=True), ChartOptions(smooth=0.9)]),
    st.sampled_from([(0, 0), (1, 1), (7, 3), (40, 90)]),
)
def test_whatever_is_logged_becomes_a_picture_of_the_size_that_was_asked_for(
    values: list[float], options: ChartOptions, size: tuple[int, int]
) -> None:
    grid = draw_chart(9, 40, [line(range(len(values)), values)], options=options).grid
    assert grid.easels[0].paint(*size, PALETTE).shape == (*size, 3)
