"""The rule for metrics that fell to nothing: from which level, and how surely."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event, Severity
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("metric-collapse")


def _events(values: list[float | str], name: str = "val/f1", **others: object) -> list[Event]:
    records: list[Record] = []
    for epoch, value in enumerate(values):
        records.append({"step": 100 * epoch, "epoch": epoch, name: value, **others})
    return [decision.event for decision in replay(RULE, records)]


def _told(values: list[float | str], name: str = "val/f1") -> list[tuple[str, str, int]]:
    return [(e.kind.value, e.severity.word, e.row) for e in _events(values, name)]


def test_the_first_low_evaluation_is_info_and_the_second_a_warning() -> None:
    told = _told([0.6, 0.7, 0.7, 0.05, 0.04])
    assert told == [("opened", "info", 3), ("worsened", "warning", 4)]


def test_a_metric_at_zero_is_an_error_and_names_the_best_epoch() -> None:
    *_, last = _events([0.6, 0.7, 0.69, 0.0, 0.0])
    assert last.severity.word == "error"
    assert (last.onset, last.evidence["best_epoch"]) == (3, 1.0)


def test_a_single_hit_among_the_examples_is_as_bad_as_none() -> None:
    values = [0.6, 0.7, 0.7, 0.001, 0.001]
    records: list[Record] = []
    for epoch, value in enumerate(values):
        records += [{"step": epoch, "val/recall": value}, {"event": "evaluation", "positives": 1e3}]
    assert replay(RULE, records)[-1].event.severity.word == "error"


def test_one_bad_evaluation_that_recovers_stays_info_and_clears() -> None:
    assert _told([0.6, 0.7, 0.7, 0.0, 0.68]) == [("opened", "info", 3), ("cleared", "info", 4)]


def test_zeros_in_the_first_epochs_are_healthy() -> None:
    assert not _told([0.0, 0.0, 0.0, 0.01, 0.0, 0.1, 0.3, 0.5, 0.6])


def test_one_lucky_hit_is_no_level_to_fall_from() -> None:
    assert not _told([0.0, 0.02, 0.0, 0.0, 0.02, 0.0, 0.0])


def test_evaluations_of_a_few_examples_are_too_noisy_to_collapse() -> None:
    told = _told([0.25, 0.0, 0.25, 0.5, 0.0, 0.25, 0.0, 0.0, 0.5])
    assert all(severity == "info" for _, severity, _ in told)


def test_a_slow_decline_to_nothing_is_a_collapse() -> None:
    assert _told([0.8, 0.82, 0.8, 0.6, 0.4, 0.25, 0.1, 0.05, 0.02])[-1][1] == "warning"


def test_a_metric_of_which_less_is_better_does_not_collapse() -> None:
    assert not _told([0.6, 0.7, 0.7, 0.0, 0.0], "val/fpr@tpr.85")


def test_not_applicable_is_no_collapse() -> None:
    assert not _told([0.6, 0.7, 0.7, -1.0, "NaN", -1.0, -1.0])


def test_a_ranking_that_is_nan_is_none_that_stays() -> None:
    *_, last = _events([0.6, 0.7, 0.7, 0.0, 0.0], **{"val/auroc": "NaN"})
    assert "ranking" not in last.evidence


def test_it_says_that_the_ranking_stays() -> None:
    *_, last = _events([0.6, 0.7, 0.7, 0.0, 0.0], "val/tpr@fpr1e-4", **{"val/auroc": 0.99})
    assert (last.evidence["ranking"], last.evidence["ranking_value"]) == ("val/auroc", 0.99)
    assert "val/auroc stays" in last.title


def test_the_monitored_metric_is_judged_by_whatever_name_it_has() -> None:
    header: Record = {"trainmon": 1, "config": {"monitor": "tpr@fpr1e-4", "mode": "max"}}
    values = (0.7, 0.79, 0.78, 0.0, 0.0)
    rows: list[Record] = [{"epoch": n, "tpr@fpr1e-4": value} for n, value in enumerate(values)]
    assert replay(RULE, [header, *rows])[-1].event.severity.word == "error"


def test_a_first_evaluation_that_is_left_step_by_step_was_no_luck() -> None:
    assert _told([0.4, 0.19, 0.13, 0.1, 0.08, 0.05, 0.04])[-1][:2] == ("worsened", "warning")
    assert not _told([0.4, 0.1, 0.09, 0.08, 0.07, 0.05, 0.04])


def test_a_precision_of_a_handful_of_predictions_is_no_level_to_fall_from() -> None:
    values: list[float | str] = [0.77, 0.5, 0.0, 0.0, 0.25, 0.0, 0.0]
    assert not _events(values, "val/precision", **{"val/recall": 0.004})
    assert not _events(values, "val/precision", **{"val/f1": 0.008})
    assert _events(values, "val/precision", **{"val/recall": 0.6})


def _untrained(losses: list[float] | None, rankings: list[float]) -> list[Event]:
    """Return what is told of a recall that falls from 1, as training begins or otherwise."""
    records: list[Record] = []
    for epoch, recall in enumerate([1.0, 0.8, 0.07, 0.0, 0.0, 0.0, 0.1, 0.3, 0.4]):
        told = {"val/recall": recall, "val/auroc": rankings[epoch]}
        told |= {"val/loss": losses[epoch]} if losses else {}
        records.append({"step": 100 * epoch, "epoch": epoch, **told})
    return [decision.event for decision in replay(RULE, records)]


def test_all_that_an_untrained_model_calls_positive_is_no_level_to_fall_from() -> None:
    better, still = [0.5 + 0.05 * epoch for epoch in range(9)], [0.5] * 9
    falling = [0.77 * 0.8**epoch for epoch in range(9)]
    assert not _untrained(falling, still)
    assert not _untrained(None, better)
    assert _untrained([0.77] * 9, better)
    assert _untrained(None, still)


def test_a_guess_that_is_given_up_while_each_evaluation_learns_a_little_is_no_collapse() -> None:
    rankings = [0.5] * 9
    creeping = [0.77 - 0.008 * epoch for epoch in range(9)]
    loud = [event for event in _untrained(creeping, rankings) if event.severity > Severity.INFO]
    assert not loud
    standing = [0.77 - 0.008 * (epoch % 2) for epoch in range(9)]
    assert _untrained(standing, rankings)[1].severity == Severity.ERROR


@pytest.mark.parametrize(
    "classes", [("acc_cls0", "acc_cls1"), ("iou_road", "iou_car", "iou_sky"), ("f1/0", "f1/1")]
)
def test_a_class_that_goes_for_a_while_is_no_collapse_of_the_run(classes: tuple[str, ...]) -> None:
    records: list[Record] = []
    for epoch, rare in enumerate([0.2, *([0.0] * 8), 0.3, 0.6, 0.8]):
        values = dict.fromkeys(classes, 1.0) | {classes[-1]: rare}
        told = {f"val/{name}": value for name, value in values.items()}
        records.append({"step": 100 * epoch, "val/accuracy": 0.1 + 0.03 * epoch, **told})
    assert not replay(RULE, records)


def test_classes_decide_where_nothing_else_is_logged() -> None:
    classes = ("iou_road", "iou_car", "iou_sky")
    values = [0.5, 0.6, 0.62, 0.61, 0.0, 0.0, 0.0]
    records: list[Record] = [
        {"step": 100 * epoch, **{f"val/{name}": value for name in classes}}
        for epoch, value in enumerate(values)
    ]
    assert max(decision.event.severity for decision in replay(RULE, records)) == Severity.ERROR
