"""Whole lines come out of pieces, however the pieces were cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.tail.line_cutter import Cut, LineCutter, without_long_lines

# Short alphabets and a small limit make lines at, below and above the limit frequent.
CONTENT = st.lists(
    st.sampled_from([b"a", b"bc", b"\n", b"\r\n", b"\0", b"0123456789"]), max_size=60
)


def reference(content: bytes, limit: int) -> bytes:
    whole = content[: content.rfind(b"\n") + 1].split(b"\n")[:-1]
    return b"".join(line + b"\n" for line in whole if len(line) <= limit)


@given(pieces=CONTENT, limit=st.integers(1, 12))
def test_any_cut_gives_exactly_the_lines_within_the_limit(pieces: list[bytes], limit: int) -> None:
    cutter = LineCutter(limit)
    lines = b"".join(cutter.cut(piece).lines for piece in pieces)
    assert lines == reference(b"".join(pieces), limit)


@given(pieces=CONTENT, limit=st.integers(1, 12))
def test_every_line_over_the_limit_is_counted_once(pieces: list[bytes], limit: int) -> None:
    cutter = LineCutter(limit)
    skipped = sum(cutter.cut(piece).skipped for piece in pieces)
    assert skipped == sum(len(line) > limit for line in b"".join(pieces).split(b"\n"))


def test_only_a_newline_ends_a_line() -> None:
    assert LineCutter().cut(b"a\rb\x0bc\x85\r\r\n").lines == b"a\rb\x0bc\x85\r\r\n"


def test_nul_bytes_pass_as_they_are() -> None:
    assert LineCutter().cut(b"\0\0\0\n").lines == b"\0\0\0\n"


def test_a_finished_line_is_given_once_and_its_late_rest_skipped() -> None:
    cutter = LineCutter()
    cutter.cut(b'{"step"')
    assert cutter.finish() == b'{"step"\n'
    assert cutter.finish() == b""
    assert cutter.cut(b": 1}\nnext\n").lines == b"next\n"


@pytest.mark.parametrize("length", [5, 6, 7])
def test_the_limit_is_the_longest_line_that_passes(length: int) -> None:
    lines = b"x" * length + b"\n"
    expected = Cut(lines, 0) if length <= 6 else Cut(b"", 1)
    assert without_long_lines(lines, limit=6) == expected
