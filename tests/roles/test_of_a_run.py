"""Roles that the other metrics of a run settle, and which metric is judged of several."""

import pytest

from trainmon.roles import Direction, MetricRole, Overrides, Role, RunRoles, parsed_override


def _roles(*names: str, told: tuple[str, ...] = ()) -> RunRoles:
    return RunRoles(Overrides(tuple(map(parsed_override, told)))).including(names)


def test_a_loss_of_any_name_is_the_train_loss_if_it_is_the_only_one() -> None:
    assert _roles("my_loss", "lr").judged.get(Role.TRAIN_LOSS) == "my_loss"
    assert _roles("my_loss", "your_loss").judged.get(Role.TRAIN_LOSS) is None
    assert _roles("my_loss", "loss").of("my_loss").role == Role.LOSS_PART


def test_a_part_alone_is_no_train_loss() -> None:
    assert _roles("loss_box", "train/cls_loss").judged.get(Role.TRAIN_LOSS) is None


def test_losses_of_reinforcement_learning_are_parts() -> None:
    roles = _roles("train/loss", "train/value_loss", "rollout/ep_rew_mean")
    assert roles.judged.get(Role.TRAIN_LOSS) is None
    assert roles.of("train/loss").role == Role.LOSS_PART
    assert roles.judged.get(Role.RETURN) == "rollout/ep_rew_mean"


def test_a_return_that_comes_later_settles_it_from_there_on() -> None:
    before = _roles("train/loss")
    assert before.judged.get(Role.TRAIN_LOSS) == "train/loss"
    assert before.including(["episode_reward_mean"]).judged.get(Role.TRAIN_LOSS) is None


def test_what_a_person_said_stands_whatever_else_is_logged() -> None:
    roles = _roles("train/loss", "reward", "loss", told=("train_loss=train/loss",))
    assert roles.judged.get(Role.TRAIN_LOSS) == "train/loss"


def test_of_several_loaders_of_an_evaluation_the_first_is_judged_in_any_order() -> None:
    roles = _roles("val_loss/dataloader_idx_1", "val_loss/dataloader_idx_0")
    assert roles.judged.get(Role.VAL_LOSS) == "val_loss/dataloader_idx_0"


def test_time_is_that_of_a_step_beside_the_wait_for_data() -> None:
    assert _roles("time", "data_time").judged.get(Role.STEP_TIME) == "time"
    assert _roles("time", "loss").judged.get(Role.STEP_TIME) is None
    assert _roles("time", "loss").of("time").role == Role.COUNTER


def test_a_time_that_says_it_is_that_of_a_step_is_taken_before_one_that_does_not() -> None:
    for names in (("time", "data_time", "step_time"), ("iter_time", "time_s", "data_time")):
        roles = _roles(*names)
        assert roles.judged.get(Role.STEP_TIME) in {"step_time", "iter_time"}
        assert roles.names((Role.STEP_TIME,)) == (roles.judged[Role.STEP_TIME],)


def test_the_time_of_a_batch_is_that_of_a_step_by_itself() -> None:
    for name in ("batch_time", "batch_time_s", "train/batch_time"):
        assert _roles(name, "loss").judged.get(Role.STEP_TIME) == name
    assert _roles("train_time", "loss").judged.get(Role.STEP_TIME) is None


def test_a_clock_is_no_time_of_a_step_whatever_it_is_called() -> None:
    roles = RunRoles().including(["time", "data_time"], clocks=["time"])
    assert roles.judged.get(Role.STEP_TIME) is None
    assert roles.of("time").role == Role.COUNTER
    assert roles.including(["loss"]).judged.get(Role.STEP_TIME) is None
    later = RunRoles().including(["time", "data_time"]).with_clock("time")
    assert later.by_role == roles.by_role


@pytest.mark.parametrize(
    ("names", "judged"),
    [
        (("total_loss", "train/loss"), "train/loss"),
        (("train_loss", "loss"), "loss"),
        (("train_loss_epoch", "train_loss_step"), "train_loss_step"),
        (("train_lm_loss", "train_loss_epoch"), "train_loss_epoch"),
    ],
)
def test_the_plainest_train_loss_is_judged_step_by_step(
    names: tuple[str, ...], judged: str
) -> None:
    assert _roles(*names).judged.get(Role.TRAIN_LOSS) == judged


@pytest.mark.parametrize(
    ("names", "judged"),
    [
        (("test_loss", "val_loss"), "val_loss"),
        (("val_loss_step", "val_loss_epoch"), "val_loss_epoch"),
        (("eval_b_loss", "eval_a_loss"), "eval_b_loss"),
        (("val/a_loss", "val/loss"), "val/loss"),
    ],
)
def test_the_plainest_validation_loss_is_judged_as_a_whole(
    names: tuple[str, ...], judged: str
) -> None:
    assert _roles(*names).judged.get(Role.VAL_LOSS) == judged


def test_the_loss_that_a_person_named_is_judged_before_the_usual_one() -> None:
    roles = _roles("train/loss", "zeal", told=("train_loss=zeal",))
    assert roles.judged.get(Role.TRAIN_LOSS) == "zeal"


def test_the_same_metrics_settle_alike_however_they_arrive() -> None:
    names = ("my_loss", "time", "loss_box", "reward", "data_time", "val/a_loss")
    one_by_one = RunRoles()
    for name in names:
        one_by_one = one_by_one.including([name])
    assert one_by_one == _roles(*names)


def test_what_is_minimised_is_the_loss_of_a_run_that_names_none() -> None:
    roles = RunRoles().including(["train_nll", "train_acc", "val_nll", "val_acc", "val_mse"])
    assert roles.judged[Role.TRAIN_LOSS] == "train_nll"
    assert roles.judged[Role.VAL_LOSS] == "val_nll"
    assert roles.of("val_nll") == MetricRole(Role.VAL_LOSS, Direction.LOWER)
    assert roles.names((Role.VAL_METRIC,)) == ("val_acc", "val_mse")


def test_a_criterion_beside_a_loss_or_of_a_validation_alone_is_a_metric() -> None:
    for beside in ("train_loss", "val/loss", "train/box_loss"):
        roles = RunRoles().including(["train/mse", beside, "val/mse"])
        assert roles.of("train/mse").role == Role.TRAIN_METRIC
        assert roles.of("val/mse").role == Role.VAL_METRIC
    assert RunRoles().including(["val_mse"]).of("val_mse").role == Role.VAL_METRIC
