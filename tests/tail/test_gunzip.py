"""Compressed data comes out as it went in, however it was cut, and never more than asked for."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.tail.gunzip import Gunzip


def unfolded(stream: Gunzip, pieces: list[bytes], limit: int) -> list[bytes]:
    out: list[bytes] = []
    for piece in pieces:
        stream.put(piece)
        while not stream.hungry:
            out.append(stream.take(limit))
    return out


@given(
    members=st.lists(st.binary(max_size=300), min_size=1, max_size=4),
    size=st.integers(1, 80),
    limit=st.integers(1, 400),
)
def test_members_come_out_one_behind_the_other(members: list[bytes], size: int, limit: int) -> None:
    packed = b"".join(map(gzip.compress, members))
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    stream = Gunzip()
    out = unfolded(stream, pieces, limit)
    assert b"".join(out) == b"".join(members)
    assert max(map(len, out), default=0) <= limit
    assert stream.complete
    assert not stream.damaged


def test_an_unfinished_member_is_not_complete() -> None:
    stream = Gunzip()
    out = unfolded(stream, [gzip.compress(b"one\n" * 1_000)[:-9]], 100_000)
    assert b"".join(out) == b"one\n" * 1_000
    assert not stream.complete


def test_zeros_behind_a_member_are_padding() -> None:
    stream = Gunzip()
    out = unfolded(stream, [gzip.compress(b"one\n") + b"\0" * 512, gzip.compress(b"two\n")], 100)
    assert b"".join(out) == b"one\ntwo\n"
    assert not stream.damaged


@pytest.mark.parametrize("junk", [b"junk", b"\x1f\x8b\x08junk"])
def test_what_is_no_gzip_is_damage_and_ends_the_stream(junk: bytes) -> None:
    stream = Gunzip()
    out = unfolded(stream, [gzip.compress(b"one\n") + junk, gzip.compress(b"two\n")], 100)
    assert b"".join(out) == b"one\n"
    assert stream.damaged
    assert stream.hungry
