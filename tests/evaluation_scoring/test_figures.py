import pytest

from tests.evaluation.case import Fault
from tests.evaluation.figures import figures
from tests.evaluation.required import unmet
from tests.evaluation_scoring.made_up import alarm, case, primary, right, silent, verdict
from trainmon.rule import Severity


def test_causes_are_counted_over_all_faults_whether_found_or_not() -> None:
    told = figures([right(), right(), verdict(case())])
    assert (told.found.count, told.right.count, told.right.total) == (2, 2, 3)


def test_false_warnings_are_counted_by_finding_and_by_log() -> None:
    noisy = verdict(case(None, seed=7), alarm(), alarm("loss-spike"))
    told = figures([noisy, silent(), silent(1)])
    assert told.false_per_run == pytest.approx(2 / 3)
    assert (told.alarmed_logs.count, told.alarmed_logs.total) == (1, 3)


def test_the_logs_of_one_training_count_once_where_a_bound_is_told() -> None:
    logs = [verdict(case(None, every=every), alarm()) for every in (1, 10, 50)]
    told = figures([*logs, silent(), silent(1)])
    assert (told.alarmed.count, told.alarmed.total) == (1, 3)


def test_an_info_on_a_healthy_run_is_no_false_warning() -> None:
    told = figures([verdict(case(None), alarm(severity=Severity.INFO))])
    assert (told.false_per_run, told.alarmed.count) == (0.0, 0)


def test_delays_are_told_by_their_median_and_their_ninetieth_percentile() -> None:
    verdicts = [verdict(case(seed=n), alarm(spoke=100.0 + 10 * n)) for n in range(1, 11)]
    delay = figures(verdicts).delay
    assert delay.quantile(0.5) == (50.0, 0.05)
    assert delay.quantile(0.9) == (90.0, 0.09)


def test_there_is_no_delay_where_nothing_was_found() -> None:
    assert figures([verdict(case())]).delay.quantile(0.5) is None


def test_values_that_are_not_finite_must_be_told_within_a_record() -> None:
    limit = figures(
        [
            verdict(case(), alarm(spoke=301.0), broke=300.0),
            verdict(case(), alarm(spoke=302.0), broke=300.0),
            verdict(case(every=10), alarm(spoke=310.0), broke=300.0),
        ]
    ).limits[0]
    assert (limit.limit.words, limit.share.count, limit.share.total) == ("1 record", 2, 3)


def test_exact_rules_may_take_an_epoch_if_that_is_longer_than_200_steps() -> None:
    fault = Fault(frozenset({"no-positives"}), ("no-positives",), 0.0)
    long, short = (
        verdict(case(fault), alarm("no-positives", 250.0), steps_per_epoch=steps)
        for steps in (300.0, 100.0)
    )
    assert figures([long, short]).limits[1].share.count == 1


def test_overfitting_must_be_told_within_a_tenth_of_the_run() -> None:
    fault = Fault(frozenset({"overfitting"}), ("overfitting",), 200.0)
    soon, late = (verdict(case(fault), alarm("overfitting", step)) for step in (300.0, 301.0))
    limit = figures([soon, late]).limits[2]
    assert (limit.share.count, limit.share.total) == (1, 2)


def test_overfitting_begins_at_the_best_evaluation_not_where_it_was_invited() -> None:
    fault = Fault(frozenset({"overfitting"}), ("overfitting",), 0.0)
    told = verdict(case(fault), alarm("overfitting", 480.0), best=400.0)
    assert told.delay == 80.0
    assert figures([told]).limits[2].share.count == 1


def test_what_reaches_all_limits_passes() -> None:
    assert unmet(figures([right(), silent()])) == []


def test_every_missed_limit_is_told() -> None:
    noisy = verdict(case(None), alarm())
    missed = unmet(figures([verdict(case(), causes=(primary("hang"),)), noisy]))
    assert len(missed) == 4


def test_nothing_to_judge_is_no_success() -> None:
    assert unmet(figures([]))[:2] == ["there are no faulty logs", "there are no healthy logs"]


def test_a_judgement_that_broke_is_no_success() -> None:
    broken = verdict(case(None), failures=("ZeroDivisionError",))
    assert unmet(figures([right(), broken])) == ["1 judgements broke"]
