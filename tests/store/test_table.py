"""Records as columns of numbers: gaps, texts and objects among them."""

from typing import Any

import numpy as np
import pytest

from trainmon.record import KEYS_LIMIT
from trainmon.store.table import Numbers, numbers_of


def _told(group: list[dict[str, Any]]) -> dict[str, list[float | None]]:
    """Return each column with None where it has no number."""
    told: dict[str, list[float | None]] = {}
    for each in numbers_of(group):
        column = told.setdefault(each.name, [None] * len(group))
        where = range(len(group)) if each.where is None else each.where.tolist()
        for at, value in zip(where, each.values.tolist(), strict=True):
            column[at] = value
    return told


def test_plain_numbers_stand_in_all_records() -> None:
    (first, second) = numbers_of([{"a": 1, "b": 2.5}, {"a": True, "b": "3"}])
    assert (first.name, first.values.tolist(), first.where) == ("a", [1, 1], None)
    assert (second.name, second.values.tolist(), second.where) == ("b", [2.5, 3], None)


def test_a_text_leaves_the_other_columns_alone() -> None:
    assert _told([{"loss": 1, "note": "ok"}, {"loss": 2, "note": "7"}]) == {
        "loss": [1, 2],
        "note": [None, 7],
    }


def test_objects_that_differ_in_their_keys_become_columns_with_gaps() -> None:
    group: list[dict[str, Any]]
    group = [{"val": {"acc": 1}}, {"val": {"acc": 2, "f1": 3}}, {"val": 4}, {"val": None}]
    assert _told(group) == {
        "val": [None, None, 4, None],
        "val/acc": [1, 2, None, None],
        "val/f1": [None, 3, None, None],
    }


def test_names_come_in_the_order_of_the_record() -> None:
    group = [{"a": {"b": {"c": 1}, "d": 2}, "e": 3}]
    assert [each.name for each in numbers_of(group)] == ["a/b/c", "a/d", "e"]


def test_objects_within_objects_are_followed_however_deep() -> None:
    depth = 5_000
    record: dict[str, Any] = {"x": 1}
    for _ in range(depth):
        record = {"x": record}
    (deepest,) = numbers_of([record])
    assert deepest.name.count("/") == depth


def test_a_null_among_nan_is_a_gap() -> None:
    assert _told([{"a": None}, {"a": "NaN"}, {"a": 1}])["a"][::2] == [None, 1]


@pytest.mark.parametrize("value", ["x", "", "e5", [1], {}, [], None])
def test_what_spells_no_number_leaves_none(value: object) -> None:
    assert not any(len(each.values) for each in numbers_of([{"a": value}, {"a": value}]))


def test_numbers_beyond_all_floats_are_no_number_and_no_gap() -> None:
    (numbers,) = numbers_of([{"a": 10**400}, {"a": 1}])
    assert np.isnan(numbers.values).tolist() == [True, False]


def test_columns_beyond_the_limit_are_left_out() -> None:
    wide: dict[str, Any] = {f"m{n}": n for n in range(KEYS_LIMIT + 5)}
    columns: list[Numbers] = list(numbers_of([wide]))
    assert len(columns) == KEYS_LIMIT
    assert len(list(numbers_of([{"all": wide}]))) == KEYS_LIMIT
