from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainmon.ui.charts.chart import Chart, ChartOptions, Limit, Mark, Series
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart

nan, inf = float("nan"), float("inf")
STEPS = np.arange(41.0) * 1_000
LOSS = 0.5 + 1.5 * np.exp(-STEPS / 8_000)
TRAIN = Series(STEPS, LOSS, Ink.TRAIN, Ink.TRAIN_RAW, "train")


def lines(chart: Chart) -> list[str]:
    return chart.grid.text().splitlines()


def test_a_chart_has_axes_lines_names_and_marks() -> None:
    evaluations = Series(STEPS[::8], LOSS[::8] * 1.2, Ink.VAL, label="val")
    onset = Mark(16_000, None, "●", Ink.ERROR, "epoch 3")
    assert lines(draw_chart(10, 40, [TRAIN, evaluations], [onset])) == [
        "    │⠑⡄            ● epoch 3",
        "   2┤⡄⠈⠢⡀          ┊",
        "    │⠘⢄ ⠑⢄         ┊",
        "    │  ⠑⢄ ⠣⡀       ┊",
        "    │   ⠈⠢⢄⠘⠤⣀⡀    ┊",
        "   1┤      ⠉⠢⢄⡈⠑⠢⢄⡀┊               train",
        "    │         ⠈⠉⠒⠢⠬⢍⣑⣒⡒⠢⠤⠤⣀⣀⣀⣀⣀⣀⣀⣀⣀⡀ val",
        "    │              ┊  ⠈⠉⠉⠉⠉⠑⠒⠒⠒⠒⠒⠒⠒⠚⠛⠛⠛•",
        "    └┬────────────────┬────────────────┬",
        "     0               20k             40k",
    ]


def test_a_low_chart_gives_up_its_x_axis() -> None:
    assert lines(draw_chart(6, 40, [TRAIN])) == [
        "   2┤⢣",
        "    │ ⠑⢄",
        "    │   ⠙⢄⡀",
        "   1┤     ⠈⠒⢄⣀",
        "    │         ⠉⠑⠢⠤⠤⣀⣀⡀             train",
        "    │                ⠈⠉⠉⠉⠉⠑⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒•",
    ]


def test_a_tiny_chart_is_all_data() -> None:
    assert lines(draw_chart(3, 20, [TRAIN])) == [
        "⠑⡄",
        " ⠈⠑⠤⣀⡀         train",
        "     ⠈⠙⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⠤•",
    ]


def test_where_a_loss_becomes_nan_there_is_a_cross() -> None:
    broken = replace(TRAIN, y=np.where(STEPS > 25_000, nan, LOSS), label="")
    chart = draw_chart(9, 40, [broken])
    assert lines(chart)[6] == "    │                  ⠈⠉⠉•✖╌╌╌╌╌╌╌╌╌╌╌╌"
    assert chart.grid.runs(6, 27) == [("✖╌╌╌╌╌╌╌╌╌╌╌╌", Ink.ERROR)]


def test_a_series_of_nothing_but_nan_is_still_to_be_seen() -> None:
    assert "✖" in draw_chart(9, 40, [Series([1, 2], [nan, inf], Ink.TRAIN)]).grid.text()


def test_a_logarithmic_chart_shows_its_limit() -> None:
    options = ChartOptions(log_y=True, limit=Limit(1.0, "clip 1.0"))
    chart = draw_chart(9, 40, [Series(STEPS, LOSS, Ink.SIGNAL)], options=options)
    assert lines(chart) == [
        "   2┤⠱⡀",
        "    │ ⠈⠑⢄",
        "    │    ⠑⢄⡀",
        "   1┤⠤⠤ ⠤⠤ ⠈⠢⢄⡀⠤ ⠤⠤ ⠤⠤ ⠤⠤ ⠤⠤ ⠤⠤ clip 1.0",
        "    │         ⠈⠒⠤⣀",
        "    │             ⠉⠑⠢⠤⢄⣀",
        " 0.5┤                   ⠉⠉⠑⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⠤⣀•",
        "    └┬────────────────┬────────────────┬",
        "     0               20k             40k",
    ]


def test_what_a_logarithmic_axis_leaves_out_is_told() -> None:
    chart = draw_chart(
        9, 40, [Series([1, 2, 3], [1, 0, -1], Ink.TRAIN)], (), ChartOptions(log_y=True)
    )
    assert chart.note == "2 values <= 0 left out: the axis is logarithmic"
    assert draw_chart(9, 40, [TRAIN]).note == ""


def test_a_chart_without_data_has_its_axes() -> None:
    assert lines(draw_chart(7, 30, [])) == [
        " 1.0┤",
        "    │",
        " 0.5┤",
        "    │",
        "   0┤",
        "    └┬───────────────────────┬",
        "     0                       1",
    ]


def test_a_single_point_is_easy_to_find() -> None:
    chart = draw_chart(7, 30, [Series([5], [3], Ink.TRAIN, label="loss")])
    assert lines(chart)[2] == " 3.0┤            • loss"


def test_epochs_and_times_are_labelled_as_such() -> None:
    epochs = draw_chart(9, 40, [TRAIN], options=ChartOptions(x_kind="epoch", x_range=(0, 3)))
    times = draw_chart(9, 40, [TRAIN], options=ChartOptions(x_kind="time"))
    assert lines(epochs)[-1] == "     0                      2      epoch"
    assert lines(times)[-1] == "     0                6h"


def test_a_zoomed_line_runs_to_the_edges() -> None:
    options = ChartOptions(x_range=(10_500, 19_500), y_range=(0.5, 1.0))
    assert lines(draw_chart(3, 20, [TRAIN], options=options)) == [
        "⠤⣀⣀           train",
        "   ⠉⠉⠑⠒⠒⠢⠤⠤⠤⣀⣀⣀⣀⡀",
        "                ⠈⠉⠉⠉",
    ]


def test_the_newest_point_is_marked_only_where_it_is_in_sight() -> None:
    assert "•" in draw_chart(9, 40, [TRAIN]).grid.text()
    zoomed = ChartOptions(x_range=(10_000, 20_000))
    assert "•" not in draw_chart(9, 40, [TRAIN], options=zoomed).grid.text()


def test_smoothing_draws_a_line_over_its_raw_band() -> None:
    noise = np.tile([1.0, -1.0], 500)
    chart = draw_chart(
        5,
        30,
        [Series(np.arange(1_000), noise, Ink.TRAIN, Ink.TRAIN_RAW)],
        (),
        ChartOptions(smooth=0.9),
    )
    middle = chart.row_of(0.0)
    assert middle is not None
    for row in range(5):
        expected = Ink.TRAIN if row == middle else Ink.TRAIN_RAW
        assert chart.grid.inks[row, chart.plot.col + 5] == expected


def test_a_limit_is_seen_over_a_raw_band_but_not_over_a_line() -> None:
    noise = Series(np.arange(1_000), np.tile([2.0, 0.0], 500), Ink.TRAIN, Ink.TRAIN_RAW)
    options = ChartOptions(limit=Limit(1.5, "clip"))
    assert Ink.LIMIT not in draw_chart(5, 30, [noise], (), options).grid.inks
    chart = draw_chart(5, 30, [noise], (), replace(options, smooth=0.9))
    assert "clip" in chart.grid.text()


def test_the_label_of_a_limit_gives_way_to_a_mark() -> None:
    flat = Series(np.arange(100), np.full(100, 1.0), Ink.TRAIN, Ink.TRAIN_RAW)
    options = ChartOptions(limit=Limit(1.5, "spike 10 ms"), y_range=(0.0, 1.5))
    chart = draw_chart(9, 40, [flat], [Mark(95.0, None, "▲", Ink.WARNING)], options)
    assert "spike 10 ms" in chart.grid.text()
    assert "▲" in chart.grid.text()


def test_a_limit_far_from_the_data_does_not_flatten_them() -> None:
    near = draw_chart(9, 40, [TRAIN], options=ChartOptions(limit=Limit(3.0)))
    far = draw_chart(9, 40, [TRAIN], options=ChartOptions(limit=Limit(100.0)))
    assert (near.y.high >= 3.0, far.y.high) == (True, 2.0)


def test_a_robust_range_lets_a_spike_run_out_of_the_chart() -> None:
    spiky = np.append(LOSS, LOSS)
    spiky[60] = 1e6
    series = Series(np.arange(spiky.size), spiky, Ink.TRAIN)
    assert draw_chart(9, 40, [series], options=ChartOptions(robust=True)).y.high < 3
    assert draw_chart(9, 40, [series]).y.high >= 1e6


def test_the_later_series_wins_a_shared_cell_and_no_dot_is_lost() -> None:
    low = Series([0, 1], [0, 0], Ink.TRAIN)
    high = Series([0, 1], [1, 1], Ink.VAL)
    chart = draw_chart(1, 4, [low, high])
    assert chart.grid.runs(0, 0, 3) == [("⣉⣉⣉", Ink.VAL)]


def test_a_mark_with_a_height_lies_on_the_curve() -> None:
    chart = draw_chart(9, 40, [TRAIN], [Mark(8_000, float(LOSS[8]), "▲", Ink.WARNING, hint=False)])
    row, col = chart.row_of(float(LOSS[8])), chart.column_of(8_000)
    assert row is not None
    assert col is not None
    assert chart.grid.runs(row, col, col + 1) == [("▲", Ink.WARNING)]
    assert "┊" not in chart.grid.text()


def test_a_mark_out_of_sight_is_not_drawn() -> None:
    assert "●" not in draw_chart(9, 40, [TRAIN], [Mark(90_000, None, "●", Ink.ERROR)]).grid.text()


def test_a_name_that_would_hide_data_is_left_out() -> None:
    noise = np.random.default_rng(0).normal(size=4_000)
    series = Series(np.arange(4_000), noise, Ink.TRAIN, label="train")
    assert (
        "train"
        not in draw_chart(5, 30, [series], options=ChartOptions(x_range=(0, 3_999))).grid.text()
    )


def test_names_from_logs_are_harmless() -> None:
    chart = draw_chart(9, 40, [replace(TRAIN, label="a\x1b[2J")])
    assert "\x1b" not in chart.grid.text()
    assert "a\ufffd[2J" in chart.grid.text()


def test_columns_and_values_of_the_plot_can_be_looked_up() -> None:
    chart = draw_chart(9, 40, [TRAIN])
    col = chart.column_of(20_000)
    assert col is not None
    assert chart.x_at(col) == pytest.approx(20_000, abs=1_000)
    assert (chart.column_of(-1), chart.row_of(99)) == (None, None)


def test_one_more_record_changes_a_few_cells() -> None:
    steps = np.arange(12_001.0)
    values = 2 * np.exp(-steps / 4_000)
    before = draw_chart(20, 80, [Series(steps[:-1], values[:-1], Ink.TRAIN)]).grid
    after = draw_chart(20, 80, [Series(steps, values, Ink.TRAIN)]).grid
    assert sum(stop - start for _, start, stop in after.changed(before)) <= 4


def _near_cells(share: float, count: int) -> list[int]:
    """Return the cells of a position, both of them if it is a rounding error from their border."""
    return [min(max(int(share * count + error), 0), count - 1) for error in (-1e-6, 0, 1e-6)]


any_float = st.one_of(
    st.floats(), st.floats(-10, 10), st.integers(0, 5).map(float), st.sampled_from([nan, inf, -inf])
)
any_options = st.builds(
    ChartOptions,
    log_y=st.booleans(),
    smooth=st.sampled_from([0.0, 0.6, 0.99, 1.0]),
    x_kind=st.sampled_from(["step", "epoch", "time"]),
    robust=st.booleans(),
)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(any_float, any_float), max_size=30), max_size=3),
    st.integers(0, 14),
    st.integers(0, 40),
    any_options,
)
def test_every_point_in_range_has_ink_in_its_cell(
    rows: list[list[tuple[float, float]]], height: int, width: int, options: ChartOptions
) -> None:
    series = [Series([x for x, _ in row], [y for _, y in row], Ink.TRAIN) for row in rows]
    chart = draw_chart(height, width, series, [Mark(1.0, nan, "●", Ink.ERROR)], options)
    assert chart.grid.chars.shape == (height, width)
    plot = chart.plot
    for x, y in (point for row in rows for point in row):
        if not (np.isfinite(x) and np.isfinite(y) and plot.width > 0 and plot.height > 0):
            continue
        if options.log_y and y <= 0:
            continue
        across, up = chart.x.position(x), chart.y.position(y)
        if not (0 <= across <= 1 and 0 <= up <= 1):
            continue
        down = ((1 - up) * (plot.height * 4 - 1) + 0.5) / (plot.height * 4)
        assert any(
            chart.grid.chars[plot.row + row, plot.col + col] != ord(" ")
            for row in _near_cells(down, plot.height)
            for col in _near_cells(across, plot.width)
        )


@settings(deadline=None)
@given(
    st.lists(st.tuples(any_float, any_float), max_size=30),
    st.tuples(any_float, any_float),
    st.tuples(any_float, any_float),
    any_float,
    any_options,
)
def test_no_range_and_no_limit_is_too_odd_to_draw(
    points: list[tuple[float, float]],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    limit: float,
    options: ChartOptions,
) -> None:
    series = [Series([x for x, _ in points], [y for _, y in points], Ink.TRAIN, label="loss")]
    odd = replace(options, x_range=x_range, y_range=y_range, limit=Limit(limit, "clip"))
    chart = draw_chart(12, 40, series, [Mark(x_range[0], y_range[0], "●", Ink.ERROR, "x")], odd)
    assert chart.grid.text().count("\n") == 11
