"""Recognising a format takes any bytes: those of other programs, and those that mean harm."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.test_contract import LOGS
from trainmon.source import Head
from trainmon.sources import all_sources, choose

_BEGINNINGS = [path.read_bytes()[:400] for _, path in LOGS]

_WORDS = [
    *b"{ } [ ] ( ) \" ' , ; : = | / % # - _ . \\ \n \r \t \0 < > @ 1 0.5 nan inf".split(b" "),
    *b"step epoch loss: time iter lr mode train val_acc \xff \xef\xbb\xbf \x1b[1m".split(b" "),
]

words = st.lists(st.sampled_from(_WORDS), max_size=60)
pieces = st.lists(st.sampled_from(_BEGINNINGS) | words.map(b" ".join) | st.binary(), max_size=4)


@settings(deadline=None)
@given(data=st.binary() | words.map(b"".join) | pieces.map(b"\n".join), whole=st.booleans())
def test_any_bytes_begin_a_log_of_some_format_or_none(data: bytes, *, whole: bool) -> None:
    assert choose(Head(data, whole=whole)) in {None, *all_sources()}


@settings(deadline=None, max_examples=30)
@given(word=words.map(b"".join), again=st.integers(1, 20_000))
def test_what_repeats_endlessly_begins_a_log_of_some_format_or_none(
    word: bytes, again: int
) -> None:
    assert choose(Head((word * again)[:20_000])) in {None, *all_sources()}
