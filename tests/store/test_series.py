"""Samples of many metrics: rows are shared by those that come together, until they do not."""

from collections.abc import Mapping

import numpy as np
import pytest

from trainmon.store.batch import Samples
from trainmon.store.series import SeriesTable


def _samples(**rows: list[int]) -> Mapping[str, Samples]:
    return {
        name: Samples(np.array(at, np.int32), np.array(at, np.float64) / 2)
        for name, at in rows.items()
    }


def _shared(table: SeriesTable, one: str, other: str) -> bool:
    return np.shares_memory(table.samples(one).rows, table.samples(other).rows)


def test_metrics_that_always_come_together_share_their_rows() -> None:
    table = SeriesTable()
    for base in (0, 3, 6):
        table.append(_samples(loss=[0, 1, 2], lr=[0, 1, 2]), base)
    assert table.samples("loss").rows.tolist() == list(range(9))
    assert _shared(table, "loss", "lr")
    assert (len(table), table.size) == (2, 18)


@pytest.mark.parametrize("later", [{"loss": [0, 1], "lr": [1]}, {"loss": [0, 1]}, {"lr": [1]}])
def test_a_metric_that_leaves_the_others_takes_its_rows_along(later: dict[str, list[int]]) -> None:
    table = SeriesTable()
    table.append(_samples(loss=[0, 1], lr=[0, 1], acc=[0, 1]), 0)
    table.append(_samples(**later), 2)
    table.append(_samples(loss=[0], lr=[0], acc=[0]), 4)
    for name in ("loss", "lr", "acc"):
        expected = [0, 1, *(row + 2 for row in later.get(name, ())), 4]
        assert table.samples(name).rows.tolist() == expected
        assert len(table.samples(name).values) == len(expected)


def test_a_metric_that_appears_later_has_rows_of_its_own() -> None:
    table = SeriesTable()
    table.append(_samples(loss=[0]), 0)
    table.append(_samples(loss=[0], acc=[0]), 1)
    assert table.samples("loss").rows.tolist() == [0, 1]
    assert table.samples("acc").rows.tolist() == [1]


def test_whether_a_metric_came_since_a_row() -> None:
    table = SeriesTable()
    table.append(_samples(loss=[0, 5]), 10)
    assert table.since("loss", 15)
    assert not table.since("loss", 16)
    assert not table.since("acc", 0)
    assert not table.since(None, 0)


def test_the_newest_samples_of_a_rare_metric_are_never_thinned() -> None:
    table = SeriesTable()
    n_rows = 100_000
    table.append(_samples(loss=list(range(n_rows)), acc=list(range(0, n_rows, 100))), 0)
    kept = table.thin(90_000, 64)
    assert len(table.samples("acc")) == 1_000
    assert len(table.samples("loss")) < 20_000
    assert table.size == len(table.samples("acc")) + len(table.samples("loss"))
    assert {len(rows) for rows in kept} == {900, len(table.samples("loss")) - 10_000}


def test_a_value_stands_alone_in_the_last_row_where_no_other_stands_before_it() -> None:
    table = SeriesTable()
    table.append(_samples(loss=[0, 2]), 0)
    assert table.alone("loss", 0, 3) is None
    assert table.alone("loss", 1, 3) == 1.0
    assert table.alone("loss", 1, 4) is None
    table.append(_samples(loss=[0], acc=[0]), 3)
    assert (table.alone("loss", 3, 4), table.alone("loss", 2, 4)) == (0.0, None)
    assert (table.alone("acc", 0, 4), table.alone("lr", 0, 4)) == (0.0, None)
