"""A run as the view tells it."""

import pytest

from trainmon.context import Context
from trainmon.judge import Judge
from trainmon.liveness import Process
from trainmon.rule import Need
from trainmon.rules import all_rules
from trainmon.run import Run
from trainmon.standing import JudgedBy
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane


def _run(*headers: Record, process: Process = Process.ALIVE) -> Run:
    run = Run("run", "run", "logs/run", [])
    run.process = process
    for rank, header in enumerate(headers):
        run.take(rank, batch_of([{"trainmon": 1, **header}]))
    run.judge()
    return run


@pytest.mark.parametrize(
    ("headers", "pids"),
    [
        ([{"host": "a", "pid": 5}, {"host": "a", "pid": 6}, {"host": "b", "pid": 7}], (5, 6)),
        ([{"host": "a", "pid": 5}, {"host": "a"}, {"host": "a", "pid": "x"}], (5,)),
    ],
)
def test_its_processes_are_those_of_its_ranks_on_the_host_of_the_lead(
    headers: list[Record], pids: tuple[int, ...]
) -> None:
    assert _run(*headers).view(live=True).pids == pids


@pytest.mark.parametrize("process", [Process.GONE, Process.UNKNOWN])
def test_a_run_that_is_not_here_has_no_processes(process: Process) -> None:
    assert _run({"host": "a", "pid": 5}, process=process).view(live=True).pids == ()


def test_a_rule_is_judged_from_the_view_on_that_has_its_signal() -> None:
    run = Run("run", "run", "logs/run", all_rules())
    told = []
    for step in range(3):
        signal = {"data_time": 0.1, "step_time": 0.5} if step else {"train/loss": 1.0}
        run.take(0, batch_of([{"step": step, **signal}]))
        run.judge()
        view = run.view(live=True)
        told.append(("loader-bound" in view.clear, {each.rule for each in view.not_judged}))
    assert [clear for clear, _ in told] == [False, True, True]
    assert ["loader-bound" in missing for _, missing in told] == [True, False, False]


def test_what_rules_looked_is_found_out_anew_only_when_something_new_tells_it() -> None:
    asked = []

    class Counted(type(all_rules()[0])):  # type: ignore[misc]  # whichever it is
        def missing(self, context: Context) -> list[Need]:
            asked.append(context)
            return super().missing(context)  # type: ignore[no-any-return]  # as above

    judge, told = Judge(Lane(0), rules := [Counted()]), JudgedBy()
    first = told.tell(rules, judge, ())
    assert told.tell(rules, judge, ()) is first
    assert len(asked) == 1
    assert told.tell(rules, judge, {rules[0].id}) == ((), ())
    assert told.tell(rules, judge, ()) == first
    assert told.tell(rules, judge, (), judge.context) == first
    assert len(asked) >= 3
