"""Roles and directions: what names of many projects stand for."""

import pytest

from trainmon.roles import Direction, Role, role_of


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Loss", Role.TRAIN_LOSS),
        ("eval_loss", Role.VAL_LOSS),
        ("loss/validation", Role.VAL_LOSS),
        ("train/loss/box", Role.LOSS_PART),
        ("loss_scale", Role.AMP_SCALE),
        ("lr/backbone", Role.GROUP_LEARNING_RATE),
        ("grad_norm/layer.0", Role.LAYER_GRAD_NORM),
        ("update_ratio", Role.UPDATE_RATIO),
        ("update_ratio/layer.0", Role.LAYER_UPDATE_RATIO),
        ("running/loss", Role.OTHER),
        ("batch/val_loss", Role.OTHER),
        ("val/f1", Role.VAL_METRIC),
        ("train_accuracy", Role.TRAIN_METRIC),
        ("sys/gpu0/util", Role.SYSTEM),
        ("zeal", Role.OTHER),
        ("", Role.OTHER),
    ],
)
def test_a_name_tells_a_role(name: str, role: Role) -> None:
    assert role_of(name).role == role


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("val/acc", Direction.HIGHER),
        ("val/accuracy_top5", Direction.HIGHER),
        ("val/mAP50", Direction.HIGHER),
        ("val/tpr@fpr1e-4", Direction.HIGHER),
        ("val/fpr@tpr.85", Direction.LOWER),
        ("val_bpb", Direction.LOWER),
        ("val/total_loss", Direction.LOWER),
        ("val/perplexity", Direction.LOWER),
        ("val/loss/aux", Direction.LOWER),
        ("val/accelerations", Direction.UNKNOWN),
        ("val/zeal", Direction.UNKNOWN),
    ],
)
def test_the_first_word_of_a_metric_tells_its_direction(name: str, direction: Direction) -> None:
    assert role_of(name).direction == direction
