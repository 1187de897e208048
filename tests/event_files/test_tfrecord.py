from itertools import pairwise
from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st

from trainmon.event_files.tfrecord import RECORD_LIMIT, RecordCutter
from trainmon.wire.crc32c import crc32c, masked


def _record(data: bytes) -> bytes:
    length = pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    return pack("<I", masked(crc32c(data)))


def _read(pieces: list[bytes]) -> tuple[list[bytes], int, int]:
    cutter = RecordCutter()
    found, corrupt, gaps = [], 0, 0
    for piece in pieces:
        records = cutter.cut(piece)
        found += [records.data[start:end] for start, end in records.spans]
        corrupt += records.corrupt
        gaps += records.gaps
    return found, corrupt, gaps


PIECES = st.one_of(
    st.binary(max_size=60).map(_record),
    st.binary(min_size=1, max_size=60),
    st.just(bytes(100)),
    st.just(_record(b"x" * 20)[:-1] + b"\x00"),
    st.just(_record(b"torn here")[:15]),
)


def test_records_come_out_as_they_were_written() -> None:
    data = b"".join(map(_record, [b"", b"one", b"two" * 500]))
    assert _read([data]) == ([b"", b"one", b"two" * 500], 0, 0)


@settings(deadline=None)  # reads byte by byte
@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 1_200), max_size=12))
def test_no_cut_changes_what_is_found_between_damages(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    borders = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    whole = _read([data])
    assert _read([data[a:b] for a, b in pairwise(borders)]) == whole
    assert _read([data[at : at + 1] for at in range(len(data))]) == whole


def test_a_record_with_a_wrong_checksum_is_left_out_and_counted() -> None:
    spoiled = bytearray(_record(b"second"))
    spoiled[-5] ^= 1
    data = _record(b"first") + bytes(spoiled) + _record(b"third")
    assert _read([data]) == ([b"first", b"third"], 1, 0)


def test_reading_goes_on_behind_what_is_no_record() -> None:
    data = _record(b"first") + bytes(5_000) + b"junk" + _record(b"second")
    assert _read([data]) == ([b"first", b"second"], 0, 1)


def test_a_torn_record_ahead_of_others_costs_no_more_than_it_covers() -> None:
    data = _record(b"first") + _record(b"torn" * 9)[:20] + b"".join([_record(b"later" * 9)] * 3)
    found, corrupt, gaps = _read([data])
    assert found == [b"first", *[b"later" * 9] * 2]
    assert (corrupt, gaps) == (1, 1)


def test_a_long_record_is_passed_over_without_being_held() -> None:
    long = _record(b"i" * (RECORD_LIMIT + 1))
    cutter = RecordCutter()
    found = []
    for piece in (long[:1_000], long[1_000:-2], long[-2:] + _record(b"next")):
        records = cutter.cut(piece)
        found += [records.data[start:end] for start, end in records.spans]
        assert len(cutter._held) < 1_000  # noqa: SLF001 - memory shows nowhere else
    assert found == [b"next"]
