"""trainmon's own format."""

from pathlib import Path

import orjson
import pytest

from trainmon.errors import FormatError
from trainmon.source import Head
from trainmon.sources import choose
from trainmon.sources.native import NativeSource
from trainmon.store.batch import Record


def _lines(*records: Record) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def test_a_header_makes_a_log_our_own() -> None:
    assert choose(Head(_lines({"trainmon": 1}, {"loss": 1.0}))) is NativeSource


def test_a_torn_line_may_stand_before_the_header() -> None:
    assert choose(Head(b"torn{\n" + _lines({"trainmon": 1}))) is NativeSource


@pytest.mark.parametrize("version", [2, 1.5, 1e9])
def test_a_later_version_of_our_own_format_is_refused(version: float) -> None:
    with pytest.raises(FormatError, match="pip install -U trainmon"):
        NativeSource().read(_lines({"trainmon": version}))


def test_unknown_events_and_fields_of_our_own_format_are_read_over() -> None:
    (part,) = NativeSource().read(_lines({"trainmon": 1, "new": {"a": 1}}, {"event": "newer"}))
    assert part.batch.n_rows == 2


def test_lines_that_are_no_objects_are_counted() -> None:
    (part,) = NativeSource().read(_lines({"trainmon": 1}) + b"torn{\n[1]\n")
    assert part.skipped == {"lines that are no JSON object": 2}


def test_the_rank_files_of_a_folder_are_one_run() -> None:
    home = NativeSource.home(Path("logs/baseline/rank3.jsonl"))
    assert (home.run, home.rank) == (Path("logs/baseline"), 3)
