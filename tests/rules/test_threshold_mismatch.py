"""The rule for thresholds that cut the scores where no sensible decision lies."""

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("threshold-mismatch")

ALL_ABOVE: Record = {"threshold": 0.3, "confusion": [[0, 5_635], [0, 4_365]], "f1": 0.608}
RARE: Record = {"threshold": 0.5, "confusion": [[9_500, 0], [499, 1]], "f1": 0.004}
RARE |= {"best_threshold": 0.1, "best_f1": 0.6, "auroc": 0.95}


def _events(told: Record, evaluations: int = 6, **config: object) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for epoch in range(1, evaluations + 1):
        place = {"step": 500 * epoch, "epoch": epoch, "split": "val", "n": 10_000}
        records.append({"event": "evaluation", **place, **told})
    return [decision.event for decision in replay(RULE, records)]


def test_scores_on_one_side_of_a_threshold_that_was_set_are_a_warning_at_the_second() -> None:
    event = _events(ALL_ABOVE)[0]
    assert (event.severity.word, event.row, event.onset) == ("warning", 2, 1)
    assert event.evidence["one_sided"]
    assert event.title == "100 % are predicted positive at a threshold of 0.3 where 43.6 % are"


def test_scores_that_are_all_the_same_have_no_better_threshold() -> None:
    flat = {"histogram": {"low": 0.5, "high": 0.5, "counts": [10_000]}}
    quantiles = {"quantiles": {"positive": [0.5, 0.5], "negative": [0.5, 0.5]}}
    assert _events(ALL_ABOVE | flat)
    assert not _events(ALL_ABOVE | quantiles)


def test_a_rare_class_may_be_learned_late_and_scores_of_it_are_low() -> None:
    assert {event.severity.word for event in _events(RARE, 20, epochs=20)} == {"info"}
    chosen = _events(RARE | {"threshold": 0.7}, 20, epochs=20)
    assert chosen[-1].severity.word == "warning"


def test_the_default_threshold_is_wrong_where_another_one_does_much_better() -> None:
    told = {"threshold": 0.5, "confusion": [[0, 5_635], [0, 4_365]], "f1": 0.608}
    told |= {"best_threshold": 0.8, "best_f1": 0.9, "auroc": 0.97}
    event = _events(told, 4)[-1]
    assert event.severity.word == "warning"
    assert "0.8 has an F1 of 0.9 instead of 0.608" in event.title


def test_a_threshold_somebody_set_need_not_leave_all_scores_on_one_side() -> None:
    told = {"threshold": 0.02, "confusion": [[100, 6_900], [5, 2_995]], "f1": 0.465}
    told |= {"best_threshold": 0.35, "best_f1": 0.6, "auroc": 0.79}
    assert {event.severity.word for event in _events(told)} == {"warning"}
    assert not _events(told | {"best_f1": 0.52, "auroc": 0.6})


def test_scores_that_do_not_rank_are_not_the_thresholds_fault() -> None:
    told = RARE | {"best_f1": 0.1, "auroc": 0.52}
    assert not _events(told, 20)


def test_a_sensible_threshold_is_silent_and_clears() -> None:
    fine = {"threshold": 0.5, "confusion": [[5_000, 635], [600, 3_765]], "best_f1": 0.87}
    assert not _events(fine)
    both: list[Record] = [
        {"event": "evaluation", "split": "val", "epoch": epoch, "n": 10_000, **told}
        for epoch, told in enumerate((ALL_ABOVE, ALL_ABOVE, fine))
    ]
    assert replay(RULE, both)[-1].event.kind == "cleared"


def test_plain_metrics_tell_it_where_scores_rank_well() -> None:
    def told(auroc: float) -> list[Event]:
        rows: list[Record] = [{"trainmon": 1, "config": {"epochs": 20}}]
        for epoch in range(1, 19):
            values = {"val/auroc": auroc, "val/f1": 0.0, "val/recall": 0.0}
            rows.append({"step": 500 * epoch, "epoch": epoch, **values})
        return [decision.event for decision in replay(RULE, rows)]

    assert {event.severity.word for event in told(0.95)} == {"info"}
    assert not told(0.6)


def test_an_accuracy_that_moves_beside_a_recall_of_0_is_not_the_thresholds_fault() -> None:
    def told(accuracies: list[float]) -> list[Event]:
        rows: list[Record] = [{"trainmon": 1, "config": {"epochs": 20}}]
        for epoch, value in enumerate(accuracies, 1):
            values = {"val/accuracy": value, "val/auroc": 0.92, "val/f1": 0.0, "val/recall": 0.0}
            rows.append({"step": 500 * epoch, "epoch": epoch, **values})
        return [decision.event for decision in replay(RULE, rows)]

    assert told([0.84] * 8)
    assert not told([0.8373, 0.841, 0.8397, 0.843, 0.8437, 0.8466, 0.8456, 0.843])


def test_odd_fields_are_no_threshold() -> None:
    assert not _events({"threshold": "x", "confusion": [[1], [2, 3]], "best_f1": {}})


LABELS: Record = {"kind": "multilabel", "labels": 3, "threshold": 0.9, "auroc_macro": 0.85}
LABELS |= {"predicted_shares": [0.0, 0.01, 0.02], "actual_shares": [0.2, 0.3, 0.25]}


def test_a_threshold_of_many_labels_that_finds_hardly_any_of_them_is_told() -> None:
    event = _events(LABELS)[0]
    assert (event.severity.word, event.row) == ("warning", 2)
    assert event.evidence["chosen"]
    assert "1 % are predicted positive at a threshold of 0.9 where 25 % are" in event.title


def test_labels_that_are_rarely_predicted_are_info_where_nobody_set_a_threshold() -> None:
    assert {event.severity.word for event in _events(LABELS | {"threshold": 0.5}, 20)} == {"info"}


def test_labels_whose_scores_do_not_rank_have_no_better_threshold() -> None:
    assert not _events(LABELS | {"auroc_macro": 0.6})


def test_labels_that_are_predicted_as_often_as_they_are_there_are_silent() -> None:
    assert not _events(LABELS | {"predicted_shares": [0.1, 0.3, 0.2]})


def test_an_event_may_stand_behind_the_metrics_of_its_evaluation() -> None:
    records: list[Record] = []
    for epoch in range(1, 7):
        place = {"step": 500 * epoch, "epoch": epoch}
        records.append(place | {"val/recall": 0.01, "val/auroc": 0.85})
        records.append(place | {"event": "evaluation", "split": "val", "n": 10_000, **LABELS})
    assert replay(RULE, records)[0].event.severity.word == "warning"


def test_too_many_positives_are_sure_where_their_weight_is_beyond_all_balance() -> None:
    told = {"threshold": 0.5, "confusion": [[4_500, 4_500], [0, 1_000]], "f1": 0.31}
    told |= {"best_threshold": 0.99, "best_f1": 0.87, "auroc": 0.99}
    weighted = _events(told, 4, epochs=8, pos_weight=400)
    balanced = _events(told, 4, epochs=8, pos_weight=9)
    assert [events[-1].severity.word for events in (weighted, balanced)] == ["warning", "info"]
