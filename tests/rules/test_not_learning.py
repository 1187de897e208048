"""The rule for runs that do not learn: what tells it, how soon, and what only looks like it."""

from math import log, pi

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event, Severity
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("not-learning")

STEPS = 1_000

Curve = NDArray[np.float64]


def _flat(level: float, noise: float = 0.01, steps: int = STEPS, seed: int = 0) -> Curve:
    return level + np.random.default_rng(seed).normal(0, noise, steps)


def _log(
    curve: Curve,
    evaluations: dict[str, list[float]] | None = None,
    *,
    every: int = 1,
    name: str = "train/loss",
    columns: dict[str, Curve] | None = None,
    **config: object,
) -> list[Record]:
    """Return a log with evaluations at equal distances."""
    records: list[Record] = [{"trainmon": 1, "config": config}]
    rounds = len(next(iter(evaluations.values()))) if evaluations else 0
    for step in range(1, len(curve) + 1):
        if (step - 1) % every == 0:
            told = {key: float(values[step - 1]) for key, values in (columns or {}).items()}
            records.append({"step": step, name: float(curve[step - 1]), **told})
        if rounds and step % (len(curve) // rounds) == 0:
            at = step // (len(curve) // rounds) - 1
            told = {key: values[at] for key, values in (evaluations or {}).items()}
            records.append({"step": step, **told})
    return records


def _told(records: list[Record]) -> list[Event]:
    """Return what is told at warning or above."""
    events = [decision.event for decision in replay(RULE, records)]
    return [e for e in events if e.severity >= Severity.WARNING and e.kind != "cleared"]


def test_a_loss_that_stays_at_ln_10_is_told_with_its_baseline() -> None:
    event, *_ = _told(_log(_flat(log(10)), num_classes=10, total_steps=2_000, lr=3e-4))
    assert (event.evidence["baseline_name"], event.onset) == ("ln 10", 0)
    assert event.evidence["baseline"] == pytest.approx(2.302585)
    assert abs(event.evidence["improvement"]) < 0.01
    assert not event.evidence["train_falls"]


def test_an_angular_loss_just_below_pi_half_for_hours_is_told_though_it_creeps() -> None:
    creeping = np.linspace(1.59, 1.5, 20_000) + _flat(0, 0.02, 20_000)
    event, *_ = _told(_log(creeping, every=10, loss="angular", clip=1.0, lr=3e-4))
    assert event.evidence["baseline"] == pytest.approx(pi / 2)
    assert event.evidence["value"] > 1.55, "it is told early"


def test_fifty_steps_between_records_are_no_hindrance() -> None:
    loss = _flat(log(10), 0.02, 3_000)
    assert _told(_log(loss, every=50, num_classes=10))


def test_evaluations_at_chance_are_told_without_any_configuration() -> None:
    evaluations = {"val/loss": [2.31, 2.33, 2.3, 2.34, 2.32, 2.33, 2.35, 2.34, 2.36, 2.33]}
    evaluations["val/accuracy"] = [0.11, 0.098, 0.102, 0.105, 0.0993, 0.1, 0.101, 0.1, 0.098, 0.103]
    event, *_ = _told(_log(_flat(2.31, 0.1), evaluations))
    assert event.evidence["baseline_name"] == "ln 10"
    assert (event.evidence["metric"], event.metric) == ("val/accuracy", "train/loss")


def test_a_loss_thrown_above_chance_is_told_by_its_first_value_and_the_accuracy() -> None:
    curve = np.concatenate(([1.40], _flat(1.9, 0.2, 281)))
    evaluations = {"val/loss": [1.89, 1.56, 1.53, 1.72, 1.55, 1.51]}
    stays = [0.245, 0.2425, 0.2625, 0.2425, 0.2425, 0.245]
    log_of_few = _log(curve, {**evaluations, "val/accuracy": stays}, every=5, total_steps=282)
    event, *_ = _told(log_of_few)
    assert event.evidence["baseline_name"] == "ln 4"
    learns = [0.245, 0.3, 0.36, 0.42, 0.45, 0.47]
    assert not _told(_log(curve, {**evaluations, "val/accuracy": learns}, every=5, total_steps=282))


def test_a_training_loss_that_falls_while_evaluations_stay_at_chance_is_told_of_the_metric() -> (
    None
):
    falling = 2.3 * np.exp(-np.arange(STEPS) / 400) + _flat(0, 0.02)
    evaluations = {"val/loss": [2.4, 2.5, 2.7, 2.9, 3.2, 3.6, 4.0, 4.2, 4.4, 4.5]}
    evaluations["val/accuracy"] = [0.1, 0.11, 0.098, 0.102, 0.105, 0.099, 0.1, 0.101, 0.104, 0.1]
    event, *_ = _told(_log(falling, evaluations, num_classes=10))
    assert event.metric == "val/accuracy"
    assert event.evidence["train_falls"]


def test_a_run_that_had_learned_stopped_when_it_was_at_chance_again() -> None:
    curve = np.concatenate((_flat(1.2, 0.05, 400), _flat(2.32, 0.02, 600)))
    evaluations = {"val/loss": [1.9, 1.5, 1.2, 1.1] + 6 * [2.32]}
    evaluations["val/accuracy"] = [0.4, 0.5, 0.6, 0.65] + 6 * [0.1]
    event, *_ = _told(_log(curve, evaluations, num_classes=10, total_steps=STEPS))
    assert event.evidence["had_learned"]
    assert 490 < event.onset <= 505, "the first evaluation at chance, of step 500"
    assert "is back at" in event.title


def test_evaluations_that_go_back_to_chance_while_training_falls_on_are_overfitting() -> None:
    curve = np.linspace(2.3, 0.1, STEPS) + _flat(0, 0.02)
    evaluations = {"val/loss": [1.9, 1.5, 1.7, 2.0, 2.3, 2.5, 2.6, 2.7, 2.8, 2.9]}
    assert not _told(_log(curve, evaluations, num_classes=10, total_steps=STEPS))


def test_a_weak_signal_that_ranks_better_than_chance_is_not_guessed_to_be_chance() -> None:
    evaluations = {"val/loss": [0.688, 0.6863, 0.6855, 0.6857, 0.6856]}
    evaluations["val/accuracy"] = [0.5437, 0.5505, 0.55, 0.556, 0.5562]
    ranks = [0.559, 0.568, 0.572, 0.5715, 0.572]
    falls = np.linspace(0.69, 0.677, STEPS) + _flat(0, 0.01)
    assert not _told(_log(falls, {**evaluations, "val/auroc": ranks}))
    guesses = [0.503, 0.498, 0.501, 0.499, 0.502]
    assert _told(_log(falls, {**evaluations, "val/auroc": guesses}))


def test_an_auroc_of_rare_positives_errs_more_before_it_ranks() -> None:
    curve = np.linspace(0.3, 0.2, STEPS) + _flat(0, 0.02)
    ranks = {"val/auroc": [0.51, 0.52, 0.535, 0.538, 0.539, 0.54, 0.539, 0.54, 0.539, 0.54]}
    assert _told(_log(curve, {**ranks, "val/f1": 10 * [0.0]}, total_steps=STEPS))
    assert not _told(_log(curve, {**ranks, "val/f1": 10 * [0.45]}, total_steps=STEPS))


def test_a_learning_rate_far_too_low_moves_nothing() -> None:
    loss = np.linspace(1.702, 1.7, STEPS) + _flat(0, 0.03)
    evaluations = {"val/loss": np.linspace(1.7302, 1.7298, 10).tolist()}
    event, *_ = _told(_log(loss, evaluations, columns={"lr": np.full(STEPS, 1e-7)}))
    assert event.evidence["lr"] == 1e-7
    assert (event.metric, event.evidence["train_falls"]) == ("train/loss", False)


def test_a_regression_at_the_variance_of_its_target_is_told_by_its_r2() -> None:
    evaluations = {"val/r2": [-0.02, 0.001, -0.003, 0.0, -0.001, 0.001, 0.0, -0.002, 0.0, 0.0]}
    assert _told(_log(_flat(1.0, 0.3), evaluations))


def test_it_is_an_error_once_a_tenth_of_the_plan_is_gone() -> None:
    severities = [e.severity for e in _told(_log(_flat(log(10), steps=6_000), num_classes=10))]
    assert set(severities) == {Severity.WARNING}
    records = _log(_flat(log(10), steps=6_000), num_classes=10, total_steps=40_000)
    assert [e.severity.word for e in _told(records)][:: len(_told(records)) - 1] == [
        "warning",
        "error",
    ]


def test_a_run_that_begins_to_learn_after_all_clears_it() -> None:
    fall = np.exp(-np.clip(np.arange(3_000) - 2_000, 0, None) / 100)
    loss = 0.2 + (log(10) - 0.2) * fall + _flat(0, 0.01, 3_000)
    *_, last = replay(RULE, _log(loss, num_classes=10))
    assert last.event.kind == "cleared"


def _long_tailed(accuracies: list[float]) -> list[Event]:
    """Return what is told of a run that trains on classes of which the first has four tenths."""
    falling = 2.3 * np.exp(-np.arange(STEPS) / 400) + _flat(0, 0.02)
    evaluations = {"val/loss": [2.3] * 4 + [2.4] * 16, "val/accuracy": accuracies}
    return _told(_log(falling, evaluations, class_counts="[40, 20, 10, 10, 5, 5, 4, 3, 2, 1]"))


def test_an_accuracy_that_climbs_to_the_share_of_a_class_in_training_is_no_guess() -> None:
    guess = [0.1, 0.3, *([0.4, 0.395, 0.402] * 6)]
    assert _long_tailed(guess)
    assert not _long_tailed([0.1 + 0.015 * number for number in range(20)])


def _plateau(length: int, steps: int = 2_000) -> Curve:
    """Return a loss that stays at ln 64 for a while and falls then."""
    fall = np.exp(-np.clip(np.arange(steps) - length, 0, None) / 150)
    return np.asarray(0.3 + (log(64) - 0.3) * fall + _flat(0, 0.02, steps))


def _warmup(length: int, steps: int = 3_000) -> dict[str, Curve]:
    return {"lr": np.minimum(np.arange(1, steps + 1) / length, 1.0) * 1e-3}


QUIET = {
    "a plateau of a contrastive loss": _log(
        _plateau(450), loss="InfoNCE", batch_size=64, total_steps=2_000
    ),
    "a slow start": _log(_plateau(330), num_classes=64),
    "a long warm-up": _log(_plateau(1_900, 3_000), num_classes=64, lr=1e-3, columns=_warmup(2_000)),
    "a fine-tune that begins low": _log(
        _flat(0.31, 0.05),
        {"val/loss": [0.3] * 10, "val/accuracy": [0.91, 0.915, 0.92] * 3 + [0.92]},
    ),
    "a fine-tune without evaluations, with the noise of its batches": _log(_flat(1.8, 0.2)),
    "a loss at its floor": _log(_flat(0.03, 0.0003)),
    "a run that has converged": _log(
        np.concatenate((np.linspace(2.3, 0.5, 150), _flat(0.5, 0.01, 1_850)))
    ),
    "labels of which many are wrong": _log(
        np.concatenate((np.linspace(0.70, 0.673, 90), _flat(0.673, 0.01, 910))),
        {"val/loss": [0.672] * 10, "val/accuracy": [0.58, 0.59] + [0.6] * 8},
        num_classes=2,
    ),
    "a reinforcement learner": _log(
        _flat(0.693, 0.001), columns={"rollout/ep_rew_mean": np.linspace(0, 200, STEPS)}
    ),
    "two models that play against each other": _log(
        _flat(log(2), 0.001), name="loss_D", columns={"loss_G": _flat(log(2), 0.001, seed=1)}
    ),
    "a log that begins in the middle": [
        record | {"step": record["step"] + 50_000} if "step" in record else record
        for record in _log(_flat(2.31, 0.005, 3_000))
    ],
}


@pytest.mark.parametrize("log_of", QUIET)
def test_what_only_looks_like_it_is_not_told(log_of: str) -> None:
    assert not _told(QUIET[log_of])


def test_a_run_that_is_resumed_where_it_had_converged_is_not_told() -> None:
    loss = np.concatenate((np.linspace(2.3, 1.2, 500), _flat(1.2, 0.003, 1_500)))
    records = _log(loss)
    records.insert(900, {"event": "resume", "step": 890})
    assert not _told(records)


def test_logs_of_epochs_without_steps_are_judged_epoch_by_epoch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.001, 30)
    records: list[Record] = [
        {"epoch": n, "loss": 2.302 + float(noise[n]), "val_loss": 2.3017, "val_acc": 0.1135}
        for n in range(30)
    ]
    event, *_ = _told(records)
    assert event.row <= 10


def test_an_accuracy_that_stays_while_f1_is_0_tells_the_share_of_negatives() -> None:
    def log_at(val_loss: float) -> list[Record]:
        evaluations = {
            "val/loss": (val_loss - 1e-4 * np.arange(20)).tolist(),
            "val/accuracy": [0.562, 0.622, *[0.6270270270270270] * 18],
            "val/f1": [0.464, 0.205, *[0.0] * 18],
        }
        curve = np.linspace(0.69, 0.64, STEPS) + _flat(0.0, noise=0.03)
        return _log(curve, evaluations, num_classes=2, lr=5e-4, total_steps=STEPS)

    at_the_entropy, below = log_at(0.656), log_at(0.55)
    assert _told(at_the_entropy)
    assert not _told(below)


def _rare_class(rounds: int, floor: float, slow: float) -> tuple[Curve, dict[str, list[float]]]:
    """Return a loss that falls from ln 2 to a floor, and evaluations that only tell negatives."""
    falls = (log(2) - floor) * np.exp(-np.arange(STEPS) / slow) + floor
    losses = falls[STEPS // rounds - 1 :: STEPS // rounds].tolist()
    still = {"val/accuracy": [0.96] * rounds, "val/recall": [0.0] * rounds}
    return falls + _flat(0, 0.01), {"val/loss": losses, "val/f1": [0.0] * rounds, **still}


@pytest.mark.parametrize("every", [1, 20])
def test_a_loss_that_falls_through_the_entropy_of_a_rare_class_is_on_its_way(every: int) -> None:
    loss, evaluations = _rare_class(20, floor=0.05, slow=250)
    assert not _told(_log(loss, evaluations, every=every))


@pytest.mark.parametrize("every", [1, 20])
def test_a_loss_that_falls_to_the_entropy_of_a_rare_class_and_stays_is_told(every: int) -> None:
    loss, evaluations = _rare_class(20, floor=0.1682, slow=100)
    event, *_ = _told(_log(loss, evaluations, every=every))
    assert event.evidence["baseline_name"] == "the entropy of the classes"


def _shares_alone(auroc: float) -> list[Record]:
    """Return a log that falls from ln 2 to the prior's entropy at once, and stays there."""
    falls = 0.636 + 0.057 * np.exp(-np.arange(STEPS) / 20) + _flat(0, 0.01)
    still = [0.6367, 0.6359, 0.636, 0.6363, 0.6362, 0.6361]
    wobbles = [auroc, auroc + 0.002, auroc - 0.001, auroc + 0.001, auroc, auroc + 0.001]
    return _log(falls, {"val/loss": still, "val/auroc": wobbles})


def test_a_loss_that_fell_to_what_the_shares_of_labels_tell_and_stays_is_told() -> None:
    event, *_ = _told(_shares_alone(0.553))
    assert event.title == "val/loss has not moved from 0.637 in 5 evaluations"
    assert not _told(_shares_alone(0.7))


def test_an_auroc_of_one_score_does_not_speak_for_a_model_whose_answers_get_better() -> None:
    falling = 0.1 + 0.6 * np.exp(-np.arange(STEPS) / 150)
    rising = [0.71, 0.86, 0.91, 0.92, 0.93, 0.934, 0.931, 0.936, 0.932, 0.935]
    constant = {"val/auroc": [0.5] * 10}
    assert not _told(_log(falling, constant | {"val/acc": rising}))
    one_answer = constant | {"val/acc": [0.29, *[0.71] * 9]}
    event, *_ = _told(_log(falling, one_answer))
    assert event.metric == "val/auroc"


def test_a_loss_that_goes_down_at_each_evaluation_learns_however_slowly() -> None:
    """The scores of a small rate: 7 % in all, and the accuracy is that of a guess for long."""
    falling = 0.693 - 0.05 * np.arange(STEPS) / STEPS + _flat(0, 0.01)
    guesses = [0.49] * 8 + [0.5, 0.51, 0.53, 0.55]
    creeping = [0.690 - 0.004 * at for at in range(12)]
    standing = [0.690 - 0.004 * (at % 2) for at in range(12)]
    assert not _told(_log(falling, {"val/loss": creeping, "val/accuracy": guesses}))
    assert _told(_log(_flat(0.69), {"val/loss": standing, "val/accuracy": [0.49] * 12}))


def _thrown(peak: float, end: float, *, first: float = 7.6, noise: float = 0.8) -> Curve:
    """Return a regression that leaps in its first steps and comes back to where it stays."""
    fades = (peak - end) * np.exp(-np.arange(STEPS) / 8)
    curve = end + fades + _flat(0, noise)
    curve[0] = first
    return curve


def test_a_loss_that_is_thrown_off_and_stands_about_where_it_began_needs_no_chance_level() -> None:
    event, *_ = _told(_log(_thrown(80, 6.2), {"val/loss": [6.3, 6.31, 6.3, 6.29, 6.3, 6.31]}))
    assert event.title.startswith("train/loss was thrown from 7.6 to ")


@pytest.mark.parametrize("curve", ["noise alone", "it learns", "one odd batch", "it comes down"])
def test_a_leap_of_the_first_steps_is_forgiven(curve: str) -> None:
    odd = _thrown(6.2, 6.2)
    odd[3] = 80
    falls = _thrown(80, 6.2) - 3 * np.arange(STEPS) / STEPS
    curves = {
        "noise alone": _thrown(6.2, 6.2, first=4.9),
        "it learns": _thrown(80, 2.0),
        "one odd batch": odd,
        "it comes down": falls,
    }
    assert not _told(_log(curves[curve]))


@pytest.mark.parametrize(("angle", "told"), [(90.0, True), (30.0, False)])
def test_an_angle_that_stays_a_right_one_while_training_falls_is_told(
    *, angle: float, told: bool
) -> None:
    falling = 1.4 * np.exp(-np.arange(STEPS) / 100) + _flat(0.2)
    degrees = [90.5, *[angle + 0.1 * (n % 3) for n in range(9)]]
    evaluations = {"val/angular_error_deg": degrees, "val/loss": [pi / 180 * d for d in degrees]}
    found = _told(_log(falling, evaluations, total_steps=STEPS))
    assert bool(found) is told
    if told:
        assert found[0].metric == "val/angular_error_deg"
        assert found[0].title.startswith("val/angular_error_deg stays at 90")


@pytest.mark.parametrize(
    ("first", "error", "told"),
    [
        (1.5, [0.9, 0.9, 0.9], True),
        (1.5, [0.9, 0.5, 0.3], False),  # a metric got better
        (0.8, [0.9, 0.9, 0.9], False),  # it had learned before it was evaluated
        (9.0, [0.9, 0.9, 0.9], False),  # another loss than that of training
    ],
)
def test_a_validation_that_stands_where_it_began_while_training_learns_is_told(
    first: float, error: list[float], *, told: bool
) -> None:
    falling = 1.4 * np.exp(-np.arange(STEPS) / 100) + _flat(0.15)
    losses = [first * (1 + 0.002 * (n % 3)) for n in range(9)]
    evaluations = {"val/loss": losses, "val/mean_error": [*error, *[error[-1]] * 6]}
    found = _told(_log(falling, evaluations, total_steps=STEPS))
    assert bool(found) is told
    if told:
        assert (found[0].metric, found[0].evidence["train_falls"]) == ("val/loss", True)
        assert len([e for e in found if e.kind == "opened"]) == 1


@pytest.mark.parametrize(("first", "told"), [(2.1, True), (9.0, True), (0.9, False)])
def test_a_validation_that_is_ever_worse_than_an_untrained_model_is_told(
    *, first: float, told: bool
) -> None:
    falling = 1.4 * np.exp(-np.arange(STEPS) / 100) + _flat(0.15)
    evaluations = {"val/loss": [first * (1 + 0.02 * n) for n in range(9)]}
    found = _told(_log(falling, evaluations, total_steps=STEPS))
    assert bool(found) is told
    if told:
        assert found[0].title.startswith(f"val/loss was never below {first:.3g} in ")
        assert found[0].evidence["never_better"] is True


def test_a_validation_that_is_computed_otherwise_and_gets_better_is_not_told() -> None:
    falling = 1.4 * np.exp(-np.arange(STEPS) / 100) + _flat(0.15)
    better = {"val/loss": [9.0 * 0.96**n for n in range(9)]}
    assert not _told(_log(falling, better, total_steps=STEPS))
