"""The rule for auxiliary losses: what outweighs what, which is which, what is learned beside."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("aux-dominates")

Curve = NDArray[np.floating]

STEPS = 400
STUCK = np.full(STEPS, 2.3)
LEARNED = 2.3 * np.exp(-np.arange(STEPS) / 60) + 0.01


def _records(
    parts: Mapping[str, Curve],
    total: Curve | None = None,
    config: Mapping[str, object] | None = None,
) -> list[Record]:
    """Return a log of parts with 5 % noise, each step a record; without a total their sum."""
    rng = np.random.default_rng(0)
    noisy = {name: curve * rng.lognormal(0, 0.05, len(curve)) for name, curve in parts.items()}
    whole = np.sum(list(noisy.values()), axis=0) if total is None else total
    rows: list[Record] = [{"trainmon": 1, "time": 1e9, "config": dict(config or {})}]
    for step in range(len(whole)):
        told = {f"train/loss/{name}": float(curve[step]) for name, curve in noisy.items()}
        place = {"step": step + 1, "epoch": (step + 1) / 100}
        rows.append(place | {"train/loss": float(whole[step])} | told)
    return rows


def _events(parts: Mapping[str, Curve], **given: object) -> list[Event]:
    records = _records(parts, **given)  # type: ignore[arg-type]  # as they are named there
    return [decision.event for decision in replay(RULE, records)]


def test_an_auxiliary_part_of_ten_times_a_main_one_that_stands_is_a_warning() -> None:
    first = _events({"main": STUCK, "aux": 10 * STUCK})[0]
    assert (first.severity.word, first.metric) == ("warning", "train/loss/aux")
    assert (first.evidence["part"], first.evidence["main"]) == ("aux", "main")
    assert 0.85 < first.evidence["share"] < 0.95
    assert first.onset == 1


def test_parts_may_stand_in_a_folder_and_the_total_in_none() -> None:
    records = _records({"cls": STUCK, "aux": 10 * STUCK})
    for record in records[1:]:
        record["loss"] = record.pop("train/loss")
    first = replay(RULE, records)[0].event
    assert (first.severity.word, first.evidence["part"]) == ("warning", "aux")


def test_two_evaluations_do_in_a_log_of_one_line_an_epoch() -> None:
    header: Record = {"trainmon": 1, "time": 1e9, "config": {"aux_weight": 4}}
    losses = {"train/loss": 0.88, "train/loss/main": 0.09, "train/loss/leak": 0.79}
    rows = [{"step": 500 * epoch, "epoch": epoch, **losses, "val/f1": 0.7} for epoch in range(1, 6)]
    event = replay(RULE, [header, *rows])[0].event
    assert (event.severity.word, event.evidence["part"]) == ("warning", "leak")
    assert event.evidence["aux_weight"] == 4
    assert event.row <= 4


def test_beside_a_task_that_is_learned_an_offset_may_be_large() -> None:
    assert not _events({"main": LEARNED, "reg": np.full(STEPS, 0.5)})


def test_a_main_part_that_falls_is_not_outweighed() -> None:
    falling = np.linspace(2.3, 1.6, STEPS)
    assert not _events({"main": falling, "aux": 10 * STUCK})


def test_a_task_that_is_lost_again_is_outweighed() -> None:
    relapse = np.concatenate((np.linspace(2.3, 1.0, 400), np.full(800, 1.6)))
    aux = np.concatenate((np.full(400, 0.5), np.full(800, 12.0)))
    assert _events({"main": relapse, "aux": aux})[0].severity.word == "warning"


def test_a_main_part_that_is_large_is_as_it_should_be() -> None:
    assert not _events({"main": 10 * STUCK, "aux": STUCK})
    assert not _events({"recon": 10 * STUCK, "kl": STUCK})


def test_names_that_tell_nothing_make_it_info() -> None:
    first = _events({"first": STUCK, "second": 10 * STUCK})[0]
    assert (first.severity.word, first.evidence["part"]) == ("info", "second")


def test_the_parts_of_a_detector_balance_each_other() -> None:
    assert not _events({"cls": STUCK, "box": 10 * STUCK, "dfl": STUCK})
    assert not _events({f"aux_{n}": STUCK * (10 if n == 3 else 1) for n in range(12)})


def test_a_weight_in_the_configuration_counts_where_the_sum_says_so() -> None:
    raw = {"main": STUCK, "aux": STUCK}
    weighted = STUCK * 1.01 + 10 * STUCK
    first = _events(raw, total=weighted, config={"aux_weight": 10})[0]
    assert first.evidence["share"] > 0.85
    assert not _events(raw, config={"aux_weight": 10})  # they add up as they are logged


def test_the_parts_of_a_reinforcement_learner_are_left_alone() -> None:
    rows = _records({"main": STUCK, "entropy": 10 * STUCK})
    for row in rows[1:]:
        row["ep_rew_mean"] = 1.0
    assert not replay(RULE, rows)


def test_a_total_with_a_part_that_is_not_logged_is_info() -> None:
    first = _events({"main": LEARNED, "aux": 0.2 * LEARNED}, total=1.8 * LEARNED)[0]
    assert (first.severity.word, first.metric) == ("info", "train/loss")
    assert "a part is not logged" in first.title
    assert first.evidence["difference"] > 0.2


def test_a_total_that_is_the_sum_is_not_told() -> None:
    assert not _events({"main": LEARNED, "aux": 0.2 * LEARNED})


def test_it_clears_when_the_weight_is_lowered() -> None:
    main = np.concatenate((np.full(800, 2.3), np.full(800, 1.9)))
    aux = np.concatenate((np.full(800, 23.0), np.full(800, 0.5)))
    kinds = [event.kind.value for event in _events({"main": main, "aux": aux})]
    assert (kinds[0], kinds[-1]) == ("opened", "cleared")
