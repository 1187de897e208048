"""What to do about evaluations and losses that say something else than is meant."""

from math import isfinite

from trainmon.causes.facts import Facts


def label_index(facts: Facts) -> list[str]:
    """Return where to look for a wrong class."""
    classes = facts.context.positive("num_classes")
    range_ = f"0 to {classes - 1:.0f}" if classes else "0 to the number of classes less one"
    if facts.evidence("crashed", "speaks_of") in {"label", "assertion on the GPU"}:
        return [
            f"look at the least and the largest label of the data: they must be {range_}",
            "CUDA_LAUNCH_BLOCKING=1, or the same batch on the CPU, tells the line and the value",
            "look at indices into embeddings, which are checked in the same way",
        ]
    return [
        f"compare the class that the metric counts as positive with the labels, which are {range_}",
        "print the confusion matrix of one batch with the names of the classes",
    ]


def class_weighting(facts: Facts) -> list[str]:
    """Return what to take back of what favours a class."""
    told = [
        f"{key} {facts.context.settings[key]}"
        for key in ("oversample", "pos_weight", "class_weights", "aux_weight")
        if facts.context.settings.get(key) not in (None, False, "")
    ]
    steps = [f"take back {', '.join(told)}, one at a time"] if told else []
    return [
        *steps,
        "use one of weighting and resampling, not both, and no more than the ratio of the classes",
    ]


def no_positives(facts: Facts) -> list[str]:
    """Return how to have something to find."""
    n = facts.amount("no-positives", "n")
    among = f" among {n:,.0f}" if isfinite(n) else ""
    return [
        f"evaluate on data with examples of the measured class: there is none{among}",
        "look at how the evaluation set is filtered, and at the index of the class",
    ]


def eval_subset(facts: Facts) -> list[str]:
    """Return how to evaluate on what stands for all."""
    limit = facts.context.settings.get("eval_limit")
    told = f" (eval_limit is {limit:g})" if isinstance(limit, float) else ""
    return [
        f"evaluate on the whole set, or on a shuffled or stratified part of it{told}",
        "print the shares of the classes in what is evaluated",
    ]


def threshold_mismatch(facts: Facts) -> list[str]:
    """Return which threshold would do."""
    threshold = facts.amount("threshold-mismatch", "threshold")
    best = facts.amount("threshold-mismatch", "best_threshold")
    if isfinite(threshold) and isfinite(best):
        return [
            f"move the threshold from {threshold:.3g} to {best:.3g}",
            "choose it on validation data again after each training, or calibrate the scores",
        ]
    return ["choose the threshold on validation data, or calibrate the scores"]


def degenerate_scores(facts: Facts) -> list[str]:
    """Return how to see why scores are alike."""
    del facts
    return [
        "count the distinct scores of an evaluation, and look at logits before the activation",
        "look for an activation applied twice, scores in half precision, a saturated sigmoid",
    ]


def aux_dominates(facts: Facts) -> list[str]:
    """Return how to give the main loss its weight."""
    part = facts.evidence("aux-dominates", "part") or "the auxiliary part"
    weight, share = facts.context.positive("aux_weight"), facts.amount("aux-dominates", "share")
    told = f" (it is {share:.0%} of the total)" if isfinite(share) else ""
    first = (
        f"lower aux_weight from {weight:g} to {weight / 10:g}"
        if weight
        else f"lower the weight of {part} tenfold"
    )
    return [first + told, "log each part with its weight: log.parts({...}, weights={...})"]


def accumulation_misreport(facts: Facts) -> list[str]:
    """Return what the loss is in truth."""
    accumulation = facts.amount("accumulation-misreport", "accumulation")
    true = facts.amount("accumulation-misreport", "true_loss")
    by = f"{accumulation:.0f}" if isfinite(accumulation) else "the accumulation steps"
    steps = [f"divide the logged loss by {by}: the training itself is not touched"]
    if isfinite(true):
        steps.append(f"if micro-batches were summed, the train loss is {true:.3g} in truth")
    return steps


def checkpoint_missing(facts: Facts) -> list[str]:
    """Return how to have a checkpoint."""
    monitor = facts.context.settings.get("monitor")
    reason = facts.evidence("checkpoint-missing", "reason")
    steps = [f"save one now by hand{f': {reason}' if reason else ''}"]
    if monitor:
        steps.append(
            f"check the key {monitor} and its mode; save the last one at each epoch as well"
        )
    else:
        steps.append("save the last checkpoint at each epoch, whatever the metric")
    return steps
