"""The mode that a metric's name suggests."""

import pytest

from trainmon.roles import Direction, role_of
from trainmon.writer.stopping.direction import mode_of


@pytest.mark.parametrize(
    "name",
    [
        *("loss", "val/loss", "val_loss", "valLoss", "loss/val", "val/l1loss", "val/loss_cls"),
        *("val/error", "top1_err", "eval_rmse", "val/RMSE", "test/mae", "val/ppl", "wer"),
        *("val/fpr@tpr.85", "eer", "ece", "val/brier", "FID"),
    ],
)
def test_losses_errors_and_false_rates_are_better_when_lower(name: str) -> None:
    assert mode_of(name) == "min"


@pytest.mark.parametrize(
    "name",
    [
        *("val/f1", "val_accuracy", "tpr@fpr1e-4", "val/AUROC", "mIoU", "eval/bleu", "reward"),
        *("neg_log_loss", "neg_mean_squared_error", "val/closeness", "something else"),
    ],
)
def test_anything_else_is_better_when_higher(name: str) -> None:
    assert mode_of(name) == "max"


@pytest.mark.parametrize(
    "word",
    [
        *("loss", "nll", "bpb", "bpc", "perplexity", "ppl", "mae", "mse", "rmse", "mape", "wer"),
        *("cer", "ter", "fid", "kid", "err", "error", "ece", "brier", "hinge", "lpips", "eer"),
        *("fpr", "fnr", "far", "frr", "tpr", "tnr", "accuracy", "f1", "dice", "iou", "map", "ap"),
        *("auroc", "auprc", "precision", "recall", "mcc", "kappa", "r2", "bleu", "ssim", "ndcg"),
    ],
)
def test_the_writer_and_the_readers_agree_on_a_name(word: str) -> None:
    read_as = {Direction.LOWER: "min", Direction.HIGHER: "max"}
    assert mode_of(f"val/{word}") == read_as[role_of(f"val/{word}").direction]
