"""Lines of JSON as objects: the quick way and the careful one give the same."""

import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.decode import decode


def test_bare_tokens_of_other_writers_are_read() -> None:
    (record,) = decode(b'{"a": NaN, "b": [Infinity,-Infinity], "c": "NaN"}\n').records
    assert str(record["a"]) in {"nan", "NaN"}
    assert [float(value) for value in record["b"]] == [math.inf, -math.inf]
    assert record["c"] == "NaN"


def test_a_token_within_a_text_is_left_alone() -> None:
    text = "loss: NaN, lr: -Infinity}"
    line = orjson.dumps({"text": text})
    assert decode(line + b'\n{"a": NaN}\n').records[0] == {"text": text}


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("text", ["NaN", "is NaN", ": NaN,", "-Infinity", "{NaN}", "[NaN, NaN]"])
def test_a_token_beside_texts_that_hold_tokens_is_read(token: str, text: str) -> None:
    line = f'{{"a": {token}, "b": {orjson.dumps(text).decode()}, "c": [{token}]}}\n'.encode()
    (record,) = decode(line + line).records[1:]
    assert record["b"] == text
    assert [str(float(value)) for value in (record["a"], *record["c"])] == [str(float(token))] * 2


def test_a_torn_line_costs_itself_alone() -> None:
    decoded = decode(b'{"a": 1}\n{"a": 2\n{"a": 3}\n')
    assert (decoded.records, decoded.unreadable) == ([{"a": 1}, {"a": 3}], 1)


def test_values_that_are_no_object_are_counted_apart() -> None:
    decoded = decode(b'[1]\n{"a": 1}\n3\n"x"\nnull\n')
    assert (len(decoded.records), decoded.other, decoded.unreadable) == (1, 4, 0)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b" \n", b"\n\n\n"])
def test_line_endings_and_empty_lines_do_not_matter(ending: bytes) -> None:
    decoded = decode(b'{"a": 1}' + ending + b'{"a": 2}' + ending)
    assert (len(decoded.records), decoded.unreadable, decoded.other) == (2, 0, 0)


def test_a_byte_order_mark_and_padding_of_zeros_are_passed_over() -> None:
    decoded = decode(b'\xef\xbb\xbf{"a": 1}\n\x00\x00\x00{"a": 2}\n')
    assert decoded.records == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "lines", [b'{"a": 1\n"b": 2}\n', b'{"a": 1},{"b": 2}\n', b'{"a": [1\n2]}\n']
)
def test_objects_that_do_not_stand_on_one_line_each_are_not_pieced_together(lines: bytes) -> None:
    decoded = decode(lines)
    assert decoded.records == []
    assert decoded.unreadable > 0


@pytest.mark.parametrize(
    "line", [b'{"a": ' * 100_000, b'{"a": NaN, "b": ' + b"[" * 100_000, b'{"a": NaN' + b"1" * 9_999]
)
def test_what_would_break_a_parser_is_a_line_that_cannot_be_read(line: bytes) -> None:
    assert decode(line + b"\n").unreadable == 1


def test_bytes_that_are_no_utf_8_are_a_line_that_cannot_be_read() -> None:
    decoded = decode(b'{"a": "\xff\xfe"}\n{"a": 1}\n')
    assert (decoded.records, decoded.unreadable) == ([{"a": 1}], 1)


def test_nothing_gives_nothing() -> None:
    assert decode(b"").records == []


@given(st.lists(st.dictionaries(st.text(), st.integers(-(2**53), 2**53) | st.text()), max_size=8))
def test_whatever_was_written_is_read_again(records: list[dict[str, int | str]]) -> None:
    lines = b"".join(orjson.dumps(record) + b"\n" for record in records)
    assert decode(lines).records == records
    assert decode(lines + b"torn\n").records == records


def test_infinities_and_huge_integers_are_read_alike_whatever_stands_beside_them() -> None:
    line = b'{"event": "config", "clip": Infinity, "seed": 18446744073709551617}\n'
    assert decode(line).records == decode(line + b"no JSON\n").records


def test_objects_that_are_glued_on_a_line_are_read() -> None:
    decoded = decode(b'{"a": 1}{"a": 2} {"a": NaN}\n{"a": 4}\n')
    assert [record["a"] for record in decoded.records] == [1, 2, "NaN", 4]
    assert decoded.unreadable == 0


def test_what_is_torn_behind_a_whole_object_is_counted() -> None:
    decoded = decode(b'{"a": 1}{"a": \n{"a": {"b": 2}\n')
    assert decoded.records == [{"a": 1}]
    assert decoded.unreadable == 2
