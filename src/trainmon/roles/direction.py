"""Which way a metric is better, by the first of its words that tells."""

import re

from trainmon.roles.role import Direction

_WORDS = (
    (
        Direction.LOWER,
        (
            "loss nll bpb bpc perplexity ppl mae mse rmse mape smape wer cer ter fid kid err"
            " error errors ece brier hinge lpips eer fpr fnr far frr mr nme epe cost losses"
            " logloss mr2 top1err top5err"
        ),
    ),
    (
        Direction.HIGHER,
        (
            "acc accuracy accuracies aacc macc tpr tnr f1 f1score fscore mfscore fbeta dice"
            " mdice iou miou fwiou jaccard map map50 map75 ap ap50 ap75 aps apm apl ar ars arm"
            " arl auc auroc roc aucpr auprc precision recall sensitivity specificity mcc kappa"
            " r2 bleu sacrebleu rouge rouge1 rouge2 rougel rougelsum meteor chrf cider psnr ssim"
            " ndcg mrr hit hits reward return score em pearson spearman pck pq sq rq margins"
            " mota hota idf1 nds top1 top5 acc1 acc5 acc3 explained winrate"
        ),
    ),
)

_TOLD = {word: direction for direction, words in _WORDS for word in words.split()}

_PHRASES = (
    ("false_positive", Direction.LOWER),
    ("false_negative", Direction.LOWER),
    ("top_1_err", Direction.LOWER),
    ("top_5_err", Direction.LOWER),
    ("top1_err", Direction.LOWER),
    ("top5_err", Direction.LOWER),
    ("bits_per_byte", Direction.LOWER),
    ("exact_match", Direction.HIGHER),
    ("true_positive", Direction.HIGHER),
    ("win_rate", Direction.HIGHER),
    ("coco_eval", Direction.HIGHER),
    ("top_1", Direction.HIGHER),
    ("top_5", Direction.HIGHER),
)

_WORD = re.compile(r"[a-z]+\d*")


def direction_of(quantity: str) -> Direction:
    """Return which way a quantity is better; its own level tells before those above it.

    Operating points name two quantities, of which the first is the one measured.

    >>> direction_of("tpr@fpr1e_4"), direction_of("accuracy/top1")
    (<Direction.HIGHER: 'higher is better'>, <Direction.HIGHER: 'higher is better'>)
    >>> direction_of("fpr@tpr.85"), direction_of("accelerations")
    (<Direction.LOWER: 'lower is better'>, <Direction.UNKNOWN: 'unknown'>)
    """
    for level in reversed(quantity.split("/")):
        told = _of_level(level)
        if told != Direction.UNKNOWN:
            return told
    return Direction.UNKNOWN


def _of_level(level: str) -> Direction:
    for phrase, direction in _PHRASES:
        if phrase in level:
            return direction
    words = _WORD.findall(level)
    if words[-1:] in (["loss"], ["error"]):  # an "f1_loss" is a loss
        return Direction.LOWER
    for word in words:
        told = _TOLD.get(word) or _TOLD.get(word.rstrip("0123456789"))
        if told:
            return told
    return Direction.UNKNOWN
