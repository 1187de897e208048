"""What a person says that metrics are."""

import pytest

from trainmon.errors import TrainmonError, UnknownNameError, UsageError
from trainmon.roles import Direction, Overrides, Role, parsed_override


def _overrides(*told: str) -> Overrides:
    return Overrides(tuple(map(parsed_override, told)))


def test_what_is_told_counts_more_than_the_name() -> None:
    roles = _overrides("train_loss=zeal", "other=loss")
    assert roles.role_of("zeal").role == Role.TRAIN_LOSS
    assert roles.role_of("zeal").direction == Direction.LOWER
    assert roles.role_of("loss").role == Role.OTHER
    assert roles.role_of("val/loss").role == Role.VAL_LOSS


def test_a_direction_may_be_told_and_other_colons_belong_to_the_name() -> None:
    assert parsed_override("val_metric=zeal:higher").direction == Direction.HIGHER
    assert parsed_override("val_metric=mAP_0.5:0.95").pattern == "mAP_0.5:0.95"
    assert parsed_override("val_metric=mAP_0.5:0.95:lower").pattern == "mAP_0.5:0.95"


def test_a_pattern_stands_for_many_metrics_and_the_first_that_matches_counts() -> None:
    roles = _overrides("val_metric=score/a:lower", "val_metric=score/*:higher")
    assert roles.role_of("score/a").direction == Direction.LOWER
    assert roles.role_of("score/b").direction == Direction.HIGHER


def test_a_name_with_brackets_is_itself() -> None:
    assert _overrides("train_loss=loss[0]").role_of("loss[0]").role == Role.TRAIN_LOSS


@pytest.mark.parametrize("short", ["lr", "learning_rate", "LR", "Learning Rate"])
def test_a_role_is_known_by_its_usual_spellings(short: str) -> None:
    assert parsed_override(f"{short}=eta").role == Role.LEARNING_RATE


def test_a_role_there_is_not_names_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"no role 'trainloss'; there are: .*train_loss"):
        parsed_override("trainloss=x")


@pytest.mark.parametrize("text", ["train_loss", "=x", "train_loss=", "train_loss= ", ""])
def test_what_is_no_role_of_a_metric_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError, match="write ROLE=METRIC"):
        parsed_override(text)


def test_a_pattern_that_no_metric_matches_is_known() -> None:
    roles = _overrides("train_loss=a", "val_loss=b*")
    assert roles.unused(["a", "c"]) == ("b*",)


def test_errors_of_roles_are_meant_for_people() -> None:
    with pytest.raises(TrainmonError):
        parsed_override("?=?")
