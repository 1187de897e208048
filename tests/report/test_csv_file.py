"""The series of a run as CSV."""

from csv import DictReader
from io import StringIO

from tests.ui.scenes import overfitting, run_of
from trainmon.report.csv_file import write_csv
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane
from trainmon.store.lane_view import LaneView


def _lane(records: list[Record]) -> LaneView:
    lane = Lane()
    lane.append(batch_of(records))
    return lane.view()


def _written(lane: LaneView) -> list[dict[str, str]]:
    file = StringIO(newline="")
    assert write_csv(lane, file) == file.getvalue().count("\n") - 1
    file.seek(0)
    return list(DictReader(file))


def test_each_record_is_a_line_and_what_it_does_not_hold_is_empty() -> None:
    lines = _written(_lane([{"step": 1, "loss": 0.5}, {"step": 2, "epoch": 0.5, "val": 3}]))
    assert lines == [
        {"step": "1", "epoch": "", "time": "", "loss": "0.5", "val": ""},
        {"step": "2", "epoch": "0.5", "time": "", "loss": "", "val": "3"},
    ]


def test_values_that_are_not_finite_are_spelled_as_in_the_log() -> None:
    lines = _written(_lane([{"loss": "NaN"}, {"loss": "-Infinity"}, {"loss": 1e300}]))
    assert [line["loss"] for line in lines] == ["NaN", "-Infinity", "1e+300"]


def test_headers_and_events_are_no_lines() -> None:
    run = run_of(overfitting())
    assert len(_written(run.lead)) == run.records


def test_a_log_longer_than_what_is_written_at_once_is_whole_and_exact() -> None:
    records: list[Record] = [{"step": n, "loss": 1 / (1 + n)} for n in range(25_000)]
    lines = _written(_lane(records))
    assert [float(line["loss"]) for line in lines] == [record["loss"] for record in records]


def test_a_name_is_no_formula_and_holds_no_escape() -> None:
    (line,) = _written(_lane([{"=cmd|calc": 1.0, "a\x1b[2Jb": 2.0}]))
    assert "'=cmd|calc" in line
    assert not any("\x1b" in name for name in line)
