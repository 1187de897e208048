"""The rule for models that answer with one class, counted or told by plain metrics."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("class-collapse")

COUNTED: Record = {"event": "evaluation", "split": "val", "kind": "binary"}


def _counted(*tables: list[list[int]], first_epoch: int = 1, **config: object) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for epoch, table in enumerate(tables, first_epoch):
        place = {"step": 500 * epoch, "epoch": epoch, "n": sum(map(sum, table))}
        records.append(COUNTED | place | {"confusion": table})
    return [decision.event for decision in replay(RULE, records)]


def _metrics(evaluations: list[Record], **config: object) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for epoch, values in enumerate(evaluations, 1):
        told = {f"val/{name}": value for name, value in values.items()}
        records.append({"step": 500 * epoch, "epoch": epoch, **told})
    return [decision.event for decision in replay(RULE, records)]


COLLAPSED = [[100, 2_337], [86, 3_621]]
FINE = [[2_000, 437], [500, 3_207]]


def test_two_evaluations_are_info_and_a_later_one_a_warning() -> None:
    told = [(e.kind.value, e.severity.word, e.row) for e in _counted(*[COLLAPSED] * 4)]
    assert told[:2] == [("opened", "info", 2), ("worsened", "warning", 3)]


def test_it_names_the_class_and_both_shares() -> None:
    event = _counted(*[COLLAPSED] * 3)[-1]
    assert event.evidence["class"] == 1
    assert event.evidence["predicted_share"] == pytest.approx(0.9697, abs=1e-4)
    assert event.evidence["true_share"] == pytest.approx(0.6034, abs=1e-4)
    assert (event.onset, event.metric) == (1, "val/accuracy")


def test_the_majority_is_right_where_it_is_large() -> None:
    assert not _counted(*[[[970, 0], [30, 0]]] * 6)


def test_one_evaluation_says_nothing_and_better_ones_clear_it() -> None:
    assert not _counted(COLLAPSED, FINE, COLLAPSED, FINE)
    assert _counted(COLLAPSED, COLLAPSED, FINE)[-1].kind == "cleared"


TURNS = [0.35, 0.3075, 0.3075, 0.35, 0.3425, 0.35, 0.3075, 0.35]


def test_accuracies_that_come_again_and_add_up_to_1_are_one_class_after_the_other() -> None:
    event = _metrics([{"accuracy": value} for value in TURNS])[0]
    assert (event.row, event.severity.word) == (6, "warning")
    assert event.evidence["why"] == "its 3 values add up to 1"


@pytest.mark.parametrize(
    "accuracies",
    [
        [0.35, 0.3075, 0.3175, 0.35, 0.3425, 0.35, 0.3075, 0.35],
        [0.1235, 0.1235, 0.3765, 0.3765, 0.5, 0.5],
        [0.2, 0.3, 0.2, 0.3, 0.5, 0.2],
    ],
    ids=["another sum", "a course upwards", "few samples"],
)
def test_accuracies_that_come_again_are_no_classes_but_for_that(accuracies: list[float]) -> None:
    assert not _metrics([{"accuracy": value} for value in accuracies])


def test_a_handful_of_samples_may_well_be_of_one_class() -> None:
    assert not _counted(*[[[0, 5], [0, 8]]] * 6)


@pytest.mark.parametrize(
    "values",
    [
        {"accuracy": 0.4365, "precision": 0.4365, "recall": 1.0},
        {"accuracy": 43.65, "precision": 43.65, "recall": 100.0},
        {"accuracy": 0.5635, "recall": 0.0, "prevalence": 0.4365},
        {"accuracy": 0.5635, "recall": 0.0, "precision": 0.0},
        {"accuracy": 0.5635, "recall": 0.0, "precision": "NaN"},
        {"accuracy": 0.5635, "mcc": 0.0},
    ],
)
def test_the_arithmetic_of_plain_metrics_tells_it(values: Record) -> None:
    assert _metrics([values] * 8)[-1].severity.word == "warning"


def test_an_accuracy_that_stands_at_the_share_of_a_class_tells_it() -> None:
    config = {"class_counts": [300, 500, 200]}
    assert _metrics([{"accuracy": 0.2}] * 8, **config)[-1].evidence["class"] == 2
    assert _metrics([{"accuracy": 0.1}] * 8, num_classes=10)[-1].severity.word == "warning"


@pytest.mark.parametrize(
    "values",
    [
        {"accuracy": 0.97, "recall": 0.0, "precision": 0.0},
        {"accuracy": 0.4365, "precision": 0.44, "recall": 1.0},
        {"accuracy": 0.4365},
        {"accuracy": "NaN", "recall": 0.0},
    ],
)
def test_what_may_have_another_reason_stays_silent(values: Record) -> None:
    assert not _metrics([values] * 8)


def test_metrics_that_stand_in_records_of_their_own_are_one_evaluation() -> None:
    records: list[Record] = []
    for epoch in range(1, 5):
        place = {"step": 500 * epoch, "epoch": epoch}
        values = {"val/recall": 1.0, "val/precision": 0.4365, "val/accuracy": 0.4365}
        records += [place | {name: value} for name, value in values.items()]
    evaluations = [d.event.evidence["evaluations"] for d in replay(RULE, records)]
    assert evaluations == [2, 3, 4]


def test_training_batches_tell_it_once_the_warm_up_is_over() -> None:
    records: list[Record] = []
    for step in range(1, 401):
        records.append({"step": step, "epoch": step / 50, "train/loss": 0.7})
        if step in (1, 2, 3) or step % 100 == 0:
            told = {"predicted_shares": [1.0, 0.0], "label_shares": [0.5, 0.5]}
            records.append({"event": "outputs", "step": step, "n": 64, **told})
    events = [decision.event for decision in replay(RULE, records)]
    assert {(event.metric, event.severity.word) for event in events} == {(None, "warning")}


def test_the_first_batches_of_a_thinned_log_are_not_its_first_evaluations() -> None:
    told = {"predicted_shares": [0.01, 0.99], "label_shares": [0.5, 0.5]}
    batches: list[Record] = [
        {"event": "outputs", "step": step, "epoch": step / 3, "n": 64, **told}
        for step in (1, 2, 3, 10)
    ]
    losses: list[Record] = [
        {"step": step, "epoch": step / 3, "train/loss": 2.3 - step / 100, "lr": 1e-3}
        for step in (1, 11, 21)
    ]
    assert not replay(RULE, [losses[0], *batches, *losses[1:]])


@pytest.mark.parametrize(
    ("weights", "severity"), [([1.0, 400.0], "warning"), ([1.0, 9.0], "info"), (None, "info")]
)
def test_a_class_that_weights_make_worth_more_than_all_others_is_told_at_once(
    weights: list[float] | None, severity: str
) -> None:
    event = _counted(*[[[0, 900], [0, 100]]] * 2, class_weights=weights)[0]
    assert (event.severity.word, event.row) == (severity, 2)
