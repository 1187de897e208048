"""The rule for a patience that is over: info, with the best evaluation and what going on costs."""

from collections.abc import Sequence

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("early-stop")

WORSE = [1.0, 0.8, 0.6, 0.5, 0.55, 0.56, 0.58, 0.6, 0.61]


def _events(
    values: Sequence[float | str],
    name: str = "val/loss",
    extra: Record | None = None,
    **config: object,
) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    for epoch, value in enumerate(values, 1):
        place = {"step": 100 * epoch, "epoch": epoch, "time": 1e9 + 60 * epoch}
        records.append(place | {name: value})
        if extra and epoch == extra["epoch"]:
            records.append(place | extra)
    return [decision.event for decision in replay(RULE, records)]


def test_three_evaluations_without_a_better_one_are_enough() -> None:
    first = _events(WORSE)[0]
    assert (first.severity.word, first.row, first.onset) == ("info", 7, 4)
    assert first.evidence["best_epoch"] == 4
    assert (first.evidence["evaluations_since"], first.evidence["patience"]) == (3, 3)
    assert first.title.endswith("each further epoch costs 1 min")


def test_the_configured_patience_counts() -> None:
    first = _events(WORSE, patience=5)[0]
    assert (first.row, first.evidence["configured"]) == (9, True)


def test_a_tenth_of_the_plan_counts_where_it_is_more() -> None:
    assert _events(WORSE, epochs=50)[0].evidence["patience"] == 5


def test_the_monitored_metric_decides_in_its_own_direction() -> None:
    values = [0.3, 0.6, 0.7, 0.6, 0.61, 0.6]
    first = _events(values, "val/f1", monitor="val/f1", mode="max")[0]
    assert (first.metric, first.evidence["best"], first.evidence["best_epoch"]) == (
        "val/f1",
        0.7,
        3,
    )


def test_the_checkpoint_of_the_best_evaluation_is_named() -> None:
    saved = {"event": "checkpoint", "path": "best.pt", "epoch": 4}
    assert _events(WORSE, extra=saved)[0].evidence["checkpoint"] == "best.pt"


def test_what_stands_still_or_wavers_has_no_clear_best() -> None:
    assert not _events([0.5] * 12)
    assert not _events([1.0, 0.7, 0.5, 0.48, 0.51, 0.47, 0.5, 0.475, 0.49, 0.472, 0.48])


def test_a_new_best_clears_it_and_nan_is_none() -> None:
    told = _events([*WORSE, "NaN", 0.4])
    assert (told[-1].kind, told[-1].row) == ("cleared", 11)


def test_at_the_end_of_the_plan_there_is_nothing_to_save() -> None:
    assert not _events(WORSE[:7], epochs=7)


def test_a_resumed_run_begins_anew() -> None:
    def rows(values: list[float]) -> list[Record]:
        return [{"step": 10 * n, "epoch": n, "val/loss": v} for n, v in enumerate(values, 1)]

    records = [*rows(WORSE[:5]), {"event": "resume", "step": 0}, *rows([0.9, 0.8, 0.7])]
    assert not replay(RULE, records)


def test_a_metric_stands_in_for_a_validation_loss_that_nobody_logs() -> None:
    first = _events([1 - value for value in WORSE], "val/accuracy")[0]
    assert (first.metric, first.evidence["best_epoch"]) == ("val/accuracy", 4)


def test_a_precision_does_so_only_where_there_is_nothing_else() -> None:
    better = {"epoch": 3, "val/accuracy": 0.9}
    assert {e.metric for e in _events([1 - v for v in WORSE], "val/precision")} == {"val/precision"}
    assert not _events([1 - value for value in WORSE], "val/precision", extra=better)
