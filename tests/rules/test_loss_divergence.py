"""The rule for a loss that is lost for good: levels, short logs, and what explains a rise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("loss-divergence")
Curve = NDArray[np.float64]


def _events(
    level: NDArray[Any] | Sequence[float],
    *,
    noise: float = 0.1,
    every: int = 1,
    first: int = 0,
    columns: Sequence[Record] = (),
    config: Record | None = None,
) -> list[Event]:
    """Return what is said of a loss of this course."""
    loss = np.asarray(level) + noise * np.random.default_rng(0).normal(0, 1, len(level))
    records: list[Record] = [{"trainmon": 1, "config": config or {}}]
    for at, value in enumerate(loss.tolist()):
        record: Record = {"step": first + every * at, "train/loss": value}
        records.append(record | (columns[at] if columns else {}))
    return [decision.event for decision in replay(RULE, records)]


def _falling(length: int = 900, floor: float = 0.5) -> Curve:
    return floor + 2.0 * np.exp(-np.arange(length) / 80)


def _lost(at: int, to: float, length: int = 900) -> Curve:
    level = _falling(length)
    level[at:] = to
    return level


def test_a_jump_that_stays_begins_where_the_loss_jumped() -> None:
    event, *_ = _events(_lost(500, 1.5))
    assert (event.kind, event.severity.word, event.onset) == ("opened", "warning", 501)
    assert event.row < 600
    assert event.evidence["ratio"] == pytest.approx(3, abs=0.4)
    assert event.evidence["given_back"] == pytest.approx(0.5, abs=0.1)


def test_worse_than_at_the_start_is_an_error() -> None:
    assert _events(_lost(500, 4.0))[0].severity.word == "error"


def test_worse_than_a_guess_is_an_error() -> None:
    config = {"chance_loss": 1.0}
    event, *_ = _events(_lost(500, 1.5), config=config)
    assert (event.severity.word, event.evidence["baseline"]) == ("error", 1.0)


def test_a_loss_that_comes_back_clears_it() -> None:
    level = _lost(500, 1.5)
    level[700:] = 0.5
    assert _events(level)[-1].kind == "cleared"


@pytest.mark.parametrize("noise", [0.02, 0.3])
def test_a_plateau_is_no_divergence_however_noisy(noise: float) -> None:
    assert not _events(_falling(3_000), noise=noise)


def test_losses_near_0_double_without_a_difference() -> None:
    level = 2.0 * np.exp(-np.arange(1_500) / 60) + 1e-3
    level[1_000:] = 5e-3
    assert not _events(level, noise=1e-4)


def test_a_slow_rise_is_told_after_ten_checks() -> None:
    level = _falling(2_000)
    level[700:] *= np.linspace(1, 1.28, 1_300)
    event, *_ = _events(level, noise=0.01)
    assert event.evidence["growing"] >= 10
    assert event.evidence["ratio"] < 1.3


def test_decay_of_weights_may_lift_a_loss_near_0_check_after_check() -> None:
    level = 2.3 * np.exp(-np.arange(1_500) / 20) + 1e-4
    level[200:] *= np.geomspace(1, 12, 1_300)
    assert not _events(level, noise=1e-6)


def test_losses_below_0_are_judged_by_differences() -> None:
    level = _falling(900, -1.5)
    assert not _events(level + np.where(np.arange(900) > 500, 0.3, 0.0), noise=0.05)
    event, *_ = _events(level + np.where(np.arange(900) > 500, 1.5, 0.0), noise=0.05)
    assert event.severity.word == "warning"
    assert "ratio" not in event.evidence


def test_a_restart_of_the_schedule_explains_a_rise_and_a_surge_does_not() -> None:
    rate = 0.1 * np.linspace(1, 0.01, 500)
    for factor, told in ((1.0, False), (1_000.0, True)):
        rates = np.concatenate((rate, factor * rate[:400]))
        columns: list[Record] = [{"lr": float(value)} for value in rates]
        assert bool(_events(_lost(500, 1.5), columns=columns)) == told


def test_a_rise_while_the_warm_up_goes_on_is_not_judged() -> None:
    rates = np.linspace(0, 0.1, 900)
    columns: list[Record] = [{"lr": float(value)} for value in rates]
    assert not _events(_lost(500, 1.5), columns=columns, config={"lr": 0.1})


def test_harder_data_is_told_by_evaluations_that_get_better() -> None:
    for growth, told in ((0.999, False), (1.002, True)):
        columns: list[Record] = [
            {"val/loss": 2.0 * growth**at} if at % 40 == 0 else {} for at in range(900)
        ]
        assert bool(_events(_lost(500, 1.5), columns=columns)) == told


def test_reinforcement_learning_is_judged_by_its_return() -> None:
    columns: list[Record] = [{"rollout/ep_rew_mean": float(at)} for at in range(900)]
    assert not _events(_lost(500, 1.5), columns=columns)


def test_a_resume_leaves_it_behind() -> None:
    records: list[Record] = [
        {"step": at, "train/loss": float(value)} for at, value in enumerate(_lost(400, 1.5, 600))
    ]
    again = [{"step": 300 + at, "train/loss": 0.5} for at in range(200)]
    *_, last = replay(RULE, [*records, {"event": "resume", "step": 300}, *again])
    assert (last.event.kind, last.event.title) == ("cleared", "train/loss began anew")


BLOOM = (2.776, 2.773, 2.768, 7.344, 8.716, 7.654, 7.192, 6.849)
"""A public chronicle of a run that was lost, of which there are ten records."""


def test_in_a_log_of_few_records_three_of_them_decide() -> None:
    event, *_ = _events(BLOOM, noise=0, every=10, first=29_020)
    assert (event.row, event.onset, event.severity.word) == (6, 4, "warning")


@pytest.mark.parametrize(
    "losses",
    [
        (2.776, 2.773, 2.768, 7.344, 2.769, 7.654),
        (2.4, 3.4, 2.9, 4.4, 4.1, 4.9),
        (2.776, 2.773, 2.768, 3.4, 3.5, 3.6),
    ],
    ids=["single spikes", "noise", "a small step"],
)
def test_few_records_do_not_decide_on(losses: Sequence[float]) -> None:
    assert not _events(losses, noise=0, every=10, first=29_020)


FELL = [0.96, 0.69, 0.52, 0.4, 0.29, 0.24, 0.16]


def test_a_run_that_blows_up_while_it_learns_fast_is_told_by_three_records() -> None:
    event, *_ = _events([*FELL, 287.0, 17.0, 16.0, 14.0, 13.0, 12.0], noise=0, every=25, first=25)
    assert (event.onset, event.row, event.severity.word) == (8, 10, "error")


def test_a_run_that_falls_back_behind_its_start_is_told_by_five_records() -> None:
    back = [0.9, 3.6, 15.8, 8.3, 4.0, 3.2, 2.7, 2.3, 2.4, 2.7, 2.1, 2.7]
    event, *_ = _events([*FELL, *back], noise=0, every=25, first=25)
    assert event.severity.word == "error"
    assert event.row < 17


def test_a_loss_that_had_not_halved_may_rise_for_some_records() -> None:
    assert not _events([1.0, 0.9, 0.8, 0.75, 0.7, 0.7, 0.65, *6 * [1.4]], noise=0, every=25)


def test_few_records_at_the_beginning_of_a_run_do_not_decide() -> None:
    assert not _events(BLOOM[:7], noise=0, every=10)


@pytest.mark.parametrize(("noise", "row"), [(0.02, 43), (0.06, 45)])
def test_where_each_record_is_an_epoch_three_of_them_decide_or_five_if_noisy(
    noise: float, row: int
) -> None:
    level = 0.5 + 2 * 0.8 ** np.arange(60)
    level[40:] = np.linspace(1.2, 1.6, 20)
    columns: list[Record] = [{"epoch": at + 1} for at in range(60)]
    event, *_ = _events(level, noise=noise, columns=columns)
    assert (event.onset, event.row) == (41, row)


@pytest.mark.parametrize("seed", range(8))
def test_an_average_that_climbs_from_a_low_first_value_is_ordinary(seed: int) -> None:
    raw = 2.0 * np.random.default_rng(seed).lognormal(0, 0.6, 1_200)
    level, smooth = 0.6, list[float]()
    for value in raw.tolist():
        level += 0.02 * (value - level)
        smooth.append(level)
    assert not _events(smooth, noise=0)


def _autoencoder(
    weight: Curve, recon: Curve, *, parts: bool = True, weighted: bool = False
) -> list[Event]:
    """Return what is said of a loss of two parts, the second of them weighted."""
    rng = np.random.default_rng(2)
    recon = recon * rng.lognormal(0, 0.1, len(recon))
    kl = 10 * rng.lognormal(0, 0.05, len(recon))
    total = recon + weight * kl
    kl = weight * kl if weighted else kl
    logged: list[Record] = [
        {"train/loss/recon": a, "train/loss/kl": b} if parts else {}
        for a, b in zip(recon.tolist(), kl.tolist(), strict=True)
    ]
    return _events(total, noise=0, columns=logged)


WARMED = np.clip((np.arange(900) - 300) / 300, 0, 1) * 0.3
"""A weight that rises from 0 to 0.3 in the middle of a run."""


def test_a_weight_that_is_warmed_up_explains_a_rise_where_the_parts_are_logged() -> None:
    assert _autoencoder(WARMED, _falling(), parts=False)
    assert not _autoencoder(WARMED, _falling())


def test_a_weight_that_goes_in_cycles_explains_a_rise_again_and_again() -> None:
    cycles = np.clip(np.arange(900) % 300 / 150, 0, 1) * 0.3
    assert not _autoencoder(cycles, _falling())


def test_parts_that_are_logged_as_they_are_weighted_tell_that_the_task_holds() -> None:
    falling = 3 * _falling()  # the total stays below where it began
    assert not _autoencoder(WARMED, falling, weighted=True)
    lost = falling.copy()
    lost[500:] = 5.0
    assert _autoencoder(WARMED, lost, weighted=True)


def test_a_weight_explains_no_part_that_is_lost() -> None:
    event, *_ = _autoencoder(WARMED, _lost(700, 200.0))
    assert event.severity.word == "error"


def test_a_part_that_is_not_logged_is_no_weight() -> None:
    level, recon = _lost(500, 4.0), _falling()
    logged: list[Record] = [
        {"train/loss/recon": a, "train/loss/kl": 0.1 + 0.02 * (at % 7)}
        for at, a in enumerate(recon.tolist())
    ]
    assert _events(level, columns=logged)


def test_a_loss_below_zero_that_leaps_in_a_log_of_few_records_is_lost() -> None:
    falling = -1.8 + 1.5 * np.exp(-np.arange(28) / 8)
    lost = 60 * np.exp(-np.arange(37) / 12) + 6
    event, *_ = _events(np.concatenate((falling, lost)), every=20)
    assert (event.severity.word, event.onset) == ("error", 29)


def test_a_loss_below_zero_that_is_noisy_in_a_log_of_few_records_is_well() -> None:
    falling = -1.8 + 1.5 * np.exp(-np.arange(64) / 8)
    assert not any(_events(falling, every=20, noise=noise) for noise in (0.1, 0.3, 1.0))


def test_a_rate_that_grows_until_all_is_lost_that_was_learned_is_no_warm_up() -> None:
    level = np.concatenate((80 * np.exp(-np.arange(38) / 6) + 0.3, np.full(24, 120.0)))
    rates: list[Record] = [{"lr": 1e-3 * 1.12**at} for at in range(62)]
    event, *_ = _events(level, every=10, columns=rates, noise=0.02)
    assert (event.severity.word, event.onset) == ("error", 39)


def test_a_run_that_never_got_better_is_lost_in_a_log_of_few_records_too() -> None:
    event, *_ = _events(1_400 * 1.3 ** np.arange(37), every=20, noise=10)
    assert event.severity.word == "error"


def test_a_thinned_log_of_a_likelihood_that_explodes_is_told() -> None:
    level = np.concatenate((8 + 4 * np.exp(-np.arange(60) / 10), np.geomspace(400, 1e6, 20)))
    values = level * np.random.default_rng(0).lognormal(0, 0.2, 80)
    records = [
        {"step": 10 * at, "train_nll": float(v), "lr": 0.3, "val_nll": float(v)}
        if at % 5 == 4
        else {"step": 10 * at, "train_nll": float(v), "lr": 0.3}
        for at, v in enumerate(values)
    ]
    event, *_ = [decision.event for decision in replay(RULE, records)]
    assert (event.metric, event.severity.word) == ("train_nll", "error")


def _both(
    train: Sequence[float],
    val: Sequence[float],
    rate: Sequence[float],
    columns: dict[str, Sequence[float]],
    cut: int = 0,
) -> list[Event]:
    """Return what is said of ten noisy records of an epoch, and the evaluation after each."""
    rng, records = np.random.default_rng(0), [Record({"trainmon": 1, "config": {}})]
    for epoch, level in enumerate(train):
        for at in range(10):
            step, loss = 50 * epoch + 5 * at, level * rng.lognormal(0, 0.12)
            kl = columns.get("kl")
            parts = {"train/loss/kl": kl[epoch], "train/loss/recon": 0.3} if kl else {}
            records.append({"step": step, "train/loss": float(loss), "lr": rate[epoch], **parts})
        told = {f"val/{name}": values[epoch] for name, values in columns.items()}
        records.append({"step": 50 * epoch + 49, "val/loss": val[epoch], **told})
    return [decision.event for decision in replay(RULE, records, cut=cut)]


RISEN = [0.01, 0.05, 0.1, 0.2, 0.3, *[0.4] * 7]
CLIMBED = [1.0, 0.4, 0.35, 0.5, 0.6, *[0.8] * 7]


def test_noisy_records_that_climb_with_the_evaluations_and_the_rate_have_diverged() -> None:
    val = [0.5, 0.36, 0.3, 0.5, 0.55, *[0.7] * 7]
    event, *_ = found = _both(CLIMBED, val, RISEN, {})
    assert (event.severity.word, event.evidence["lr"]) == ("warning", 0.4)
    assert event.evidence["best"] == pytest.approx(0.35, rel=0.1)
    assert all(_both(CLIMBED, val, RISEN, {}, cut) == found for cut in (1, 7, 11, 30))


def test_evaluations_that_come_back_with_the_records_end_it() -> None:
    back = [0.3] * 12
    found = _both([*CLIMBED, *back], [*CLIMBED, *back], [*RISEN, *[0.1] * 12], {})
    assert [event.kind.value for event in found][-1] == "cleared"


def test_a_loss_that_goes_back_behind_its_start_needs_no_factor() -> None:
    train, val = [3.68, 3.5, 3.3, 3.2, *[3.9] * 8], [3.6, 3.4, 3.25, 3.2, *[3.9] * 8]
    rng = np.random.default_rng(0)
    noisy = [level + 0.02 * float(rng.normal()) for level in train]
    records: list[Record] = [{"trainmon": 1, "config": {}}]
    for epoch, level in enumerate(noisy):
        records += [
            {"step": 50 * epoch + 8 * at, "train/loss": level, "lr": RISEN[epoch]}
            for at in range(6)
        ]
        records.append({"step": 50 * epoch + 49, "val/loss": val[epoch]})
    event, *_ = [decision.event for decision in replay(RULE, records)]
    assert event.severity.word == "error"


@pytest.mark.parametrize(
    ("train", "val", "rate", "columns"),
    [
        # Overfitting: the training loss falls on.
        ([0.9 * 0.8**n for n in range(12)], [0.5, 0.4, 0.3, *[0.7] * 9], [0.1] * 12, {}),
        # Harder batches: the evaluations get better all the same.
        (CLIMBED, [0.5 * 0.9**n for n in range(12)], RISEN, {}),
        # A growing weight of a part: both totals rise, and the model does what it did.
        (CLIMBED[:9], CLIMBED[:9], [0.1] * 9, {"accuracy": [0.5, 0.7, 0.9] + [0.92] * 6}),
        # The same, where the part that weighs more falls for it.
        (
            CLIMBED[:9],
            CLIMBED[:9],
            [0.1] * 9,
            {"kl": [9.0, 9.0, 9.0, 8.0, 7.0, 6.0, 5.0, 5.0, 5.0]},
        ),
        # A restart of the schedule takes the rate back to what it was.
        (
            [1.0, 0.8, 0.5, 0.3, *[0.7] * 4, 0.5, 0.4, 0.3, 0.25],
            [1.0, 0.8, 0.5, 0.3, *[0.7] * 4, 0.5, 0.4, 0.3, 0.25],
            [0.4, 0.3, 0.2, 0.01, *[0.4] * 4, 0.3, 0.2, 0.1, 0.01],
            {},
        ),
        # A warm-up that goes on may do anything.
        (CLIMBED, CLIMBED, [0.01 * 1.3**n for n in range(12)], {}),
    ],
)
def test_evaluations_tell_nothing_of_a_rise_that_is_none_or_explained(
    train: Sequence[float],
    val: Sequence[float],
    rate: Sequence[float],
    columns: dict[str, Sequence[float]],
) -> None:
    assert not _both(train, val, rate, columns)


@pytest.mark.parametrize(("other", "told"), [("loss_d", False), ("aux_loss", True)])
def test_a_model_that_is_beaten_by_its_rival_has_not_diverged(*, other: str, told: bool) -> None:
    columns: list[Record] = [{other: 1.2}] * 900
    assert bool(_events(_lost(400, 1.6), columns=columns)) is told
