from math import isinf, isnan

import pytest

from trainmon.console.numbers import NUMBERS_LIMIT, apart, value


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,234 tok", ["1,234"]),
        ("-1.5e-05 and .5", ["-1.5e-05", ".5"]),
        ("246.46ms 12.3GB 45%", ["246.46", "12.3", "45"]),
        ("norm (+nanz) avg:nanms -inf", ["+nan", "nan", "-inf"]),
    ],
)
def test_numbers_are_found_as_they_are_printed(text: str, numbers: list[str]) -> None:
    assert apart(text)[1] == numbers


@pytest.mark.parametrize(
    "text",
    [
        "AP50 Acc@5 top-1 layer3",
        "v1.2.3 10.0.0.1",
        "0,123",  # a decimal comma or a list: nobody can tell
        "1,2,3",
        "number of nan iterations",
        "coco/AP .5: ",
        "9" * 10_000,
    ],
)
def test_what_is_part_of_a_word_or_ambiguous_is_no_number(text: str) -> None:
    assert apart(text)[1] == []


def test_values_are_read_without_separators() -> None:
    assert value("1,234,567.5") == 1_234_567.5
    assert isnan(value("+nan"))
    assert isinf(value("9e999"))


def test_a_line_of_nothing_but_numbers_is_looked_at_to_a_limit() -> None:
    assert len(apart("1 " * 100_000)[1]) == NUMBERS_LIMIT
