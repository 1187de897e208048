"""Leaving the training loop: decided once, said once, and never an error."""

import io
from collections.abc import Callable
from math import nan
from typing import Any

from trainmon import Writer
from trainmon.writer.stopping import Decision
from trainmon.writer.stopping.terms import Terms

Events = Callable[[str], list[dict[str, Any]]]

F1 = Terms("val/f1", "max", patience=2)


def evaluate(log: Writer, *values: float) -> None:
    for step, f1 in enumerate(values):
        log.log({"val/f1": f1}, step=step)


def out_of_touch(_own: bool) -> bool:  # noqa: FBT001 - the signature of a consensus
    raise ConnectionError("rank 1 is gone")


def test_nothing_that_could_stop_a_run_does_not(log: Writer, events: Events) -> None:
    decision = Decision(log)
    evaluate(log, 0.5, 0.4, 0.3, 0.2)
    assert not decision.ask()
    assert events("stop") == []


def test_the_first_stop_says_why_on_stderr_and_in_the_log(
    log: Writer, stderr: io.StringIO, events: Events
) -> None:
    decision = Decision(log)
    decision.add(F1)
    evaluate(log, 0.5, 0.4, 0.3)
    assert (decision.ask(), decision.ask()) == (True, True)
    why = "val/f1 has not become better for 2 evaluations: its best was 0.5 at step 0"
    assert stderr.getvalue() == f"trainmon: stopping: {why}\n"
    [stop] = events("stop")
    del stop["time"]
    expected = {"why": why, "metric": "val/f1", "best": 0.5, "best_step": 0, "patience": 2}
    assert stop == {"event": "stop", "step": 2, **expected}


def test_what_is_decided_stays_though_the_metric_recovers(log: Writer) -> None:
    decision = Decision(log)
    stop = decision.add(F1)
    evaluate(log, 0.5, 0.4, 0.3)
    assert decision.ask()
    evaluate(log, 0.6)
    assert (decision.ask(), stop.should_stop) == (True, False)


def test_any_of_several_early_stoppings_is_enough(log: Writer) -> None:
    decision = Decision(log)
    decision.add(Terms("val/auroc", "max"))
    decision.add(F1)
    evaluate(log, 0.5, 0.4, 0.3)
    assert decision.ask()


def test_a_loss_that_is_not_finite_stops_a_run_that_asked_for_it(
    log: Writer, stderr: io.StringIO, events: Events
) -> None:
    decision, indifferent = Decision(log, stop_on_nonfinite=True), Decision(log)
    assert not decision.ask()
    log.log({"train/loss": nan}, step=7)
    assert (decision.ask(), indifferent.ask()) == (True, False)
    assert stderr.getvalue() == "trainmon: stopping: train/loss is not finite\n"
    assert [(stop["metric"], stop["step"]) for stop in events("stop")] == [("train/loss", 7)]


def test_another_rank_obeys_and_notes_it_without_a_word(
    log: Writer, stderr: io.StringIO, events: Events
) -> None:
    assert Decision(log, rank=1, agree=lambda _own: True).ask()
    assert stderr.getvalue() == ""
    assert [stop["why"] for stop in events("stop")] == ["rank 0 decided"]


def test_an_own_reason_does_not_stop_a_rank_while_rank_0_goes_on(log: Writer) -> None:
    decision = Decision(log, rank=1, agree=lambda _own: False)
    decision.add(F1)
    evaluate(log, 0.5, 0.4, 0.3)
    assert not decision.ask()


def test_no_rank_is_asked_after_the_decision(log: Writer) -> None:
    asked: list[bool] = []

    def alone(own: bool) -> bool:  # noqa: FBT001 - as above
        asked.append(own)
        return own

    decision = Decision(log, agree=alone)
    decision.add(F1)
    assert not decision.ask()
    evaluate(log, 0.5, 0.4, 0.3)
    assert (decision.ask(), decision.ask()) == (True, True)
    assert asked == [False, True]


def test_ranks_that_cannot_be_reached_stop_nothing_and_are_asked_no_more(
    log: Writer, stderr: io.StringIO
) -> None:
    decision = Decision(log, agree=out_of_touch)
    decision.add(F1)
    evaluate(log, 0.5, 0.4, 0.3)
    assert (decision.ask(), decision.ask()) == (False, False)
    assert stderr.getvalue() == (
        "trainmon: the ranks cannot agree on stopping, so none is told to: rank 1 is gone\n"
    )
