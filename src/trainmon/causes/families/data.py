"""Causes that lie in the data: bad batches, scales, labels, order, duplicates, leaks."""

from trainmon.causes.cause import NOTHING, Cause, Sign, Sort
from trainmon.causes.facts import Facts
from trainmon.causes.fixes import data as fixes
from trainmon.causes.leap import (
    comes_again,
    comes_with_the_epoch,
    leapt_out_of_the_blue,
    stands_alone,
)
from trainmon.causes.signs import labels as signs
from trainmon.causes.symptoms import BLOWN, STUCK, WORSE
from trainmon.evaluating.metrics import quantity_of
from trainmon.rule import Severity


def _inputs_matter(facts: Facts) -> bool:
    """Return whether inputs that are not normalised from the start have done harm.

    Gradients that begin huge are what they bring about before anything else can.
    """
    harmful = any(i.severity > Severity.INFO for i in facts.of("unnormalised-inputs", *_HARM))
    harmful |= facts.readings.begins_huge
    return harmful and not _inputs_went_wrong(facts)


_HARM = ("init-loss-high", "clip-saturation", "grad-explosion", "not-learning")
"""What inputs of a wrong scale bring about by themselves, be it over by now."""


def _inputs_went_wrong(facts: Facts) -> bool:
    """Return whether the inputs were fine when learning began, and a later look was not."""
    begun = facts.context.learning_row
    found = facts.first("unnormalised-inputs")
    return found is not None and begun is not None and found.onset_row > begun


def _out_of_nowhere(facts: Facts) -> bool:
    """Return whether nothing came before, in a log that would tell."""
    nothing = facts.came_first("nothing") and not facts.came_first("start")
    return nothing and not facts.rate_had_jumped and not facts.readings.losses < _FEW


_FEW = 4
"""Losses of a log that has only begun: anything may have come before."""


_RISEN = 1.5
"""Times the usual rate before: such a one had not been borne."""


def _lost_at_once(facts: Facts) -> bool:
    """Return whether all that had been learned is gone, at a rate that had been borne before."""
    return facts.was_lost and not facts.readings.lost_lr > _RISEN


def _spike_came_back(facts: Facts) -> bool:
    return all(i.cleared and i.severity <= 1 for i in facts.of("loss-spike"))


def _spikes_of_one_batch(facts: Facts) -> frozenset[str]:
    """Return the spikes where they are of one batch: any order holds it."""
    return frozenset({"loss-spike"}) if comes_again(facts) else NOTHING


def _from_the_start(facts: Facts) -> bool:
    """Return whether nothing was ever finite: inputs of training that overflow do so at once."""
    return facts.came_first("start") and not facts.only_evaluations_broke


def _tail_lost(facts: Facts) -> bool:
    return any("ranking" in i.evidence for i in facts.of("metric-collapse"))


def _answers_all(facts: Facts) -> bool:
    """Return whether more than the ranking is too good: an area of 1 needs no right answer."""
    found = facts.of("suspiciously-good")
    return any(quantity_of(str(i.metric)) not in _AREAS for i in found)


_AREAS = frozenset({"auroc", "ap"})


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="bad-batch",
        title="single batches hold bad data",
        prior=0.45,
        signs=(
            Sign("non-finite", 0.8, when=_out_of_nowhere, otherwise=0.08),
            # A guess that no more than names where to look: it is told with low confidence.
            Sign("non-finite", 0.2, when=lambda facts: facts.only_evaluations_broke),
            Sign("grad-explosion", 0.7, when=leapt_out_of_the_blue, otherwise=0.05),
            Sign("loss-spike", 0.6, when=_spike_came_back, otherwise=0.3),
            Sign("loss-spike", 0.6, when=leapt_out_of_the_blue),
            Sign("loss-spike", 0.8, when=comes_again),
            Sign("loss-spike", 0.9, when=stands_alone),
            Sign("loss-spike", 0.95, Sort.EXACT, when=comes_with_the_epoch),
            Sign("loss-divergence", 0.5, when=leapt_out_of_the_blue),
            Sign("unnormalised-inputs", 0.8, Sort.TOLD, when=_inputs_went_wrong),
            Sign("metric-collapse", 0.6, when=_lost_at_once),
            Sign("not-learning", 0.6, when=_lost_at_once),
        ),
        effects=BLOWN | STUCK | WORSE,
        rivals=("lr-too-high", "precision-overflow"),
        decider="the samples of the batch at the onset: run the model on them alone",
        disproof="the trouble stays when the data order changes",
        fix=fixes.bad_batch,
    ),
    Cause(
        id="unnormalised-inputs",
        title="inputs are not normalised",
        prior=0.7,
        signs=(
            Sign("unnormalised-inputs", 0.95, Sort.TOLD, when=_inputs_matter, otherwise=0.2),
            Sign("non-finite", 0.4, when=_from_the_start, otherwise=0.05),
            Sign("init-loss-high", 0.3),
            Sign("clip-saturation", 0.2),
        ),
        effects=STUCK | BLOWN | WORSE | frozenset({"grad-vanishing"}),
        rivals=("lr-too-high", "init-too-large"),
        decider="mean and standard deviation of each input feature: log.inputs(x)",
        disproof="features whose standard deviations are all near 1",
        fix=fixes.unnormalised_inputs,
    ),
    Cause(
        id="labels-misaligned",
        title="labels do not belong to their inputs",
        prior=0.5,
        signs=(
            Sign("not-learning", 0.95, when=signs.train_falls_alone),
            Sign("not-learning", 0.5, when=signs.gradients_are_healthy, otherwise=0.08),
            Sign("metric-zero", 0.45, when=signs.shares_alone),
            Sign("frozen-metric", 0.45, when=signs.shares_alone),
            Sign("overfitting", 0.9, when=signs.validation_disagrees),
            Sign("metric-collapse", 0.85, when=lambda facts: facts.was_contradicted),
        ),
        effects=STUCK | frozenset({"overfitting", "generalisation-gap", "metric-collapse"}),
        rivals=("lr-too-low", "dead-units", "overfitting"),
        decider="one batch of 8 samples, overfitted: right labels can be learned by heart",
        disproof="ten inputs printed with their labels, all right",
        fix=fixes.labels_misaligned,
    ),
    Cause(
        id="data-duplication",
        title="samples come several times in an epoch",
        prior=0.8,
        signs=(Sign("data-duplication", 0.95, Sort.EXACT),),
        effects=frozenset({"early-stop"}),
        rivals=("overfitting",),
        decider="the distinct samples of an epoch: log.batches(loader) counts them",
        disproof="an epoch whose samples are all distinct",
        fix=fixes.data_duplication,
        worsens=("overfitting", "shortcut-learning"),
    ),
    Cause(
        id="unshuffled-data",
        title="the training data is not shuffled",
        prior=0.8,
        signs=(Sign("unshuffled-data", 0.95),),
        effects=STUCK | frozenset({"loss-spike", "oscillation", "metric-collapse"}),
        rivals=("data-duplication",),
        decider="the labels of three batches in a row",
        disproof="each batch holds all classes",
        fix=fixes.unshuffled_data,
        told_otherwise=_spikes_of_one_batch,
        worsens=("unnormalised-inputs",),
    ),
    Cause(
        id="leakage",
        title="validation data has leaked into the training",
        prior=0.5,
        signs=(Sign("suspiciously-good", 0.8, when=_answers_all),),
        effects=frozenset({"early-stop"}),
        rivals=("shortcut-learning",),
        decider="validation samples that also stand in the training set, by a hash",
        disproof="an equally good result on data collected later",
        fix=fixes.leakage,
    ),
    Cause(
        id="shortcut-learning",
        title="the model took a shortcut that holds in training data alone",
        prior=0.25,
        signs=(
            Sign("overfitting", 0.5, when=_tail_lost, otherwise=0.1),
            Sign("metric-collapse", 0.6, when=_tail_lost, otherwise=0.15),
        ),
        effects=WORSE,
        rivals=("overfitting",),
        decider="the negatives that score highest: look at what they share with positives",
        disproof="high-scoring negatives that share nothing",
        fix=fixes.shortcut_learning,
    ),
)
