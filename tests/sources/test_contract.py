"""What holds for every format: content decides, no cut matters, no accident breaks it.

The example logs lie in ``examples/<id of the format>/``; each file in there is one, unless its
format's `companions` name it.
"""

from itertools import cycle, repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.flat import all_of, monotone, read_in_pieces, rows_of
from trainmon.monitor import Monitor
from trainmon.source import Framing, Head, Source
from trainmon.sources import all_sources, choose

EXAMPLES = Path(__file__).parent / "examples"

each_source = pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.id)


def _logs() -> list[tuple[type[Source], Path]]:
    """Return every example log with its format."""
    found = []
    for source in all_sources():
        files = [path for path in (EXAMPLES / source.id).rglob("*") if path.is_file()]
        beside = {companion for path in files for companion in source(path).companions()}
        found += [(source, path) for path in sorted(files) if path not in beside]
    return found


LOGS = _logs()
each_log = pytest.mark.parametrize(
    ("source", "path"), LOGS, ids=[str(path.relative_to(EXAMPLES)) for _, path in LOGS]
)
quick = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@each_source
def test_a_format_has_an_id_a_summary_its_place_and_an_example(source: type[Source]) -> None:
    assert source.id == source.id.lower().replace(" ", "-")
    assert source.summary
    assert [other.order for other in all_sources()].count(source.order) == 1
    assert any(kind is source for kind, _ in LOGS)


@each_source
@pytest.mark.parametrize("head", [b"", b"\n", b"\x00\xff" * 99, b"text\n" * 9, b"1\n2\n", b"{}\n"])
@pytest.mark.parametrize("whole", [False, True])
def test_no_format_claims_what_holds_no_numbers(
    source: type[Source], head: bytes, *, whole: bool
) -> None:
    assert not source.recognises(Head(head, whole=whole))


@each_log
def test_content_alone_tells_the_format(source: type[Source], path: Path) -> None:
    assert choose(Head(path.read_bytes(), whole=True)) is source


@each_log
def test_no_beginning_of_a_log_is_taken_for_another_format(
    source: type[Source], path: Path
) -> None:
    data = path.read_bytes()
    lengths = np.unique(np.geomspace(1, len(data), 40).astype(int))
    chosen = {choose(Head(data[:length])) for length in lengths.tolist()}
    assert chosen <= {None, source}


@each_log
@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
def test_what_is_read_does_not_depend_on_the_cut(
    source: type[Source], path: Path, size: int
) -> None:
    data = path.read_bytes()
    whole = all_of(read_in_pieces(source, data, repeat(len(data)), path))
    assert all_of(read_in_pieces(source, data, repeat(size), path)) == whole
    assert whole[0]


@each_log
@quick
@given(share=st.floats(0, 1))
def test_a_torn_log_is_read_up_to_there(source: type[Source], path: Path, share: float) -> None:
    data = path.read_bytes()
    torn = data[: int(share * len(data))]
    parts = read_in_pieces(source, torn, cycle([100, 3, 1_000]), path)
    assert (
        len(rows_of(parts))
        <= len(rows_of(read_in_pieces(source, data, repeat(len(data)), path))) + 1
    )
    assert all(map(monotone, parts))


@each_log
@quick
@given(
    junk=st.binary(min_size=1, max_size=60) | st.just(b"\x00" * 500) | st.just(b"\r\r\n"),
    share=st.floats(0, 1),
    cut=st.integers(1, 500),
)
def test_junk_in_a_log_breaks_nothing(
    source: type[Source], path: Path, junk: bytes, share: float, cut: int
) -> None:
    data = path.read_bytes()
    place = int(share * len(data))
    spoiled = data[:place] + junk + data[place:]
    parts = read_in_pieces(source, spoiled, repeat(cut), path)
    assert all(map(monotone, parts))


@each_log
def test_a_line_written_twice_or_a_log_written_twice_breaks_nothing(
    source: type[Source], path: Path
) -> None:
    data = path.read_bytes()
    parts = read_in_pieces(source, data + data, repeat(4_096), path)
    assert all(map(monotone, parts))


@each_log
def test_check_reads_every_example(source: type[Source], path: Path) -> None:
    view = Monitor([path], strict=True).read_all(now=1e9)
    assert view.failures == ()
    assert {run.format for run in view.runs} == {source.id}
    assert sum(run.records for run in view.runs) > 0


def test_following_reads_what_reading_at_once_does(tmp_path: Path) -> None:
    for source, path in LOGS:
        if source.framing is Framing.DOCUMENT:
            continue
        data = path.read_bytes()
        log = tmp_path / source.id / path.relative_to(EXAMPLES / source.id)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        monitor = Monitor([log], strict=True)
        for step, start in enumerate(range(0, len(data), 777)):
            with log.open("ab") as appended:
                appended.write(data[start : start + 777])
            monitor.step(now=1e9 + 10 * step)
        followed = monitor.read_all(now=2e9)
        once = Monitor([log], strict=True).read_all(now=2e9)
        told = [
            [(run.name, run.records, run.superseded) for run in view.runs]
            for view in (followed, once)
        ]
        assert told[0] == told[1], path
