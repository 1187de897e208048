"""What the log has told so far: settings under any name, the judged metrics, where it began."""

from typing import Any

import pytest

from trainmon.configuration import settings_of
from trainmon.context import Context
from trainmon.roles import Direction, Overrides, Role, RunRoles, parsed_override
from trainmon.store.batch import HEADER, LogEvent


def _context(*metrics: str, **config: Any) -> Context:  # noqa: ANN401 - JSON is any value
    header = LogEvent(0, HEADER, {"trainmon": 1, "config": config})
    return Context().after(0, [header]).after(1, metrics=metrics)


@pytest.mark.parametrize("name", ["lr", "learning_rate", "base_lr", "LR"])
def test_a_setting_is_known_by_many_names(name: str) -> None:
    assert _context(optim={name: "3e-4"}).number("lr") == 3e-4


def test_a_setting_told_twice_is_the_first_one() -> None:
    assert settings_of({"lr": 1.0, "nested": {"lr": 2.0}})["lr"] == 1.0


@pytest.mark.parametrize("senseless", ["nan", "inf", "auto", None, True, [1], float("nan")])
def test_what_is_no_finite_number_is_no_number(senseless: object) -> None:
    assert _context(num_workers=senseless).number("num_workers") is None


def test_a_configuration_that_nests_without_end_is_read_to_a_depth() -> None:
    nested: dict[str, Any] = {}
    for _ in range(100):
        nested = {"a": nested, "lr": 1.0}
    assert len(settings_of(nested)) < 50


def test_later_configuration_adds_to_what_is_known() -> None:
    later = LogEvent(5, "config", {"event": "config", "step": 3, "config": {"epochs": 7}})
    context = _context(lr=1.0).after(5, [later])
    assert (context.number("lr"), context.planned_epochs, context.baseline_row) == (1.0, 7.0, 0)


def test_configuration_may_stand_in_the_event_itself() -> None:
    context = Context().after(
        5, [LogEvent(5, "config", {"event": "config", "step": 3, "epochs": 7})]
    )
    assert (context.planned_epochs, "step" in context.settings) == (7.0, False)


@pytest.mark.parametrize(
    ("monitor", "metric"),
    [
        ("val/f1", "val/f1"),
        ("f1", "val/f1"),
        ("val_f1", "val/f1"),
        ("loss", "val/loss"),
        ("x", None),
    ],
)
def test_the_monitored_metric_is_found_by_its_ending(monitor: str, metric: str | None) -> None:
    monitored = _context("train/loss", "val/loss", "val/f1", monitor=monitor).monitored
    assert (monitored[0] if monitored else None) == metric


def test_the_monitored_metric_is_the_one_that_is_called_so_before_one_that_ends_so() -> None:
    monitored = _context("val/cls_loss", "val/loss", monitor="val_loss").monitored
    assert monitored == ("val/loss", Direction.LOWER)


def test_the_mode_decides_the_direction_of_a_metric_of_ones_own() -> None:
    assert _context("val/zeal", monitor="zeal").monitored == ("val/zeal", Direction.UNKNOWN)
    assert _context("val/zeal", monitor="zeal", mode="max").monitored == (
        "val/zeal",
        Direction.HIGHER,
    )


def test_the_usual_training_loss_is_preferred_over_its_parts() -> None:
    assert _context("loss_box", "total_loss", "train/loss").train_loss == "train/loss"
    assert _context("loss_box", "training_loss").train_loss == "training_loss"
    assert _context("loss_box").train_loss is None


@pytest.mark.parametrize("kind", ["phase", "resume", HEADER])
def test_baselines_begin_anew_at_a_phase_a_resume_and_a_header(kind: str) -> None:
    context = _context().after(9, [LogEvent(9, kind, {"name": "unfreeze"})])
    assert context.baseline_row == 9


def test_clipping_at_zero_is_off() -> None:
    assert _context(max_grad_norm=0).clip is None
    assert _context(max_grad_norm=1.0).clip == 1.0


@pytest.mark.parametrize(
    ("config", "key", "value"),
    [
        ({"optim_wrapper": {"optimizer": {"type": "AdamW", "lr": 1e-3}}}, "optimizer", "AdamW"),
        ({"SOLVER": {"IMS_PER_BATCH": 16, "MAX_ITER": 90_000}}, "total_steps", 90_000),
        ({"lr-warmup-iters": 100}, "warmup_steps", 100),
        ({"batch": 16, "workers": 8}, "num_workers", 8),
        ({"model": {"type": "ResNet"}}, "type", "ResNet"),
    ],
)
def test_settings_of_many_projects_are_known(
    config: dict[str, Any], key: str, value: object
) -> None:
    assert settings_of(config)[key] == value


def test_a_number_of_any_length_is_a_setting() -> None:
    assert settings_of({"seed": 10**5_000})["seed"] == float("inf")


def test_what_is_minus_one_is_not_planned() -> None:
    context = _context(max_steps=-1, num_train_epochs=3)
    assert (context.planned_steps, context.planned_epochs) == (None, 3.0)


def test_greater_is_better_tells_the_direction_as_a_mode_does() -> None:
    context = _context("val/zeal", metric_for_best_model="zeal", greater_is_better=False)
    assert context.monitored == ("val/zeal", Direction.LOWER)
    assert context.direction("val/zeal") == Direction.LOWER


def test_the_rate_of_the_first_group_stands_for_that_of_the_model() -> None:
    assert _context("lr/pg0", "lr/pg1").learning_rate == "lr/pg0"
    assert _context("lr/pg0", "lr").learning_rate == "lr"


def test_what_a_person_said_of_a_metric_counts() -> None:
    roles = RunRoles(Overrides((parsed_override("val_metric=zeal:higher"),)))
    context = Context(roles=roles).after(0, metrics=("zeal", "loss"))
    assert context.names(Role.VAL_METRIC) == ("zeal",)
    assert context.direction("zeal") == Direction.HIGHER
    assert context.role("loss").role == Role.TRAIN_LOSS
