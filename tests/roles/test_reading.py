"""Roles, directions and units: what names of many projects stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.roles import Direction, Role, role_of


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Loss", Role.TRAIN_LOSS),
        ("Loss/train", Role.TRAIN_LOSS),
        ("trainLoss", Role.TRAIN_LOSS),
        ("train_loss_step", Role.TRAIN_LOSS),
        ("train_loss_mean", Role.TRAIN_LOSS),
        ("epoch_loss", Role.TRAIN_LOSS),
        ("train/CrossEntropyLoss", Role.TRAIN_LOSS),
        ("a run - lm_loss", Role.TRAIN_LOSS),
        ("eval_loss", Role.VAL_LOSS),
        ("eval_german_loss", Role.VAL_LOSS),
        ("loss/validation", Role.VAL_LOSS),
        ("holdout/loss", Role.VAL_LOSS),
        ("train/val_loss", Role.VAL_LOSS),
        ("validation/epoch_loss", Role.VAL_LOSS),
        ("val_loss/dataloader_idx_1", Role.VAL_LOSS),
        ("eval/c4-validation/CrossEntropyLoss", Role.VAL_LOSS),
        ("my_loss", Role.LOSS),
        ("model_b/loss", Role.LOSS),
        ("train/loss/box", Role.LOSS_PART),
        ("train/box_loss", Role.LOSS_PART),
        ("decode.loss_ce", Role.LOSS_PART),
        ("train_loss_ce_0", Role.LOSS_PART),
        ("val/dfl_loss", Role.VAL_LOSS_PART),
        ("val/loss/aux", Role.VAL_LOSS_PART),
        ("running/loss", Role.OTHER),
        ("batch/val_loss", Role.OTHER),
        ("train_loss_std", Role.OTHER),
        ("best_val_acc", Role.OTHER),
    ],
)
def test_losses_are_told_by_split_and_by_whether_they_are_whole(name: str, role: Role) -> None:
    assert role_of(name).role == role


@pytest.mark.parametrize(
    "name", ["d_loss", "loss_G", "errD", "LossPi", "q-loss", "train/value_loss", "loss_D_A"]
)
def test_losses_that_balance_each_other_are_parts_without_a_direction(name: str) -> None:
    assert role_of(name).role == Role.LOSS_PART
    assert role_of(name).direction == Direction.UNKNOWN


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("val/f1", Role.VAL_METRIC),
        ("Accuracy/test", Role.VAL_METRIC),
        ("bbox/AP50", Role.VAL_METRIC),
        ("metrics/mAP50(B)", Role.VAL_METRIC),
        ("accuracy/top1", Role.VAL_METRIC),
        ("mIoU", Role.VAL_METRIC),
        ("bbox/AP-person", Role.PART_METRIC),
        ("coco/AP (M)", Role.PART_METRIC),
        ("IoU.road", Role.PART_METRIC),
        ("train_accuracy", Role.TRAIN_METRIC),
        ("accuracy", Role.TRAIN_METRIC),
        ("fast_rcnn/cls_accuracy", Role.TRAIN_METRIC),
        ("rollout/ep_rew_mean", Role.RETURN),
        ("AverageTestEpRet", Role.RETURN),
        ("average-episode-return", Role.RETURN),
        ("eval/mean_reward", Role.RETURN),
        ("std-episode-return", Role.OTHER),
        ("rewards/chosen", Role.OTHER),
        ("train/explained_variance", Role.OTHER),
        ("zeal", Role.OTHER),
        ("", Role.OTHER),
    ],
)
def test_metrics_are_told_from_what_is_of_a_part_or_of_no_quality(name: str, role: Role) -> None:
    assert role_of(name).role == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("train_lr", Role.LEARNING_RATE),
        ("lr-AdamW", Role.LEARNING_RATE),
        ("lr-AdamW/pg1", Role.GROUP_LEARNING_RATE),
        ("lr-AdamW-momentum", Role.OTHER),
        ("lr/backbone", Role.GROUP_LEARNING_RATE),
        ("x/lr0", Role.GROUP_LEARNING_RATE),
        ("gnorm", Role.GRAD_NORM),
        ("optim/total_grad_norm", Role.GRAD_NORM),
        ("grad_norm/critic", Role.GRAD_NORM),
        ("grad_norm/critic.head.bias", Role.LAYER_GRAD_NORM),
        ("grad_norm/layer.0", Role.LAYER_GRAD_NORM),
        ("update_ratio", Role.UPDATE_RATIO),
        ("update_ratio/layer.0", Role.LAYER_UPDATE_RATIO),
        ("loss_scale", Role.AMP_SCALE),
        ("data_time", Role.DATA_TIME),
        ("timing/data", Role.DATA_TIME),
        ("loader_wait", Role.DATA_TIME),
        ("data_load_sec", Role.DATA_TIME),
        ("time/step", Role.STEP_TIME),
        ("step_time_s", Role.STEP_TIME),
        ("train/sec_per_step", Role.STEP_TIME),
        ("batch_seconds", Role.STEP_TIME),
        ("throughput (tokens/s)", Role.THROUGHPUT),
        ("elapsed_s", Role.COUNTER),
        ("epoch_sec", Role.COUNTER),
        ("time_so_far", Role.COUNTER),
        ("batch_time", Role.STEP_TIME),
        ("tokens_per_second", Role.THROUGHPUT),
        ("it/s", Role.THROUGHPUT),
        ("wps", Role.THROUGHPUT),
        ("max_mem", Role.MEMORY),
        ("mfu", Role.UTILISATION),
        ("sys/gpu0/util", Role.SYSTEM),
        ("n_parameters", Role.COUNTER),
        ("train/epoch", Role.COUNTER),
        ("eta_seconds", Role.COUNTER),
        ("eval_runtime", Role.COUNTER),
        ("eval_samples_per_second", Role.COUNTER),
        ("_timestamp", Role.COUNTER),
    ],
)
def test_what_describes_the_training_itself_has_roles_of_its_own(name: str, role: Role) -> None:
    assert role_of(name).role == role


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("val/acc", Direction.HIGHER),
        ("val/accuracy_top5", Direction.HIGHER),
        ("val/mAP50", Direction.HIGHER),
        ("val/macro_f1", Direction.HIGHER),
        ("val_BinaryF1Score", Direction.HIGHER),
        ("eval_mean_token_accuracy", Direction.HIGHER),
        ("val/tpr@fpr1e-4", Direction.HIGHER),
        ("val/fpr@tpr.85", Direction.LOWER),
        ("val_bpb", Direction.LOWER),
        ("val/total_loss", Direction.LOWER),
        ("val/perplexity", Direction.LOWER),
        ("val/loss/aux", Direction.LOWER),
        ("val/f1_loss", Direction.LOWER),
        ("test_class_error", Direction.LOWER),
        ("val/accelerations", Direction.UNKNOWN),
        ("val/zeal", Direction.UNKNOWN),
    ],
)
def test_the_first_word_that_tells_is_the_direction(name: str, direction: Direction) -> None:
    assert role_of(name).direction == direction


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("test_acc1", "%"),
        ("val/Acc@5", "%"),
        ("segm/AP", "%"),
        ("val_acc", ""),
        ("step_time", "s"),
        ("peak_memory", "B"),
    ],
)
def test_a_unit_is_known_where_convention_tells_it(name: str, unit: str) -> None:
    assert role_of(name).unit == unit


@pytest.mark.parametrize("name", ["/", "//loss//", "_" * 200, "train_" * 40, "(" * 200, " - ", "É"])
def test_a_name_of_any_shape_has_some_role(name: str) -> None:
    assert role_of(name).role in Role


PARTS = st.sampled_from(
    ["loss", "val", "train", "lr-", "ap", "ep", "rew", "std", "@1", "a.b", "ÉA"]
)
JOINTS = st.sampled_from(["_", "/", "-", ".", " ", " - ", "", "(", ")", "%", "\n", "\0"])


@given(st.text() | st.lists(PARTS | JOINTS).map("".join))
def test_any_text_has_some_role(name: str) -> None:
    assert role_of(name).role in Role


def test_an_endless_name_is_read_by_its_beginning() -> None:
    assert role_of("val/loss" + "_ep" * 300_000) == role_of("val/loss" + "_ep" * 64)
