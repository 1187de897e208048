import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from trainmon.ui.charts.heat_cells import heat_cells
from trainmon.ui.charts.heatmap import HeatMap, HeatOptions, HeatRow, draw_heatmap
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Scale

nan, inf = float("nan"), float("inf")
STEPS = np.arange(41.0) * 1_000


def row_of(label: str, values: ArrayLike, tail: str = "") -> HeatRow:
    return HeatRow([(label, Ink.TEXT)], STEPS, values, [(tail, Ink.STRONG)] if tail else ())


RISING, FALLING = row_of("stem", 10 ** (STEPS / 1e4)), row_of("head.bias", 10 ** (4 - STEPS / 1e4))
LOG = HeatOptions(log=True)


def lines(heat: HeatMap) -> list[str]:
    return heat.grid.text().splitlines()


def legend(heat: HeatMap) -> str:
    return "".join(text for text, _ in heat.legend)


def test_a_heat_map_has_labels_shades_values_and_an_axis() -> None:
    heat = draw_heatmap(4, 48, [RISING, row_of("head.bias", FALLING.y, "1.2")], LOG)
    assert lines(heat) == [
        "stem      ░░░░░░▒▒▒▒▒▒▒▒▒▒▒▒▒▒▓▓▓▓▓▓▓███████",
        "head.bias ███████▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░ 1.2",
        "         └┬────────────────┬───────────────┬",
        "          0               20k             40k",
    ]
    assert legend(heat) == "1 ░▒▒▓█ 10k"


def test_equal_shades_differ_in_their_ink() -> None:
    heat = draw_heatmap(1, 40, [RISING], LOG)
    cells = zip(heat.grid.text()[5:], heat.grid.inks[0, 5:].tolist(), strict=True)
    assert list(dict.fromkeys(cells)) == [
        ("░", Ink.SIGNAL_RAW),
        ("▒", Ink.SIGNAL_RAW),
        ("▒", Ink.SIGNAL),
        ("▓", Ink.SIGNAL),
        ("█", Ink.SIGNAL),
    ]


def test_zero_is_a_zero_and_what_is_not_finite_a_cross() -> None:
    broken = np.where(STEPS < 20_000, 1.0, nan)
    heat = draw_heatmap(4, 52, [RISING, row_of("dead", 0 * STEPS), row_of("head", broken)], LOG)
    assert set(lines(heat)[1].removeprefix("dead").strip()) == {"0"}
    assert lines(heat)[1].count("0") == heat.plot.width
    draw = draw_heatmap(5, 52, [RISING, row_of("dead", 0 * STEPS), row_of("head", broken)], LOG)
    assert lines(draw)[2].endswith("✖✖✖✖")
    assert legend(draw).endswith("0 zero   ✖ not finite")


def test_a_spike_among_a_million_values_is_marked() -> None:
    x = np.arange(1e6)
    y = np.where(x == 123_456, 1e3, 1.0 + x / 1e6)
    heat = draw_heatmap(1, 40, [HeatRow([], x, y)], HeatOptions(value_range=(1, 10)))
    assert heat.grid.text().count("↑") == 1
    assert legend(heat).endswith("↑ spike")


def test_what_scatters_alike_all_along_has_no_spikes_and_a_spike_in_it_has() -> None:
    x = np.arange(4_000.0)
    y = 1 + 0.3 * np.sin(7 * x) * np.cos(3 * x)
    assert "↑" not in draw_heatmap(1, 40, [HeatRow([], x, y)]).grid.text()
    y[1_000] = 3
    assert draw_heatmap(1, 40, [HeatRow([], x, y)]).grid.text().count("↑") == 1


def test_spikes_in_every_cell_are_seen_where_they_leave_the_scale() -> None:
    x = np.arange(4_000.0)
    y = np.where(x % 25 == 0, 50.0, 1 + x / 4_000)
    heat = draw_heatmap(1, 40, [HeatRow([], x, y)], HeatOptions(value_range=(1, 2)))
    assert heat.grid.text() == "↑" * 40


def test_the_ends_of_the_scale_are_spelled_as_asked() -> None:
    heat = draw_heatmap(1, 40, [RISING], HeatOptions(log=True, spelled=lambda v: f"{v:.0f} ms"))
    assert legend(heat).endswith(" ms")


def test_without_an_axis_all_rows_are_for_the_map() -> None:
    heat = draw_heatmap(4, 40, [RISING] * 4, HeatOptions(axis=False))
    assert heat.plot.height == 4


def test_the_column_that_is_pointed_at_stands_out_and_keeps_its_glyphs() -> None:
    rows = [RISING, HeatRow([("b", Ink.TEXT)], [0.0], [1.0])]
    heat = draw_heatmap(2, 45, rows, HeatOptions(log=True, pointed_at=20_000))
    col = heat.plot.col + heat.plot.width // 2
    assert heat.grid.inks[:, col].tolist() == [Ink.FOCUS, Ink.FOCUS]
    assert [line[col] for line in lines(heat)] == ["▒", "┊"]
    assert Ink.FOCUS not in draw_heatmap(2, 45, rows, HeatOptions(pointed_at=1e9)).grid.inks


def test_one_outlier_does_not_flatten_the_rest() -> None:
    rows = [row_of("a", np.linspace(1, 5, 41)), row_of("b", [1e9] + [1.0] * 40)]
    heat = draw_heatmap(2, 60, rows)
    assert heat.values.high < 10


def test_values_hold_until_the_next_and_a_gap_stays_empty() -> None:
    x = [0.0, 10, 20, 30, 80, 90, 100]
    heat = draw_heatmap(1, 50, [HeatRow([], x, np.ones(7))], HeatOptions(x_range=(0, 100)))
    text = heat.grid.text()
    assert text.startswith("▒" * 16)
    assert text[16:40].strip() == ""
    assert text[40:] == "▒" * 10


def test_a_negative_value_on_a_logarithmic_scale_is_a_dash() -> None:
    heat = draw_heatmap(2, 40, [RISING, row_of("b", -np.ones(41))], LOG)
    assert set(lines(heat)[1][1:].strip()) == {"-"}


def test_little_room_is_for_the_map_alone() -> None:
    assert draw_heatmap(2, 12, [RISING]).plot.width == 12
    assert draw_heatmap(2, 0, [RISING]).grid.text() == "\n"
    assert draw_heatmap(-2, -4, [RISING]).grid.text() == ""


def test_a_label_takes_a_third_of_the_width_at_most() -> None:
    heat = draw_heatmap(1, 60, [row_of("blocks.11.attention.query.weight", STEPS)])
    assert lines(heat)[0].startswith("blocks.11.attention…")


def test_rows_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        draw_heatmap(2, 40, [HeatRow([], [1.0, 2.0], [1.0])])


def test_rows_may_stand_at_different_places() -> None:
    rows = [HeatRow([], [0.0, 10], [1.0, 2]), HeatRow([], [5.0, 6, 7], [3.0, 4, 5])]
    heat = draw_heatmap(2, 20, rows, HeatOptions(x_range=(0, 20)))
    assert [line.rstrip() != "" for line in lines(heat)] == [True, True]


def test_one_more_record_changes_a_few_cells() -> None:
    x = np.arange(12_001.0)
    y = 2 * np.exp(-x / 4_000)
    before = draw_heatmap(4, 80, [HeatRow([], x[:-1], y[:-1])]).grid
    after = draw_heatmap(4, 80, [HeatRow([], x, y)]).grid
    assert sum(stop - start for _, start, stop in after.changed(before)) <= 2


any_float = st.one_of(
    st.floats(), st.floats(-10, 10), st.integers(0, 5).map(float), st.sampled_from([nan, inf, -inf])
)
any_row = st.lists(st.tuples(any_float, any_float), max_size=30)


@settings(deadline=None)
@given(
    st.lists(any_row, max_size=4),
    st.integers(0, 8),
    st.integers(0, 40),
    st.booleans(),
    st.one_of(st.none(), st.tuples(any_float, any_float)),
)
@example([], 0, 0, False, (-1.0, 5e-324))  # noqa: FBT003 - drawn otherwise
def test_every_value_in_sight_has_a_glyph_in_its_cell(
    rows: list[list[tuple[float, float]]],
    height: int,
    width: int,
    log: bool,  # noqa: FBT001 - drawn by hypothesis
    span: tuple[float, float] | None,
) -> None:
    drawn = [
        HeatRow([("name", Ink.TEXT)], [x for x, _ in row], [y for _, y in row], [("1", Ink.TEXT)])
        for row in rows
    ]
    heat = draw_heatmap(height, width, drawn, HeatOptions(log, x_range=span, value_range=span))
    assert heat.grid.chars.shape == (height, width)
    for at, row in enumerate(rows[: heat.plot.height]):
        for x, _ in row:
            share = heat.x.position(x)
            if not (heat.x.low <= x <= heat.x.high and heat.plot.width):
                continue
            near = [int(share * heat.plot.width + error) for error in (-1e-6, 0, 1e-6)]
            cols = [heat.plot.col + min(max(col, 0), heat.plot.width - 1) for col in near]
            assert any(heat.grid.chars[at, col] != ord(" ") for col in cols)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.floats(-1e9, 1e9)), min_size=1, max_size=200))
def test_a_cell_holds_the_median_and_the_highest_of_its_values(
    values: list[tuple[int, float]],
) -> None:
    x, y = np.array([at + 0.5 for at, _ in values]), np.array([value for _, value in values])
    cells = heat_cells([Points.of(x, y)], Scale(0, 100), 20)
    for col in range(20):
        here = y[(x >= 5 * col) & (x < 5 * col + 5)]
        if here.size:
            assert cells.high[0, col] == here.max()
            assert here.min() <= cells.median[0, col] <= here.max()
        if 0 < here.size <= 32:  # more are sampled
            assert cells.median[0, col] == pytest.approx(np.median(here), abs=1e-6)
