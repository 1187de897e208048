"""Causes that lie in what is evaluated, in what is reported, and in when a run stops."""

from trainmon.causes.cause import Cause, Sign, Sort
from trainmon.causes.fixes import evaluation as fixes
from trainmon.causes.fixes import overfitting as overfitting_fixes
from trainmon.causes.signs import evaluation as signs
from trainmon.causes.symptoms import STUCK, WORSE

_WRONG = frozenset(
    {"metric-zero", "metric-contradiction", "frozen-metric", "degenerate-scores", "class-collapse"}
)
"""What a metric that is measured wrongly shows."""

CAUSES: tuple[Cause, ...] = (
    Cause(
        id="label-index",
        title="the metric counts another class than the labels hold",
        prior=0.5,
        signs=(
            Sign("metric-contradiction", 0.95, Sort.EXACT),
            Sign("metric-zero", 0.85, Sort.EXACT, when=signs.never_right, otherwise=0.1),
            Sign("no-positives", 0.85, Sort.EXACT, when=signs.counts_nothing, otherwise=0.1),
            # A loss refuses a label that it has no class for.
            Sign("crashed", 0.95, Sort.EXACT, when=signs.refuses_a_label),
            Sign("crashed", 0.8, Sort.TOLD, when=signs.refuses_on_the_gpu),
        ),
        effects=STUCK | _WRONG,
        rivals=("no-positives", "eval-subset"),
        decider="the confusion matrix: log.evaluation(...) logs it",
        disproof="counts per class that are those of the data",
        fix=fixes.label_index,
    ),
    Cause(
        id="class-weighting",
        title="weighting or resampling makes the model answer one class",
        prior=0.75,
        signs=(
            Sign("class-collapse", 0.9, Sort.TOLD, when=signs.weighted, otherwise=0.1),
            Sign("class-collapse", 0.8, when=signs.answers_a_rare_class),
            Sign("threshold-mismatch", 0.6, Sort.TOLD, when=signs.weighted),
            Sign("threshold-mismatch", 0.6, when=signs.scores_are_inflated),
        ),
        # A weight multiplies the loss of the batches that hold the class.
        effects=STUCK
        | frozenset({"threshold-mismatch", "aux-dominates"})
        | frozenset({"init-loss-high", "loss-divergence", "loss-spike"}),
        rivals=("dead-units", "threshold-mismatch"),
        decider="predicted against true shares without weights",
        disproof="the same shares without weighting and resampling",
        fix=fixes.class_weighting,
    ),
    Cause(
        id="no-positives",
        title="the evaluation set holds no example of the measured class",
        prior=0.6,
        signs=(
            Sign("no-positives", 0.4, Sort.EXACT, when=signs.ought_to_be_there),
            Sign("no-positives", 0.9, Sort.EXACT, when=signs.simply_has_none, otherwise=0.3),
            Sign("metric-zero", 0.4, Sort.EXACT, when=signs.nothing_to_find),
        ),
        effects=_WRONG | frozenset({"expectation-missed", "checkpoint-missing", "early-stop"}),
        rivals=("label-index", "eval-subset"),
        decider="the counts per class of the whole evaluation set",
        disproof="positives in what is evaluated",
        fix=fixes.no_positives,
    ),
    Cause(
        id="eval-subset",
        title="what is evaluated is a part that does not stand for the whole",
        prior=0.7,
        signs=(
            Sign("eval-subset", 0.95, Sort.EXACT, when=signs.subset_is_sure, otherwise=0.3),
            Sign("no-positives", 0.8, Sort.TOLD, when=signs.limited),
        ),
        effects=_WRONG | frozenset({"no-positives", "expectation-missed", "checkpoint-missing"}),
        rivals=("no-positives", "label-index"),
        decider="the same evaluation on the whole set",
        disproof="the same shares of classes in the whole set",
        fix=fixes.eval_subset,
    ),
    Cause(
        id="threshold-mismatch",
        title="the threshold lies beside the scores",
        prior=0.6,
        signs=(
            Sign("threshold-mismatch", 0.95, Sort.EXACT, when=signs.is_to_blame, otherwise=0.3),
            Sign("metric-zero", 0.7, when=signs.ranks_well),
        ),
        effects=_WRONG | frozenset({"expectation-missed", "checkpoint-missing", "early-stop"}),
        rivals=("class-weighting",),
        decider="the scores' histogram by class",
        disproof="no other threshold gives a better F1",
        fix=fixes.threshold_mismatch,
    ),
    Cause(
        id="degenerate-scores",
        title="scores are all but equal, so that nothing is ranked",
        prior=0.35,
        signs=(
            Sign("degenerate-scores", 0.8, Sort.EXACT, when=signs.learns_otherwise, otherwise=0.2),
        ),
        effects=_WRONG | frozenset({"not-learning", "expectation-missed", "threshold-mismatch"}),
        rivals=("dead-units", "labels-misaligned"),
        decider="the number of distinct scores in an evaluation",
        disproof="as many distinct scores as samples",
        fix=fixes.degenerate_scores,
    ),
    Cause(
        id="overfitting",
        title="the model overfits",
        prior=0.5,
        signs=(
            Sign("overfitting", 0.9, when=signs.has_learned, otherwise=0.3),
            Sign("metric-collapse", 0.6, when=signs.overfits),
            Sign("metric-collapse", 0.25, when=signs.fades),
            Sign("generalisation-gap", 0.3),
            Sign("early-stop", 0.2),
        ),
        effects=WORSE | frozenset({"not-learning"}),
        rivals=("shortcut-learning",),
        decider="the same metric on training data in evaluation mode",
        disproof="the metric falls on training data too",
        fix=overfitting_fixes.overfitting,
        denied=signs.is_worse_than_untrained,
    ),
    Cause(
        id="missing-early-stop",
        title="nothing stops the run when it gets worse",
        prior=0.5,
        signs=(
            Sign("overfitting", 0.8, Sort.TOLD, when=signs.no_early_stop),
            Sign("metric-collapse", 0.8, Sort.TOLD, when=signs.no_early_stop),
        ),
        effects=frozenset(),
        rivals=(),
        decider="patience in the configuration",
        disproof="an early-stopping callback that the configuration does not show",
        fix=overfitting_fixes.missing_early_stop,
        kind="enabler",
    ),
    Cause(
        id="aux-dominates",
        title="an auxiliary loss outweighs the one that matters",
        prior=0.6,
        signs=(Sign("aux-dominates", 0.9),),
        effects=STUCK,
        rivals=("class-weighting",),
        decider="the parts of the loss with their weights: log.parts(...)",
        disproof="the main part falls no faster without the auxiliary one",
        fix=fixes.aux_dominates,
        worsens=("class-weighting",),
    ),
    Cause(
        id="accumulation-misreport",
        title="the logged train loss is a multiple of the true one, by gradient accumulation",
        prior=0.9,
        signs=(Sign("accumulation-misreport", 0.97, Sort.EXACT),),
        effects=frozenset({"init-loss-high", "train-above-val", "generalisation-gap"}),
        rivals=("over-regularised",),
        decider="the loss of one batch, computed without accumulation",
        disproof="a train loss in evaluation mode that is as high",
        fix=fixes.accumulation_misreport,
    ),
    Cause(
        id="checkpoint-missing",
        title="no checkpoint is written",
        prior=0.8,
        signs=(
            Sign("checkpoint-missing", 0.97, Sort.EXACT, when=signs.surely_missing),
            Sign("checkpoint-missing", 0.6, Sort.TOLD),
        ),
        effects=frozenset(),
        rivals=(),
        decider="the folder of checkpoints, and the monitored key beside the logged ones",
        disproof="a checkpoint that is newer than the last evaluation",
        fix=fixes.checkpoint_missing,
    ),
)
