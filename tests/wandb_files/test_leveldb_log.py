from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.wandb_file import BLOCK, HEADER, chunk, wandb_file
from trainmon.wandb_files.leveldb_log import RECORD_LIMIT, LogCutter


def _read(pieces: list[bytes]) -> tuple[list[bytes], int]:
    cutter = LogCutter(len(HEADER))
    cuts = [cutter.cut(piece) for piece in pieces]
    return [record for cut in cuts for record in cut.records], sum(cut.corrupt for cut in cuts)


def _body(records: list[bytes]) -> bytes:
    return wandb_file(records)[len(HEADER) :]


LENGTHS = st.integers(0, 300) | st.integers(BLOCK - 30, BLOCK + 30) | st.integers(0, 3 * BLOCK)


@settings(deadline=None)  # of up to a megabyte
@given(st.lists(LENGTHS, max_size=8), st.lists(st.integers(1, 200_000), max_size=8))
def test_records_come_out_whole_however_blocks_and_reads_cut_them(
    lengths: list[int], cuts: list[int]
) -> None:
    records = [bytes([index + 1]) * length for index, length in enumerate(lengths)]
    data = _body(records)
    borders = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert _read([data[a:b] for a, b in pairwise(borders)]) == (records, 0)


def test_a_chunk_with_a_wrong_checksum_is_left_out_and_counted() -> None:
    spoiled = bytearray(chunk(1, b"second"))
    spoiled[-1] ^= 1
    assert _read([chunk(1, b"first") + bytes(spoiled) + chunk(1, b"third")]) == (
        [b"first", b"third"],
        1,
    )


def test_reading_goes_on_at_the_next_block_where_lengths_say_nothing() -> None:
    block = (chunk(1, b"first") + b"\xff" * BLOCK)[: BLOCK - len(HEADER)]
    assert _read([block + chunk(1, b"second")]) == ([b"first", b"second"], 1)


def test_a_record_that_lost_its_middle_is_left_out() -> None:
    spoiled = bytearray(chunk(3, b"b"))
    spoiled[0] ^= 1
    data = chunk(2, b"a") + bytes(spoiled) + chunk(4, b"c") + chunk(1, b"next")
    assert _read([data]) == ([b"next"], 1)


def test_a_record_longer_than_is_read_is_passed_over() -> None:
    assert _read([_body([b"x" * (RECORD_LIMIT + BLOCK), b"next"])]) == ([b"next"], 0)
