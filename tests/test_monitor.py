"""The monitor, step by step, on files that grow, are cut, replaced and resumed."""

from collections.abc import Iterable
from itertools import permutations
from pathlib import Path

import orjson
import pytest

from trainmon.context import Context
from trainmon.incidents import Incident
from trainmon.liveness import Process
from trainmon.monitor import JUDGING_SECONDS, Monitor
from trainmon.rule import Block, Event, Need
from trainmon.rules.non_finite import NonFinite, Watch
from trainmon.store.batch import Record
from trainmon.view import RunView, Status, View

NOW = 1_000_000_000.0
HEADER: Record = {"trainmon": 1, "run": "baseline", "time": NOW, "pid": 1, "host": "here"}


def _steps(start: int, stop: int, **values: float | str) -> list[Record]:
    return [{"step": n, "time": NOW + n, "train/loss": 1.0, **values} for n in range(start, stop)]


def _bytes(records: Iterable[Record]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def _append(path: Path, records: Iterable[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(_bytes(records))


class Watching:
    """A live monitor whose clock goes on by two seconds at each look: all files are due again."""

    def __init__(self, *paths: Path, process: Process = Process.UNKNOWN) -> None:
        self.now = NOW
        self.process = process
        self.monitor = Monitor(paths, live=True, process=lambda _: self.process)

    def look(self, seconds: float = 2.0) -> View:
        self.now += seconds
        while self.monitor.step(self.now):
            pass
        return self.monitor.view

    def run(self, seconds: float = 2.0) -> RunView:
        (run,) = self.look(seconds).runs
        return run


def _read(*paths: Path, process: Process = Process.UNKNOWN) -> View:
    return Monitor(paths, process=lambda _: process).read_all(NOW)


def _decided(run: RunView) -> list[Incident]:
    return list(run.findings)


def test_a_new_run_appears_while_watching(tmp_path: Path) -> None:
    watching = Watching(tmp_path)
    assert watching.look().runs == ()
    _append(tmp_path / "baseline" / "rank0.jsonl", [HEADER, *_steps(0, 5)])
    run = watching.run()
    assert (run.name, run.records, run.last_step) == ("baseline", 5, 4)


def test_half_a_line_waits_for_its_rest(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    watching = Watching(tmp_path)
    whole = _bytes([HEADER, *_steps(0, 3)])
    path.write_bytes(whole[:-20])
    assert watching.run().records == 2
    path.write_bytes(whole)
    assert watching.run().records == 3


def test_a_last_line_without_newline_is_read_when_the_log_has_ended(tmp_path: Path) -> None:
    (tmp_path / "rank0.jsonl").write_bytes(_bytes([HEADER, *_steps(0, 3)]).rstrip())
    (run,) = _read(tmp_path).runs
    assert run.records == 3


def test_a_replaced_file_starts_over_with_its_findings(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    watching = Watching(tmp_path)
    _append(path, [HEADER, *_steps(0, 5, **{"train/loss": "NaN"})])
    assert watching.run().worst is not None
    other = tmp_path / "other.tmp"
    other.write_bytes(_bytes([HEADER, *_steps(0, 3)]))
    other.rename(path)
    run = watching.run()
    assert (run.records, run.findings) == (3, ())
    assert any("replaced" in notice for notice in run.notices)


def test_a_truncated_file_starts_over(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    watching = Watching(tmp_path)
    _append(path, [HEADER, *_steps(0, 50)])
    watching.look()
    path.write_bytes(_bytes([HEADER, *_steps(0, 2)]))
    assert watching.run().records == 2


def test_a_replaced_file_of_several_runs_forgets_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    watching = Watching(tmp_path)
    _append(path, [*_steps(0, 9), *_steps(0, 9)])
    assert [run.superseded for run in watching.look().runs] == [False, True]
    path.write_bytes(_bytes(_steps(0, 3)))
    assert watching.run().records == 3


def test_a_resumed_run_continues_as_one(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    watching = Watching(tmp_path)
    _append(path, [HEADER, *_steps(0, 10)])
    watching.look()
    _append(path, [HEADER | {"attempt": 1}, *_steps(8, 20)])
    run = watching.run()
    assert (run.records, run.last_step) == (22, 19)
    assert run.lead.rewinds == (12,)
    assert run.context.baseline_row == 12


def test_several_ranks_give_the_same_findings_in_whatever_order_they_arrive(tmp_path: Path) -> None:
    logs = {
        rank: [HEADER | {"rank": rank}, *_steps(0, 20), *_steps(20, 25, grad_norm=loss)]
        for rank, loss in ((0, 1.0), (1, "NaN"), (2, "Infinity"))
    }
    told = []
    for order in permutations(logs):
        folder = tmp_path / "-".join(map(str, order))
        watching = Watching(folder)
        for rank in order:
            _append(folder / f"rank{rank}.jsonl", logs[rank])
            watching.look()
        told.append(_decided(watching.run()))
    assert {finding.rank for finding in told[0]} == {1, 2}
    assert all(findings == told[0] for findings in told)


def test_a_rank_that_was_read_first_does_not_stay_the_lead(tmp_path: Path) -> None:
    watching = Watching(tmp_path)
    _append(tmp_path / "rank3.jsonl", [HEADER, *_steps(0, 5)])
    assert watching.run().lead.rank == 3
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 7)])
    assert watching.run().lead.rank == 0


def test_a_file_that_is_no_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing\n" * 100)
    _append(tmp_path / "run" / "rank0.jsonl", [HEADER, *_steps(0, 3)])
    view = _read(tmp_path)
    assert [run.name for run in view.runs] == ["baseline"]
    assert view.notices == ()
    assert view.failures == ()


def test_a_given_file_in_no_known_format_is_a_failure_with_a_hint(
    tmp_path: Path,
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing\n" * 100)
    (failure,) = _read(path).failures
    assert "no format recognises it (trainmon formats lists them)" in failure


def test_an_empty_file_is_told_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    path.touch()
    assert _read(path).failures == (f"'{path}': it is empty",)


@pytest.mark.parametrize("given", ["file", "folder"])
def test_a_header_of_a_newer_version_is_refused_with_a_hint(given: str, tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    _append(path, [HEADER | {"trainmon": 2}, *_steps(0, 3)])
    (failure,) = _read(path if given == "file" else tmp_path).failures
    assert "version 2" in failure
    assert "pip install -U trainmon" in failure


def test_a_path_that_does_not_exist_is_a_failure(tmp_path: Path) -> None:
    (failure,) = _read(tmp_path / "nothing").failures
    assert failure.endswith("does not exist")


def test_silence_of_a_living_process_is_stalled_until_the_next_record(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    watching = Watching(tmp_path, process=Process.ALIVE)
    _append(path, [HEADER, *_steps(0, 100)])
    assert watching.run().status == Status.RUNNING
    stalled = watching.run(seconds=3_600)
    assert stalled.status == Status.STALLED
    assert [(f.rule, f.live, f.cleared) for f in stalled.findings] == [("stalled", True, False)]
    assert [diagnosis.cause for diagnosis in stalled.diagnosis] == ["hang"]
    _append(path, [{"step": 101, "time": watching.now, "train/loss": 1.0}])
    again = watching.run()
    assert again.status == Status.RUNNING
    assert [finding.cleared for finding in again.findings] == [True]


def test_silence_of_a_process_that_is_gone_is_a_crash_to_who_watches(tmp_path: Path) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 100)])
    watching = Watching(tmp_path, process=Process.GONE)
    run = watching.run(seconds=3_600)
    assert (run.status, [(f.rule, f.live) for f in run.findings]) == (
        Status.CRASHED,
        [("crashed", True)],
    )


def test_a_log_of_a_year_ago_is_unknown_and_without_findings(tmp_path: Path) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 100)])
    for run in (_read(tmp_path).runs[0], Watching(tmp_path).run(seconds=365 * 86_400)):
        assert (run.status, run.findings) == (Status.UNKNOWN, ())


@pytest.mark.parametrize(
    ("process", "status"), [(Process.ALIVE, Status.RUNNING), (Process.GONE, Status.UNKNOWN)]
)
def test_a_log_that_is_read_once_runs_if_its_process_lives(
    process: Process, status: Status, tmp_path: Path
) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 10)])
    assert _read(tmp_path, process=process).runs[0].status == status


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ({"event": "finish", "status": "finished"}, Status.FINISHED),
        ({"event": "finish", "status": "failed"}, Status.CRASHED),
        ({"event": "finish"}, Status.FINISHED),
        ({"event": "exception", "type": "ValueError", "message": "no"}, Status.CRASHED),
        ({"event": "note", "text": "hello"}, Status.UNKNOWN),
    ],
)
def test_the_last_event_tells_how_a_run_ended(end: Record, status: Status, tmp_path: Path) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 10), end])
    assert _read(tmp_path).runs[0].status == status


def test_notes_after_the_end_do_not_take_it_back_and_metrics_do(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    _append(path, [HEADER, *_steps(0, 10), {"event": "finish"}, {"event": "note", "text": "."}])
    assert _read(path).runs[0].status == Status.FINISHED
    _append(path, _steps(10, 12))
    assert _read(path).runs[0].status == Status.UNKNOWN


def test_a_run_that_was_seen_to_grow_is_running(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    watching = Watching(tmp_path)
    _append(path, [HEADER, *_steps(0, 5)])
    assert watching.run().status == Status.UNKNOWN
    _append(path, _steps(5, 6))
    assert watching.run().status == Status.RUNNING


def test_a_header_alone_is_a_run_of_which_nothing_is_known(tmp_path: Path) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER])
    (run,) = _read(tmp_path).runs
    assert (run.status, run.records, run.findings, run.clear) == (Status.UNKNOWN, 0, (), ())


def test_lines_that_are_no_json_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    path.write_bytes(_bytes([HEADER]) + b"torn{\n[1]\n" + _bytes(_steps(0, 3)))
    view = _read(path)
    assert view.runs[0].records == 3
    assert view.notices == ("rank0.jsonl: skipped lines that are no JSON object: 2",)


def test_a_step_that_goes_back_to_the_start_supersedes_the_run_before(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    _append(path, [*_steps(0, 9, **{"train/loss": "NaN"}), *_steps(0, 6), *_steps(0, 3)])
    runs = _read(path).runs
    assert [(run.records, run.superseded) for run in runs] == [(3, False), (9, True), (6, True)]
    assert len({run.key for run in runs}) == 3


def test_the_run_that_logged_last_comes_first(tmp_path: Path) -> None:
    _append(tmp_path / "early" / "rank0.jsonl", [HEADER | {"run": "early"}, *_steps(0, 5)])
    _append(tmp_path / "late" / "rank0.jsonl", [HEADER | {"run": "late"}, *_steps(0, 9)])
    assert [run.name for run in _read(tmp_path).runs] == ["late", "early"]


def test_a_quiet_step_publishes_nothing(tmp_path: Path) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 5)])
    watching = Watching(tmp_path)
    view = watching.look()
    assert watching.look() is view


def test_a_view_is_never_changed_after_it_was_published(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    watching = Watching(tmp_path)
    _append(path, [HEADER, *_steps(0, 5)])
    earlier = watching.run()
    _append(path, _steps(5, 500))
    later = watching.run()
    assert (earlier.records, later.records) == (5, 500)
    assert earlier.lead.series["train/loss"].values.tolist() == [1.0] * 5
    assert later.lead.series["train/loss"].values.flags.writeable is False


def test_a_step_ends_when_its_time_is_used_up(tmp_path: Path) -> None:
    for name in "abc":
        _append(tmp_path / name / "rank0.jsonl", [HEADER, *_steps(0, 5)])
    clock = iter(range(1_000))
    monitor = Monitor([tmp_path], timer=lambda: float(next(clock)))
    monitor.step(NOW)
    assert len(monitor.view.runs) == 1
    assert monitor.next_due(NOW) <= NOW
    monitor.step(NOW)
    monitor.step(NOW)
    assert len(monitor.view.runs) == 3


def test_a_backlog_is_told_as_the_share_that_was_read(tmp_path: Path) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 500)])
    monitor = Monitor([tmp_path], chunk=512)
    assert monitor.step(NOW)
    early = monitor.view
    assert early.reading is not None
    assert 0 < early.reading < 0.5
    while monitor.step(NOW):
        pass
    assert monitor.view.reading is None
    assert monitor.view.runs[0].records == 500


def test_a_wake_makes_a_quiet_file_due_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    _append(path, [HEADER, *_steps(0, 5)])
    monitor = Monitor([tmp_path], live=True)
    for second in range(20):
        monitor.step(NOW + second)
    _append(path, _steps(5, 6))
    monitor.wake([path], NOW + 19.2)
    monitor.step(NOW + 19.2)
    assert monitor.view.runs[0].records == 6


def test_runs_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        _append(tmp_path / folder / "log.jsonl", _steps(1, 3))
    assert {run.name for run in _read(tmp_path).runs} == {"first", "second"}


def test_an_end_whose_status_is_no_text_is_an_end_and_harms_no_other_run(tmp_path: Path) -> None:
    end: Record = {"event": "finish", "status": {"a": 1}}
    _append(tmp_path / "odd" / "rank0.jsonl", [{"trainmon": 1}, end])
    _append(tmp_path / "fine" / "rank0.jsonl", [{"trainmon": 1}, *_steps(1, 3)])
    assert {run.name: run.status for run in _read(tmp_path).runs} == {
        "odd": Status.FINISHED,
        "fine": Status.UNKNOWN,
    }


class Broken(NonFinite):
    """A rule with a bug."""

    id = "broken"

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        del state, context, block
        raise ZeroDivisionError("no such number")


def test_a_rule_with_a_bug_is_stopped_and_told_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    _append(path, [*_steps(1, 3), *_steps(3, 5, **{"train/loss": "NaN"})])
    (run,) = Monitor([path], rules=[Broken(), NonFinite()]).read_all(NOW).runs
    assert [finding.rule for finding in run.findings] == ["non-finite"]
    assert run.notices == (
        "rule broken failed and was stopped, please report it: ZeroDivisionError: no such number",
    )


class Needless(NonFinite):
    """A rule that breaks what is told of a run."""

    id = "needless"

    @property
    def needs(self) -> tuple[Need, ...]:  # type: ignore[override]  # a bug is what is tested
        raise ZeroDivisionError("no such need")


def test_a_run_that_breaks_is_told_and_ends_neither_the_reading_nor_the_program(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.jsonl"
    _append(path, _steps(1, 3))
    view = Monitor([path], rules=[Needless()]).read_all(NOW)
    assert view.runs == ()
    assert view.failures == (f"'{path}': a bug, please report it: ZeroDivisionError: no such need",)


def test_a_strict_monitor_raises_what_breaks(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    _append(path, _steps(1, 3))
    with pytest.raises(ZeroDivisionError):
        Monitor([path], rules=[Needless()], strict=True).read_all(NOW)


def test_a_given_log_of_a_known_format_without_a_record_is_a_run_of_none(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    path.write_bytes(_bytes([HEADER]))
    (run,) = _read(path).runs
    assert (run.records, run.status) == (0, "unknown")


def test_a_log_that_is_rotated_while_it_is_watched_is_one_run(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    _append(log, _steps(0, 3))
    monitor = Monitor([tmp_path], live=True, strict=True)
    monitor.step(now=1e9)
    log.rename(tmp_path / "log.jsonl.1")
    _append(log, _steps(3, 5))
    monitor.step(now=1e9 + 2)
    (run,) = monitor.read_all(now=1e9 + 4).runs
    assert run.lead.steps[:].tolist() == [0, 1, 2, 3, 4]


def test_an_older_part_that_was_read_before_its_log_appeared_belongs_to_it(tmp_path: Path) -> None:
    _append(tmp_path / "log.jsonl.1", _steps(0, 3))
    monitor = Monitor([tmp_path], live=True, strict=True)
    monitor.step(now=1e9)
    assert len(monitor.view.runs) == 1
    _append(tmp_path / "log.jsonl", _steps(3, 5))
    monitor.step(now=1e9 + 2)
    (run,) = monitor.read_all(now=1e9 + 4).runs
    assert run.lead.steps[:].tolist() == [0, 1, 2, 3, 4]


def test_a_folder_of_logs_without_a_record_holds_runs_of_none(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "rank0.jsonl").write_bytes(_bytes([HEADER]))
    view = _read(tmp_path)
    assert [run.records for run in view.runs] == [0]
    assert view.failures == ()


def test_a_run_that_grows_is_shown_at_once_and_judged_a_little_later(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    losses = [0.5 - n / 100 for n in range(10)]
    turned = [*losses, *(0.5 + n for n in range(20))]
    every = [{"step": n, "epoch": n, "val/loss": loss} for n, loss in enumerate(turned)]
    _append(path, [HEADER, *_steps(0, 5), *every[:12]])
    watching = Watching(tmp_path)
    watching.run()
    _append(path, every[12:])
    later = watching.run(seconds=0.75 * JUDGING_SECONDS)
    assert later.last_step == 29
    assert not later.findings
    assert watching.monitor.next_due(watching.now) <= watching.now + 0.25 * JUDGING_SECONDS
    assert watching.run(seconds=0.25 * JUDGING_SECONDS).findings


def test_the_first_value_that_is_not_finite_and_an_event_wait_for_nobody(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    _append(path, [HEADER, *_steps(0, 5)])
    watching = Watching(tmp_path)
    watching.run()
    _append(path, [{"step": 5, "train/loss": "NaN"}])
    (finding,) = watching.run(seconds=0.25).findings
    assert (finding.rule, finding.step) == ("non-finite", 5)
    _append(path, [{"event": "exception", "type": "RuntimeError", "message": "out of memory"}])
    assert {each.rule for each in watching.run(seconds=0.25).findings} == {"non-finite", "crashed"}


def test_curves_are_shown_before_the_rules_are_loaded_and_judged_by_them_then(
    tmp_path: Path,
) -> None:
    _append(tmp_path / "rank0.jsonl", [HEADER, *_steps(0, 5), {"step": 5, "train/loss": "NaN"}])
    monitor = Monitor([tmp_path], live=True, rules_later=True)
    assert monitor.step(NOW), "there is more to do at once"
    (run,) = monitor.view.runs
    assert (run.records, run.findings, run.clear) == (6, (), ())
    assert run.context.train_loss == "train/loss"
    assert not monitor.step(NOW)
    (run,) = monitor.view.runs
    assert [finding.rule for finding in run.findings] == ["non-finite"]
    assert run.clear
