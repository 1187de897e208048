import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.table import Columns, TableReader, header_in, opening_of

Row = dict[str, str]


def _rows(tables: list[Columns]) -> list[Row]:
    """Return every row with the numbers that stand in it."""
    return [
        {
            name: str(table.values[column, row])
            for column, name in enumerate(table.header.names)
            if table.present[column, row]
        }
        for table in tables
        for row in range(table.n_rows)
    ]


def _read(text: str) -> list[Row]:
    return _rows(TableReader().read(text.encode()))


def _skipped(text: str) -> dict[str, int]:
    return dict(*(table.skipped for table in TableReader().read(text.encode())))


@pytest.mark.parametrize(
    "text",
    [
        "epoch,loss\n1,0.5\n",
        "epoch\tloss\n1\t0.5\n",
        "epoch;loss\n1;0,5\n",
        "epoch   loss\n    1   0.5\n",
        "  epoch,   loss\n      1,    0.5\n",
        '"epoch","loss"\n"1","0.5"\n',
        "\ufeff# epoch loss\n1 0.5\n",
        "# made by hand\nepoch,loss\n1,0.5\n",
        "epoch,loss\r\r\n1,0.5\r\r\n",
        "\n\nepoch,loss\n\x00\x00\x001,0.5\n\n",
        "epoch,loss\n1,0.5,,\n",
    ],
)
def test_the_same_table_is_read_however_it_is_written(text: str) -> None:
    assert _read(text) == [{"epoch": "1.0", "loss": "0.5"}]


def test_an_empty_cell_is_a_gap_and_nan_is_a_value() -> None:
    assert _read("a,b,c\n,nan,-inf\n1,,\n") == [{"b": "nan", "c": "-inf"}, {"a": "1.0"}]
    assert _read("a,b\n,2\n1,\n") == [{"b": "2.0"}, {"a": "1.0"}]


def test_text_is_no_number_and_its_row_stays() -> None:
    assert _read("env,step,done\nHopper,1,True\n") == [{"step": "1.0"}]


def test_a_comma_groups_thousands_only_within_quotes() -> None:
    assert _read('a,b\n"1,234.5",2\n') == [{"a": "1234.5", "b": "2.0"}]
    assert _read("a\tb\n1,234\t2\n") == [{"b": "2.0"}]


def test_a_percentage_stays_as_it_is_written() -> None:
    assert _read("acc,step\n12.5%,1\n") == [{"acc": "12.5", "step": "1.0"}]


def test_rows_that_do_not_fit_are_counted_by_reason() -> None:
    assert _skipped("a,b\n1,2\n1\n1,2,3\nx,y\n,\n") == {
        "rows with fewer cells than the header": 1,
        "rows with more cells than the header": 1,
        "rows without a number": 1,
    }


def test_a_header_that_stands_once_more_begins_other_columns() -> None:
    first, second = TableReader().read(b"step,loss\n1,2\n2,1\nstep,loss,lr\n1,2,3\n")
    assert (first.again, second.again) == (False, True)
    assert second.header.names == ("step", "loss", "lr")


def test_a_header_at_the_end_of_a_read_marks_the_rows_of_the_next() -> None:
    table = TableReader()
    assert not any(each.again for each in table.read(b"step,loss\n1,2\nstep,loss\n"))
    assert [each.again for each in table.read(b"1,2\n") + table.read(b"2,2\n")] == [True, False]


def test_columns_of_one_name_are_numbered() -> None:
    header = header_in(b"loss,loss,,loss")
    assert header is not None
    assert header.names == ("loss", "loss (2)", "", "loss (3)")


def test_numbers_of_any_length_are_read() -> None:
    assert _read(f"a,b\n{'9' * 5_000},{'0' * 5_000}1\n") == [{"a": "inf", "b": "1.0"}]


@pytest.mark.parametrize(
    "data", [b"", b"{}\n", b"1,2\n3,4\n", b"a,b\n", b"words and words\nmore\n"]
)
def test_what_is_no_table_opens_none(data: bytes) -> None:
    assert opening_of(data) is None


CELLS = st.sampled_from(
    [
        "",
        "0",
        "-1.5",
        "1e-3",
        "1e999",
        "007",
        "nan",
        "-inf",
        "text",
        " 2 ",
        "  ",
        "3%",
        '"1,5"',
        "[1",
    ]
)
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=4).map(",".join), max_size=12)


@given(lines=LINES)
def test_rows_read_one_by_one_and_at_once_are_the_same(lines: list[str]) -> None:
    encoded = [f"{line}\n".encode() for line in ("a,b,c", *lines)]
    table, single = TableReader(), TableReader()
    at_once = table.read(b"".join(encoded))
    one_by_one = [each for line in encoded for each in single.read(line)]
    assert _rows(at_once) == _rows(one_by_one)
    total = [sum(sum(each.skipped.values()) for each in tables) for tables in (at_once, one_by_one)]
    assert total[0] == total[1]


def test_values_and_presence_have_the_shape_of_the_table() -> None:
    (columns,) = TableReader().read(b"a,b\n1,2\n3,\n")
    np.testing.assert_array_equal(columns.values, [[1, 3], [2, np.nan]])
    np.testing.assert_array_equal(columns.present, [[True, True], [True, False]])
