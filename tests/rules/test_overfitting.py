"""The rule for overfitting: how soon it speaks, what excuses a rise, and what it tells."""

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("overfitting")

TURNING = [1.0, 0.8, 0.6, 0.5, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8]
"""A validation loss that is best at epoch 4."""


NOISY = [1.0, 0.8, 0.6, 0.5, 0.45, *(0.45 + 0.02 * k + 0.015 * (-1) ** k for k in range(1, 26))]
"""One that rises slowly from there, with the noise that evaluations have."""


def _log(
    val: list[float], *, falling: float = 0.8, name: str = "val/loss", **config: float | str
) -> list[Record]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for epoch, value in enumerate(val):
        place = {"step": 100 * (epoch + 1), "epoch": epoch + 1}
        records += [place | {"train/loss": falling**epoch}, place | {name: value}]
    return records


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_it_warns_at_the_fifth_worse_evaluation_where_no_plan_is_known() -> None:
    event, *_ = _events(_log(NOISY, falling=0.93))
    assert (event.severity.word, event.evidence["evaluations_worse"]) == ("warning", 5)
    assert event.evidence["best_epoch"] == 5.0


def test_it_warns_sooner_where_few_evaluations_are_planned() -> None:
    few = _log(NOISY, falling=0.93, epochs=12)
    rare = _log(NOISY, falling=0.93, epochs=30)
    steps = _log(NOISY, falling=0.93, total_steps=3_000)
    worse = [_events(log)[0].evidence["evaluations_worse"] for log in (few, rare, steps)]
    assert worse == [2, 3, 3]


def test_two_are_enough_that_are_worse_by_many_times_the_noise() -> None:
    event, *_ = _events(_log(TURNING))
    assert (event.severity.word, event.evidence["evaluations_worse"]) == ("warning", 2)
    assert event.evidence["best_epoch"] == 5.0


def test_a_training_loss_that_stands_still_is_no_overfitting() -> None:
    assert not _events(_log(TURNING, falling=1.0))


def test_noise_of_the_evaluations_is_no_rise() -> None:
    noise = np.random.default_rng(3).normal(0, 0.05, 40)
    assert not _events(_log([max(0.4, 1 - 0.1 * i) + float(n) for i, n in enumerate(noise)]))


def test_the_monitored_metric_decides_in_its_own_direction() -> None:
    event, *_ = _events(
        _log([1 - value for value in TURNING], name="val/score_x", monitor="score_x", mode="max")
    )
    assert event.metric == "val/score_x"
    assert event.evidence["best"] == 1 - 0.45


def test_losses_below_zero_are_told_as_they_were_logged() -> None:
    records = _log([value - 2 for value in TURNING])
    for record in records:
        if "train/loss" in record:
            record["train/loss"] -= 3.0
    event, *_ = _events(records)
    assert (event.evidence["best"], event.evidence["value"] < 0) == (0.45 - 2, True)


def test_a_training_loss_below_zero_that_stands_still_is_no_overfitting() -> None:
    records = _log(TURNING)
    assert not _events([r | {"train/loss": -2.0} if "train/loss" in r else r for r in records])


def test_another_metric_that_is_still_at_its_best_makes_it_info() -> None:
    records = _log(TURNING)
    for record in records:
        if "val/loss" in record:
            record["val/accuracy"] = 0.5 + 0.01 * record["epoch"]
    event, *_ = _events(records)
    assert (event.severity.word, event.evidence["metric_that_holds"]) == ("info", "val/accuracy")


def test_a_metric_that_stands_where_it_was_excuses_no_large_rise() -> None:
    def severities(accuracy: float) -> set[str]:
        records = _log([1.0, *(1.1 + 0.4 * epoch for epoch in range(12))])
        for record in records:
            if "val/loss" in record:
                record["val/accuracy"] = accuracy
        return {event.severity.word for event in _events(records)}

    assert "warning" in severities(0.26)
    assert severities(0.97) == {"info"}


def _with_metrics(val: list[float], falling: float, **metrics: list[float]) -> list[Event]:
    records = _log(val, falling=falling)
    for epoch, record in enumerate(records[2::2]):
        record |= {f"val/{name}": values[epoch] for name, values in metrics.items()}
    return _events(records)


def test_a_metric_excuses_nothing_where_all_of_them_fall_for_sure() -> None:
    rises = [0.27, 0.2, 0.178, 0.17, 0.167, 0.1674, 0.17, 0.173, 0.177, 0.18, 0.185, 0.19]
    ndcg = [0.52, 0.543, 0.54, 0.541, 0.534, 0.531, 0.526, 0.521, 0.516, 0.514, 0.512, 0.51]
    hits = [0.7, 0.74, 0.753, 0.751, 0.75, 0.748, 0.747, 0.745, 0.743, 0.742, 0.741, 0.74]
    stands = [0.7, 0.74, *([0.75] * 10)]
    fall = max(event.severity.word for event in _with_metrics(rises, 0.93, ndcg=ndcg, hits=hits))
    assert fall == "warning"
    other = {event.severity.word for event in _with_metrics(rises, 0.93, ndcg=ndcg, hits=stands)}
    assert other == {"info"}


def _learned_by_heart(rise: float, seed: int = 1) -> list[float]:
    """Return a noisy validation loss that rises slowly from the twelfth evaluation."""
    noise = np.random.default_rng(seed).normal(0, 0.05, 60).tolist()
    return [
        0.5 + 0.5 * 0.7**epoch + rise * max(0, epoch - 12) + noise[epoch] for epoch in range(60)
    ]


def test_a_slow_rise_is_told_by_medians_of_evaluations_that_hide_it_one_by_one() -> None:
    warned = _events(_log(_learned_by_heart(0.006), falling=0.95))
    assert warned
    assert warned[0].severity.word == "warning"


@pytest.mark.parametrize("seed", range(1, 9))
def test_noise_around_a_level_is_no_slow_rise(seed: int) -> None:
    assert not _events(_log(_learned_by_heart(0.0, seed), falling=0.95))


def test_evaluations_that_get_noisier_as_they_learn_are_no_rise() -> None:
    early = [
        2.305,
        2.302,
        2.296,
        2.29,
        2.286,
        2.278,
        2.276,
        2.263,
        2.263,
        2.266,
        2.261,
        2.24,
        2.233,
    ]
    early += [2.261, 2.269, 2.246, 2.252, 2.185, 2.183, 2.193, 2.314, 2.253, 2.217]
    rounds = [*early, 2.077, 2.231, 2.35, 2.08, 2.228, 2.154, 2.065, 2.116, 1.941, 2.13, 1.84]
    assert not _events(_log(rounds, falling=0.97))


def test_a_training_loss_that_has_fallen_by_its_noise_alone_is_no_overfitting() -> None:
    draws = np.random.default_rng(6).normal(0, 0.02, 30).tolist()
    rising = [0.45 + 0.004 * k + draw for k, draw in enumerate(draws)]
    val = [1.0, 0.8, 0.6, 0.5, 0.45, *rising]
    records = _log(val, falling=1.0)
    noise = np.random.default_rng(5).normal(0, 0.3, len(val))
    for record, luck in zip(records[1::2], noise.tolist(), strict=True):
        record["train/loss"] = 1.0 + luck
    assert not _events(records)
    assert _events(_log(val, falling=0.93))


def test_a_new_best_clears_it() -> None:
    events = _events(_log([*TURNING, 0.3, 0.2, 0.1]))
    assert events[-1].kind == "cleared"
    assert {event.onset for event in events} == {10}


def test_it_counts_what_was_wasted() -> None:
    *_, last = _events(_log(TURNING))
    assert (last.evidence["epochs_wasted"], last.evidence["steps_wasted"]) == (7.0, 700.0)


def test_a_validation_loss_that_explodes_takes_three_evaluations_without_a_plan() -> None:
    event, *_ = _events(_log([1.2, 11.1, 9.3, 18.2, 100.3, 83.9]))
    assert (event.severity.word, event.evidence["value"]) == ("warning", 18.2)


def test_losses_below_zero_are_compared_by_their_ranges() -> None:
    records = _log([0.95, -0.55, -0.07, 6.8, 0.84, 5.1, 12.6])
    trained = iter((-0.19, -0.6, -1.0, -1.2, -1.3, -1.4, -1.44))
    for record in records:
        if "train/loss" in record:
            record["train/loss"] = next(trained)
    event, *_ = _events(records)
    assert (event.severity.word, event.evidence["best"]) == ("warning", -0.55)


def test_two_bad_evaluations_in_a_row_are_no_explosion() -> None:
    assert not _events(_log([1.2, 11.1, 9.3, 1.1, 1.0, 0.95, 0.9, 0.9]))


def test_a_run_that_learns_by_heart_takes_three_evaluations_in_a_long_plan() -> None:
    event, *_ = _events(_log(NOISY, falling=0.5, epochs=100))
    assert event.evidence["evaluations_worse"] == 3


def test_an_average_that_still_falls_behind_a_steep_fall_makes_no_rise_a_fall() -> None:
    val = [7.2, 4.0, 3.5, 3.4, 3.6, 3.8, 4.0, 4.3, 4.5, 4.5, 4.5, 4.4, 4.4, 4.4, 4.3, 4.3]
    train = [12.0, 5.0, 4.0, 3.6, 3.7, 3.8, 4.1, 4.3, 4.5, 4.5, 4.4, 4.3, 4.2, 4.2, 4.1, 4.1]
    records: list[Record] = []
    for epoch, (seen, unseen) in enumerate(zip(train, val, strict=True), 1):
        place: Record = {"step": 100 * epoch, "epoch": epoch}
        records += [place | {"train/loss": seen}, place | {"val/loss": unseen}]
    assert not _events(records)


RANKED = [0.6, 0.7, 0.78, 0.82, *(0.82 - 0.002 * k for k in range(1, 26))]
"""An AUROC that is best at epoch 4 and sinks from there."""


def test_a_metric_stands_in_for_a_validation_loss_that_nobody_logs() -> None:
    event, *_ = _events(_log(RANKED, falling=0.93, name="val/auroc"))
    assert (event.severity.word, event.metric) == ("warning", "val/auroc")
    assert event.evidence["best_epoch"] == 4.0


def test_it_takes_five_evaluations_where_nobody_said_that_the_metric_decides() -> None:
    nobody = _events(_log(RANKED, falling=0.93, name="val/auroc", epochs=12))[0]
    told = _log(RANKED, falling=0.93, name="val/auroc", epochs=12, monitor="val/auroc")
    assert nobody.row - _events(told)[0].row >= 2 * (5 - 2)


def test_beside_a_validation_loss_only_a_monitored_metric_decides() -> None:
    records = _log(RANKED, falling=0.93, name="val/auroc")
    for record in records[2::2]:
        record["val/loss"] = 0.5
    assert not _events(records)


def test_of_a_ranking_only_that_can_be_lost_which_is_above_chance() -> None:
    slight = [0.5, 0.55, *([0.6] * 8), *([0.59] * 10)]
    assert _events(_log(slight, falling=0.93, name="val/auroc", monitor="val/auroc"))
    assert not _events(_log(slight, falling=0.93, name="val/f1", monitor="val/f1"))


def test_likelihoods_below_zero_are_judged_where_the_run_names_no_loss() -> None:
    records: list[Record] = []
    for epoch in range(1, 31):
        place: Record = {"step": 100 * epoch, "epoch": epoch}
        records.append(place | {"train_nll": 0.3 - 0.06 * epoch})
        records.append(
            place | {"val_nll": 0.29 + 0.02 * epoch**2, "val/rmse": 0.7 + 0.05 * epoch**0.5}
        )
    event = max(_events(records), key=lambda event: event.severity)
    assert (event.severity.word, event.metric, event.evidence["best_epoch"]) == (
        "warning",
        "val_nll",
        1.0,
    )


def test_next_to_nothing_above_a_loss_of_next_to_nothing_is_no_loss() -> None:
    solved = [1.0, 1e-2, 1e-6, *(1e-6 * (1 + k) for k in range(12))]
    assert not _events(_log(solved, falling=0.5))
    assert _events(_log([1.0, 1e-2, 1e-2, *(1e-2 * (1 + k) for k in range(12))], falling=0.5))


def test_an_evaluation_that_is_back_at_the_best_is_not_worse_whatever_its_average_says() -> None:
    wild = [0.0, 1.6, 11.7, *[0.0] * 12]
    assert not [event for event in _events(_log(wild)) if event.severity.word != "info"]
