"""The formats: content decides, and what was read does not depend on how it was cut."""

from collections.abc import Sequence

import numpy as np
import orjson
import pytest

from trainmon.errors import FormatError
from trainmon.source import Part, Source
from trainmon.sources import all_sources, choose
from trainmon.sources.jsonl import JsonLinesSource
from trainmon.sources.native import NativeSource
from trainmon.store.batch import Record

each_source = pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.id)


def _lines(*records: Record) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def _runs(parts: Sequence[Part]) -> list[list[float]]:
    """Return the steps of each run that these parts hold."""
    runs: list[list[float]] = [[]]
    for part in parts:
        if part.begins_run:
            runs.append([])
        runs[-1] += part.batch.steps.tolist()
    return runs


@each_source
def test_a_format_has_an_id_a_summary_and_its_place(source: type[Source]) -> None:
    assert source.id
    assert source.summary
    assert [other.order for other in all_sources()].count(source.order) == 1


@each_source
@pytest.mark.parametrize("head", [b"", b"\n", b"\x00\xff" * 99, b"text\n" * 9, b"1\n2\n", b"{}\n"])
def test_no_format_claims_what_holds_no_numbers(source: type[Source], head: bytes) -> None:
    assert not source.recognises(head)


def test_a_header_makes_a_log_our_own() -> None:
    assert choose(_lines({"trainmon": 1}, {"loss": 1.0})) is NativeSource
    assert choose(b"torn{\n" + _lines({"trainmon": 1})) is NativeSource


def test_objects_of_numbers_are_json_lines() -> None:
    assert (
        choose(_lines({"step": 1, "loss": 1.0}, {"message": "hello"}, {"loss": 2}))
        is JsonLinesSource
    )


def test_objects_of_texts_are_no_log() -> None:
    assert choose(_lines({"message": "hello"}, {"level": "info"})) is None


@pytest.mark.parametrize("version", [2, 1.5, 1e9])
def test_a_later_version_of_our_own_format_is_refused(version: float) -> None:
    with pytest.raises(FormatError, match="pip install -U trainmon"):
        NativeSource().read(_lines({"trainmon": version}))


def test_unknown_events_and_fields_of_our_own_format_are_read_over() -> None:
    (part,) = NativeSource().read(_lines({"trainmon": 1, "new": {"a": 1}}, {"event": "newer"}))
    assert part.batch.n_rows == 2


def test_lines_that_are_no_objects_are_counted() -> None:
    (part,) = NativeSource().read(_lines({"trainmon": 1}) + b"torn{\n[1]\n")
    assert part.unreadable == 2


@pytest.mark.parametrize(
    "key", ["step", "global_step", "iteration", "iter", "_step", "trainer/global_step"]
)
def test_steps_are_known_by_many_names(key: str) -> None:
    parts = JsonLinesSource().read(_lines({key: 3, "loss": 1.0}, {key: 4, "loss": 1.0}))
    assert _runs(parts) == [[3, 4]]


def test_records_may_name_their_places_differently() -> None:
    lines = _lines({"iter": 1, "loss": 1.0}, {"step": 2, "train/epoch": 0.5, "val_loss": 1.0})
    (part,) = JsonLinesSource().read(lines)
    assert part.batch.steps.tolist() == [1, 2]
    assert part.batch.epochs[1] == 0.5


def test_seconds_of_an_iteration_are_no_time_of_day() -> None:
    (part,) = JsonLinesSource().read(_lines({"step": 1, "time": 0.25}))
    assert np.isnan(part.batch.times).all()
    assert part.batch.samples["time"].values.tolist() == [0.25]


def test_a_step_that_goes_back_to_the_start_begins_another_run() -> None:
    steps = (0, 1, 2, 0, 1, 0)
    parts = JsonLinesSource().read(_lines(*({"step": step, "loss": 1.0} for step in steps)))
    assert _runs(parts) == [[0, 1, 2], [0, 1], [0]]


def test_a_step_that_goes_back_less_far_is_a_resume() -> None:
    steps = (0, 1, 2, 3, 2, 3, 4)
    parts = JsonLinesSource().read(_lines(*({"step": step, "loss": 1.0} for step in steps)))
    assert len(_runs(parts)) == 1


def test_steps_that_are_counted_within_epochs_are_one_run() -> None:
    records = ({"step": n % 5, "epoch": n // 5, "loss": 1.0} for n in range(20))
    assert len(_runs(JsonLinesSource().read(_lines(*records)))) == 1


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_runs_and_places_are_the_same_however_a_file_is_cut(cut: int) -> None:
    records: list[Record] = [{"loss": 1.0}]
    records += [{"global_step": n % 7, "timestamp": 1.7e9 + n, "loss": 1.0} for n in range(20)]
    records += [{"step": 9, "epoch": 3, "val_loss": 1.0}]
    source, parts = JsonLinesSource(), list[Part]()
    for start in range(0, len(records), cut):
        parts += source.read(_lines(*records[start : start + cut]))
    whole = JsonLinesSource().read(_lines(*records))
    assert str(_runs(parts)) == str(_runs(whole))
    times = np.concatenate([part.batch.times for part in parts])
    assert np.array_equal(times, np.concatenate([p.batch.times for p in whole]), equal_nan=True)
