import pytest

from trainmon.console.units import unit_before, without_unit


@pytest.mark.parametrize(
    ("text", "factor", "metric"),
    [
        ("ms | lr", 1e-3, ""),
        (" s, next", 1.0, ""),
        ("GiB(15%)", 2.0**30, ""),
        (" tok/s", 1.0, "tokens_per_second"),
        ("k tok/s", 1e3, ""),
        ("us/step - loss", 1e-6, "step_time"),
        ("s/it, loss", 1.0, "step_time"),
        ("/s (", 1.0, "samples_per_second"),
    ],
)
def test_a_unit_behind_a_number_is_known(text: str, factor: float, metric: str) -> None:
    unit = unit_before(text)
    assert unit is not None
    assert (unit.factor, unit.metric) == (factor, metric)


@pytest.mark.parametrize("text", ["D", "st", "x2", "_a"])
def test_a_number_glued_to_another_word_is_none(text: str) -> None:
    assert unit_before(text) is None


@pytest.mark.parametrize("text", [" s:1", " ms=2", " seven"])
def test_a_name_behind_a_blank_is_no_unit(text: str) -> None:
    unit = unit_before(text)
    assert unit is not None
    assert unit.length == 0


@pytest.mark.parametrize(
    ("name", "bare", "factor"),
    [
        ("iter time (s)", "iter time", 1.0),
        ("step_ms", "step", 1e-3),
        ("Peak GPU Memory (MB)", "Peak GPU Memory", 1e6),
        ("mem_GiB", "mem", 2.0**30),
        ("coco/AR (L)", "coco/AR (L)", 1.0),
        ("params", "params", 1.0),
    ],
)
def test_a_name_loses_the_unit_it_ends_in(name: str, bare: str, factor: float) -> None:
    assert without_unit(name) == (bare, factor)
