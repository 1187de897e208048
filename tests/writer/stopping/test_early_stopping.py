"""Early stopping in a training loop: fed by what is logged, read where checkpoints are saved."""

import io
import json
from collections.abc import Callable, Mapping
from math import nan
from pathlib import Path
from typing import Any, cast

import pytest

from trainmon import Writer
from trainmon.writer.stopping import Decision, EarlyStopping, terms
from trainmon.writer.stopping.terms import Terms

Events = Callable[[str], list[dict[str, Any]]]

F1 = Terms("val/f1", "max", patience=3)


def test_the_loop_learns_which_evaluation_is_worth_a_checkpoint(log: Writer) -> None:
    stop = EarlyStopping(log, F1)
    saved = []
    for epoch, f1 in enumerate([0.3, 0.5, 0.4, 0.6]):
        log.log({"val": {"f1": f1, "loss": 1.0}, "epoch": epoch}, step=100 * epoch)
        if stop.improved:
            saved.append(epoch)
    assert saved == [0, 1, 3]
    assert (stop.best, stop.best_step, stop.best_epoch) == (0.6, 300, 3)
    assert (stop.evaluations, stop.since_best, stop.metric) == (4, 0, "val/f1")


def test_before_the_first_evaluation_nothing_is_known(log: Writer) -> None:
    stop = EarlyStopping(log, F1)
    log.log({"train/loss": 0.5}, step=1)
    assert (stop.best, stop.best_step, stop.best_epoch, stop.improved) == (None, None, None, False)
    assert (stop.evaluations, stop.should_stop, stop.why) == (0, False, "")


def test_it_says_why_it_is_time_to_stop(log: Writer) -> None:
    stop = EarlyStopping(log, F1)
    for step, f1 in enumerate([0.7, 0.6, 0.6, nan]):
        log.log({"val/f1": f1}, step=step)
    assert stop
    assert stop.why == "val/f1 has not become better for 3 evaluations: its best was 0.7 at step 0"
    assert repr(stop) == "<EarlyStopping by val/f1: 3 of 3>"


def test_a_metric_that_was_never_finite_is_said_to_be_so(log: Writer) -> None:
    stop = EarlyStopping(log, F1)
    for step in range(3):
        log.log({"val/f1": nan}, step=step)
    assert stop.why == "val/f1 has not become better for 3 evaluations: it was never finite"


def test_that_the_second_metric_decides_is_told_once(
    log: Writer, stderr: io.StringIO, events: Events
) -> None:
    stop = EarlyStopping(log, F1)
    for step in range(1, 6):
        log.log({"val/f1": 0.0, "val/loss": 1.0 + step}, step=step)
        assert stop.improved == (step == 1)
    told = "val/f1 was 0 in all 2 evaluations: val/loss decides until it moves"
    assert stderr.getvalue() == f"trainmon: {told}\n"
    assert [(note["text"], note["step"]) for note in events("note")] == [(told, 2)]
    assert stop.why.endswith("its best was 2 at step 1 (val/f1 was 0 in all 5 evaluations)")


def test_the_log_tells_which_metric_is_monitored(log: Writer, events: Events) -> None:
    decision = Decision(log)
    decision.add(F1)
    decision.add(Terms("val/loss", "min"))
    config = [event["config"] for event in events("config")]
    assert config == [{"monitor": "val/f1", "mode": "max", "patience": 3}]


def test_a_resumed_run_goes_on_counting(log: Writer) -> None:
    before = EarlyStopping(log, F1)
    for epoch, f1 in enumerate([0.5, 0.6, 0.55]):
        log.log({"val/f1": f1, "val/loss": 1.0, "epoch": epoch}, step=epoch)
    state = json.loads(json.dumps(before.state_dict()))
    resumed = EarlyStopping(log, F1)
    resumed.load_state_dict(state)
    assert (resumed.best, resumed.best_epoch, resumed.since_best) == (0.6, 1, 1)
    log.log({"val/f1": 0.5}, step=4)
    log.log({"val/f1": 0.5}, step=5)
    assert (resumed.evaluations, resumed.should_stop) == (5, True)


@pytest.mark.parametrize(
    "state", [{}, None, 7, {"terms": None}, {"terms": {"metric": "val/loss"}}, "best"]
)
def test_a_state_that_is_none_is_told_and_the_count_begins_anew(
    log: Writer, stderr: io.StringIO, state: object
) -> None:
    stop = EarlyStopping(log, F1)
    stop.load_state_dict(cast("Mapping[str, object]", state))
    assert stop.evaluations == 0
    assert "val/f1 begins anew: its saved state is none of an early stopping" in stderr.getvalue()


def test_the_state_of_another_metric_is_not_taken(log: Writer, stderr: io.StringIO) -> None:
    stop = EarlyStopping(log, F1)
    stop.load_state_dict(EarlyStopping(log, Terms("val/loss", "min")).state_dict())
    assert "its saved state is of metric='val/loss', not 'val/f1'" in stderr.getvalue()


def test_terms_that_make_no_sense_are_told_and_replaced() -> None:
    told: list[str] = []
    agreed = terms(
        "val/f1",
        mode="highest",
        patience=0,
        min_delta=nan,
        start_after="soon",
        also="val/f1",
        complain=told.append,
    )
    assert agreed == Terms("val/f1", "max", patience=3, also=None, also_mode="max")
    assert told == [
        "mode='highest' is neither 'max' nor 'min'; 'max' is taken",
        "patience=0 makes no sense; 3 is taken",
        "min_delta=nan makes no sense; 0 is taken",
        "start_after='soon' makes no sense; 0 is taken",
    ]


def test_a_metric_that_is_logged_twice_at_a_step_is_one_evaluation(folder: Path) -> None:
    with Writer(folder) as log:
        stop = log.early_stopping("val/f1", patience=3)
        for step in (10, 20, 30):
            log.log({"val/f1": 0.5}, step=step)
            log.log({"val/f1": 0.5, "val/auroc": 0.7}, step=step)
    assert (stop.evaluations, bool(stop)) == (3, False)


def test_a_metric_that_was_never_logged_is_told_at_the_end(folder: Path) -> None:
    stderr = io.StringIO()
    with Writer(folder, stderr=stderr) as log:
        log.early_stopping("val/F1", mode="max")
        log.log({"val/f1": 0.5}, step=1)
    assert "no val/F1 was logged" in stderr.getvalue()
