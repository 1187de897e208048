"""When a finding speaks for a cause that lies in what is evaluated or reported."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from trainmon.causes.facts import Facts
from trainmon.causes.signs.labels import val_was_apart
from trainmon.causes.signs.learning_rate import drops_nearly_all
from trainmon.rule import Severity


def never_right(facts: Facts) -> bool:
    """Return whether positives are predicted, and none of them is one."""
    return bool(facts.evidence("metric-zero", "tree") == "predicted but never right")


def ranks_well(facts: Facts) -> bool:
    """Return whether none is predicted positive though the scores rank well."""
    return bool(facts.evidence("metric-zero", "tree") == "none predicted, ranks well")


def nothing_to_find(facts: Facts) -> bool:
    """Return whether the evaluation holds no positives, and no other index does."""
    none = facts.evidence("metric-zero", "tree") == "no positives"
    return bool(none) and not _has_another_index(facts)


def _has_another_index(facts: Facts) -> bool:
    """Return whether an evaluation contradicts itself as one that counts another class does."""
    return bool(facts.evidence("metric-contradiction", "kind") == "label-index")


def has_learned(facts: Facts) -> bool:
    """Return whether there was something to lose, or all of training was learned by heart.

    What makes nearly all answers wrong is another thing than learning by heart, and so is what has
    kept the validation at chance since before anything could have been learned so.
    """
    if facts.was_lost or facts.was_contradicted or drops_nearly_all(facts) or val_was_apart(facts):
        return False
    if facts.val_never_better:
        return False
    first = facts.readings.first_loss
    at_best = facts.amount("overfitting", "train_at_best")
    if facts.readings.loss < _BY_HEART * first and not at_best > _HARDLY * first:
        return True
    return not facts.of("not-learning") and not facts.val_never_learned


_BY_HEART = 0.05
"""Of the first loss."""

_HARDLY = 0.3
"""Of the first loss: above it hardly a sample is known by heart."""


def surely_missing(facts: Facts) -> bool:
    """Return whether a wrong key or mode is what keeps checkpoints from being written."""
    reason = facts.evidence("checkpoint-missing", "reason")
    return reason in ("mode inverted", "key absent")


def subset_is_sure(facts: Facts) -> bool:
    """Return whether the configuration, or the shares of classes, tell of a part."""
    return limited(facts) or any(i.severity > Severity.INFO for i in facts.of("eval-subset"))


def ought_to_be_there(facts: Facts) -> bool:
    """Return whether training has positives, and all of the set is evaluated."""
    return _not_limited(facts) and facts.amount("no-positives", "expected_positives") > 0


def limited(facts: Facts) -> bool:
    """Return whether the configuration limits what is evaluated."""
    return facts.told("eval_limit")


def _not_limited(facts: Facts) -> bool:
    return not subset_is_sure(facts)


def weighted(facts: Facts) -> bool:
    """Return whether classes are weighted or sampled unevenly."""
    if facts.told("class_weights", "pos_weight", "oversample"):
        return True
    # An auxiliary loss that is measured to dominate is a cause of its own.
    return facts.told("aux_weight") and not facts.of("aux-dominates")


def answers_a_rare_class(facts: Facts) -> bool:
    """Return whether all answers are a rare class, though no rate threw the weights off.

    A loss that counts all samples alike, and weights that are dead, answer the commonest one.
    """
    rare = any(_is_rare(incident.evidence) for incident in facts.standing("class-collapse"))
    return rare and not facts.readings.was_thrown_off


def _is_rare(evidence: Mapping[str, Any]) -> bool:
    """Return whether the class that has all answers is rare beside the commonest one."""
    true, most = evidence.get("true_share"), evidence.get("commonest_share")
    if not isinstance(true, (int, float)) or not isinstance(most, (int, float)):
        return False
    return true < _RARE * most


_RARE = 0.25
"""Of the share of the commonest class: no model is drawn to answer so rare a one."""


def scores_are_inflated(facts: Facts) -> bool:
    """Return whether far more are found than there are, at a threshold that nobody chose.

    Scores that estimate shares are above one half as often as the class is there, or more rarely.
    """
    amount = partial(facts.amount, "threshold-mismatch")
    far_more = amount("predicted_share") > _FAR_MORE * amount("true_share")
    if amount("threshold") == 0 and not amount("lowest") < 0:
        return False  # probabilities, of which none can lie below the threshold of logits
    return far_more and facts.evidence("threshold-mismatch", "chosen") is False


_FAR_MORE = 5.0
"""Times as many as there are."""


def learns_otherwise(facts: Facts) -> bool:
    """Return whether gradients and weights are as they should be."""
    return not facts.of("grad-vanishing", "update-ratio", "loss-divergence", "non-finite")


def _not_weighted(facts: Facts) -> bool:
    return not weighted(facts) or not facts.of("class-collapse")


def is_to_blame(facts: Facts) -> bool:
    """Return whether somebody's threshold lies beside all scores, or such that rank are cut."""
    evidence = partial(facts.evidence, "threshold-mismatch")
    if scores_are_inflated(facts):
        return False
    if evidence("chosen") and evidence("one_sided"):
        return _not_weighted(facts)
    unlearned = facts.of("not-learning") or facts.amount("threshold-mismatch", "auroc") < _RANKS
    return _not_weighted(facts) and not unlearned


_RANKS = 0.7
"""Area under the ROC curve below which no threshold does well."""


def _knows_of_none(facts: Facts) -> bool:
    """Return whether nothing tells that there should be positives."""
    return _not_limited(facts) and not ought_to_be_there(facts)


def counts_nothing(facts: Facts) -> bool:
    """Return whether there should be positives, and neither labels nor answers are counted so."""
    return ought_to_be_there(facts) and not _answers_are_counted(facts)


def _answers_are_counted(facts: Facts) -> bool:
    """Return whether some are predicted positive: the metric does count a class of the model."""
    return facts.amount("metric-zero", "predicted_share") > 0


def simply_has_none(facts: Facts) -> bool:
    """Return whether there are no positives, and nothing else explains that."""
    if _has_another_index(facts):
        return False
    return _knows_of_none(facts) or (_not_limited(facts) and _answers_are_counted(facts))


def no_early_stop(facts: Facts) -> bool:
    """Return whether a configuration is told that has no patience."""
    return facts.configured and facts.context.settings.get("patience") in (None, 0.0, False)


def is_worse_than_untrained(facts: Facts) -> bool:
    """Return whether the training loss is above where it began: nothing is learned by heart."""
    readings = facts.readings
    return readings.loss > readings.first_loss > 0 and not facts.of("overfitting")


def overfits(facts: Facts) -> bool:
    """Return whether a model that has learned something overfits."""
    return bool(facts.of("overfitting")) and has_learned(facts)


def fades(facts: Facts) -> bool:
    """Return whether a metric fell to nothing, and training neither lost nor contradicted it."""
    return not facts.was_lost and not facts.was_contradicted


def refuses_a_label(facts: Facts) -> bool:
    """Return whether an exception tells of a label that the loss has no class for."""
    return bool(facts.evidence("crashed", "speaks_of") == "label")


def refuses_on_the_gpu(facts: Facts) -> bool:
    """Return whether a check on the GPU failed: most often that of a label, or of a token."""
    return bool(facts.evidence("crashed", "speaks_of") == "assertion on the GPU")
