"""The rule for metrics that cannot all be true, and for a training that claims too much."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("metric-contradiction")


def _events(
    told: Record | None = None,
    metrics: Record | None = None,
    evaluations: int = 4,
    **config: object,
) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for epoch in range(1, evaluations + 1):
        place = {"step": 100 * epoch, "epoch": epoch}
        if told:
            records.append({"event": "evaluation", "split": "val", **place, **told})
        if metrics:
            records.append(place | metrics)
    return [decision.event for decision in replay(RULE, records)]


ALL_POSITIVE: Record = {"val/accuracy": 0.4365, "val/f1": 0.0}


@pytest.mark.parametrize(
    ("told", "config"),
    [
        ({"prevalence": 0.4365}, {}),
        ({"n": 633_040, "positives": 276_320}, {}),
        ({}, {"class_counts": [356_720, 276_320]}),
        ({"accuracy": 0.4365, "prevalence": 0.4365, "metrics": {"f1": 0.0}}, {}),
    ],
)
def test_an_accuracy_that_is_the_share_of_positives_forbids_an_f1_of_0(
    told: Record, config: Record
) -> None:
    event = _events(told, ALL_POSITIVE, **config)[0]
    assert (event.severity.word, event.evidence["kind"]) == ("error", "label-index")
    assert event.evidence["expected_f1"] == pytest.approx(0.6077, abs=1e-4)


@pytest.mark.parametrize(
    ("told", "config"),
    [
        ({"confusion": [[0, 356_720], [0, 276_320]]}, {}),
        ({"prevalence": 0.4365}, {}),
        ({"actual_shares": [0.5635, 0.4365]}, {}),
        ({"predicted_shares": [0.0, 1.0], "accuracy": 0.4365}, {}),
        ({}, {"class_counts": [356_720, 276_320]}),
        ({}, {"val_positives": 276_320}),
    ],
)
def test_positives_that_exist_and_are_not_counted_are_a_label_index(
    told: Record, config: Record
) -> None:
    event = _events({"n": 633_040, "positives": 0, **told}, **config)[0]
    assert (event.row, event.evidence["kind"]) == (1, "label-index")
    assert event.evidence["actual_positives"] == pytest.approx(276_320, abs=20)


def test_an_accuracy_that_stands_still_on_labels_of_one_kind_is_impossible() -> None:
    events = _events({"n": 633_040, "positives": 0}, ALL_POSITIVE)
    assert events[0].evidence["standing"] == 3
    assert events[0].onset == 6
    first_batches = {"n": 40 * 8_192, "positives": 0}
    assert not _events(first_batches, ALL_POSITIVE)
    assert not _events({"n": 63_304, "positives": 0}, ALL_POSITIVE, eval_limit=63_304)


def test_labels_beyond_the_classes_are_told_with_their_values() -> None:
    told = {"n": 356_720, "positives": 0, "labels_out_of_range": 276_320, "strange_labels": [2.0]}
    event = _events(told)[0]
    assert "276,320 labels are 2" in event.title
    assert event.evidence["strange_labels"] == [2.0]


@pytest.mark.parametrize("ignored", [-100.0, -1.0, 255.0])
def test_labels_that_leave_samples_out_on_purpose_are_ordinary(ignored: float) -> None:
    told = {"n": 1_000, "positives": 0, "labels_out_of_range": 50, "strange_labels": [ignored]}
    assert not _events(told)


@pytest.mark.parametrize(
    "told",
    [
        {"n": 1_000, "confusion": [[500, 100], [100, 200]]},
        {"n": 100, "positives": 120},
        {"n": 1_000, "positives": 500, "actual_shares": [0.9, 0.1]},
        {"n": 900, "confusion": [[500, 100], [100, 200]], "accuracy": 0.9},
    ],
)
def test_counts_that_do_not_add_up_are_a_warning_at_once(told: Record) -> None:
    event = _events(told)[0]
    assert (event.severity.word, event.evidence["kind"]) == ("warning", "counts")


@pytest.mark.parametrize(
    ("told", "metrics"),
    [
        ({"prevalence": 0.05}, {"val/accuracy": 0.95, "val/f1": 0.0}),  # none predicted yet
        ({"prevalence": 0.5}, {"val/accuracy": 0.5, "val/f1": 0.0}),  # either reading
        ({"n": 10, "confusion": [[40_000, 5_000], [900, 20_000]]}, None),  # images and pixels
        ({"n": 1_000, "positives": 333, "prevalence": 0.33}, None),
        ({"n": 990, "confusion": [[500, 100], [200, 190]]}, {"val/accuracy": 0.697}),
        (None, {"val/f1": 0.3, "val/precision": 0.2, "val/recall": 0.9}),
        (None, {"val/f1": 0.0, "val/precision": 1.0, "val/recall": 0.0}),
        (None, {"val/acc1": 41.0, "val/acc5": 78.0}),
        (None, {"val/mAP": 0.7675, "val/AP50": 0.767}),
        ({"n": "many", "confusion": [[1, 2]], "positives": -1}, {"val/f1": "NaN"}),
    ],
)
def test_what_can_be_true_stays_silent(told: Record | None, metrics: Record | None) -> None:
    assert not _events(told, metrics)


@pytest.mark.parametrize(
    ("metrics", "kind"),
    [
        ({"val/f1": 0.0, "val/precision": 0.4, "val/recall": 0.6}, "rates"),
        ({"val/acc1": 61.0, "val/acc5": 42.0}, "order"),
        ({"bbox/AP": 61.0, "bbox/AP50": 42.0}, "order"),
    ],
)
def test_rates_that_exclude_each_other_are_told_at_the_second_evaluation(
    metrics: Record, kind: str
) -> None:
    event = _events(None, metrics)[0]
    assert (event.row, event.severity.word, event.evidence["kind"]) == (2, "warning", kind)


def test_a_perfect_training_beside_an_evaluation_of_nothing_is_told_at_once() -> None:
    losses = (0.068, 2.7e-5, 6.9e-6, *[1e-6] * 20)
    rows: list[Record] = [
        {"step": n, "train/loss": x, "train/acc": 100.0} for n, x in enumerate(losses)
    ]
    event = replay(RULE, [*rows, {"step": 23, "val/mAP": 0.0}])[0].event
    assert (event.metric, event.evidence["kind"]) == ("val/mAP", "perfect-training")
    learning = [row | {"train/loss": 0.5} for row in rows]
    assert not replay(RULE, [*learning, {"step": 23, "val/mAP": 0.0}])


def test_a_loss_of_0_from_the_first_record_on_compares_nothing() -> None:
    def told(**others: float) -> list[str]:
        rows: list[Record] = [{"step": n, "train/loss": 0.0, **others} for n in range(60)]
        records = [*rows, {"step": 60, "val/loss": 2e-10}]
        return [decision.event.evidence["kind"] for decision in replay(RULE, records)]

    assert told() == ["zero-loss"]
    assert not told(grad_norm=0.7)  # a policy's loss begins at 0


def test_it_clears_once_the_metrics_agree() -> None:
    records: list[Record] = []
    for epoch, f1 in enumerate((0.0, 0.0, 0.61, 0.61)):
        place = {"step": 100 * epoch, "epoch": epoch}
        records.append({"event": "evaluation", "split": "val", "prevalence": 0.4365, **place})
        records.append({"val/accuracy": 0.4365, "val/f1": f1, **place})
    assert replay(RULE, records)[-1].event.kind == "cleared"


def test_scores_that_rank_positives_of_which_none_is_counted_are_a_label_index() -> None:
    metrics: Record = {"val/auroc": 0.99, "val/f1": 0.0, "val/n_pos": 0, "val/n": 3_000}
    event = _events(None, metrics)[0]
    assert (event.severity.word, event.evidence["kind"]) == ("error", "label-index")
    assert event.row == 2


@pytest.mark.parametrize("auroc", [0.0, 0.5, 1.0, float("nan")])
def test_what_is_written_where_there_is_no_auroc_tells_of_no_positives(auroc: float) -> None:
    assert not _events(None, {"val/auroc": auroc, "val/f1": 0.0, "val/n_pos": 0})
