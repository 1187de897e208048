import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trainmon.wire.crc32c import crc32c, crc32c_of_spans


def test_the_published_check_value_comes_out() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


@settings(deadline=None)  # the plain loop that it is compared with takes long
@given(
    st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 4_000)), max_size=40),
    st.integers(0, 2**32),
)
def test_many_spans_at_once_have_the_checksums_of_each(
    spans: list[tuple[int, int]], seed: int
) -> None:
    data = np.random.default_rng(seed).bytes(4_000)
    ordered = [sorted(span) for span in spans]
    starts, ends = np.array(ordered, np.int64).reshape(-1, 2).T
    expected = [crc32c(data[start:end]) for start, end in ordered]
    assert crc32c_of_spans(data, starts, ends).tolist() == expected
