"""The rule for scores in heaps: which equal rates tell of it, and which are a small draw."""

from collections.abc import Sequence

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("degenerate-scores")

POINTS = ("5", "7", "85")


def _rates(values: Sequence[tuple[float, ...]], **told: object) -> list[Record]:
    """Return evaluations with their false-positive rates at three points, and their events."""
    records: list[Record] = []
    for epoch, rates in enumerate(values):
        place = {"step": 100 * epoch, "epoch": epoch}
        if told:
            records.append({**place, "event": "evaluation", "kind": "binary", **told})
        named = zip(POINTS, rates, strict=False)
        records.append(place | {f"val/fpr@tpr.{point}": rate for point, rate in named})
    return records


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def _words(records: list[Record]) -> list[str]:
    return [event.severity.word for event in _events(records)]


APART = (0.0003, 0.0008, 0.0018)


def test_three_points_that_become_one_are_told_at_the_second_evaluation() -> None:
    event, *_ = _events(_rates([APART, APART, (0.0022,) * 3, (0.0014,) * 3]))
    assert (event.severity.word, event.row, event.onset) == ("warning", 3, 2)
    assert event.evidence["members"] == [f"val/fpr@tpr.{point}" for point in POINTS]


def test_two_points_without_counts_are_only_worth_knowing_at_first() -> None:
    pairs = [(0.001 * n, 0.001 * n) for n in range(1, 8)]
    assert _words(_rates(pairs))[0] == "info"
    assert _words(_rates(pairs))[-1] == "warning"


def test_counts_make_two_points_sure() -> None:
    pairs = [(0.0011, 0.0011), (0.0018, 0.0018)]
    assert _words(_rates(pairs, n=600_000, positives=60_000)) == ["warning"]


def test_where_one_negative_lies_between_two_points_they_are_one() -> None:
    assert not _events(_rates([(0.002,) * 3, (0.004,) * 3] * 4, n=700, positives=200))


def test_a_small_set_that_gives_the_same_rate_again_tells_nothing() -> None:
    assert not _events(_rates([(0.01, 0.01, 0.01)] * 6))


def test_perfect_rates_are_equal() -> None:
    assert not _events(_rates([(0.0,) * 3] * 6))


def test_an_auroc_of_exactly_one_half_is_told() -> None:
    values = (0.61, 0.5, 0.5, 0.5)
    records: list[Record] = [{"epoch": n, "val/auroc": value} for n, value in enumerate(values)]
    event, *_ = _events(records)
    assert (event.severity.word, event.row) == ("warning", 2)


def test_an_average_precision_that_is_the_prevalence_is_told() -> None:
    told = {"n": 1_000, "positives": 30, "prevalence": 0.03, "ap": 0.03, "auroc": 0.5}
    assert _words(_rates([APART] * 3, **told)) == ["warning", "warning"]


def test_few_distinct_scores_are_told_unless_they_rank() -> None:
    heap = {"n": 10_000, "positives": 300, "prevalence": 0.03, "unique": 7}
    assert "warning" in _words(_rates([APART] * 3, **heap, auroc=0.52))
    assert set(_words(_rates([APART] * 3, **heap, auroc=0.9))) == {"info"}


def test_hits_among_the_best_k_must_grow_with_k() -> None:
    records: list[Record] = [
        {"epoch": n, "val/recall@1": v, "val/recall@5": v, "val/recall@10": v}
        for n, v in enumerate((0.21, 0.24, 0.26))
    ]
    assert _words(records)[0] == "warning"


def test_it_clears_when_the_scores_are_apart_again() -> None:
    events = _events(_rates([(0.0022,) * 3, (0.0014,) * 3, APART]))
    assert events[-1].kind == "cleared"
