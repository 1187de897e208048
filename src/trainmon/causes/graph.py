"""The causes, one entry each: what they explain, what speaks for them, what to do.

A likelihood is how probable a finding is if the cause is at work, given what the finding's evidence
says. A cause for which nothing speaks keeps a small likelihood: it is named as a rival, never as
the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from trainmon.causes import fixes
from trainmon.causes.facts import Facts

Kind = Literal["root", "enabler"]
Likelihood = Callable[[Facts], float]


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of the graph."""

    id: str
    title: str
    """The cause in words a colleague would use."""
    prior: float
    """How common it is among the causes of its findings, from 0 to 1."""
    explains: Mapping[str, Likelihood]
    """Rule ids, and how probable the finding is given the cause."""
    rivals: tuple[str, ...]
    decider: str
    """The one signal or trial that tells it from its rivals."""
    disproof: str
    """What would show that it is not the cause."""
    fix: Callable[[Facts], list[str]]
    kind: Kind = "root"


def _when(test: Callable[[Facts], bool], then: float, otherwise: float) -> Likelihood:
    return lambda facts: then if test(facts) else otherwise


def _spike_stayed(facts: Facts) -> bool:
    return any(not i.cleared or i.severity > 1 for i in facts.of("loss-spike"))


def _tail_lost(facts: Facts) -> bool:
    return any("ranking" in i.evidence for i in facts.of("metric-collapse"))


def _unstable_before_collapse(facts: Facts) -> bool:
    collapse = facts.first("metric-collapse")
    return collapse is not None and any(
        i.onset_row <= collapse.onset_row for i in facts.of("loss-spike", "non-finite")
    )


def _no_early_stop(facts: Facts) -> bool:
    return facts.configured and facts.context.settings.get("patience") in (None, 0.0, False)


def _recovered(facts: Facts) -> bool:
    return all(i.cleared for i in facts.of("non-finite"))


def _from_the_start(facts: Facts) -> bool:
    return facts.came_first("start")


def _bad_batch(facts: Facts) -> float:
    """Return how well a single bad batch explains values that are not finite."""
    if not facts.came_first("nothing") or _from_the_start(facts):
        return 0.1
    return 0.8 if _recovered(facts) else 0.4


_FROM_STRAIN = _when(lambda f: f.came_first("gradient", "loss", "learning rate"), 0.8, 0.15)
_FROM_SCALE = _when(lambda f: f.came_first("loss scale"), 0.9, 0.05)

CAUSES: tuple[Cause, ...] = (
    Cause(
        id="lr-too-high",
        title="the learning rate is too high",
        prior=0.5,
        explains={
            "non-finite": _FROM_STRAIN,
            "loss-spike": _when(_spike_stayed, 0.6, 0.25),
            "metric-collapse": _when(_unstable_before_collapse, 0.7, 0.1),
        },
        rivals=("bad-batch", "precision-overflow", "unnormalised-inputs"),
        decider="the gradient norm before clipping: it grows for many steps if the lr is too high",
        disproof="the same trouble at a third of the learning rate",
        fix=fixes.lr_too_high,
    ),
    Cause(
        id="precision-overflow",
        title="numbers overflow in half precision",
        prior=0.3,
        explains={"non-finite": _FROM_SCALE},
        rivals=("lr-too-high", "bad-batch"),
        decider="the loss scale (amp/scale): it is halved again and again before an overflow",
        disproof="the same trouble in float32 or bfloat16",
        fix=fixes.precision_overflow,
    ),
    Cause(
        id="bad-batch",
        title="single batches hold bad data",
        prior=0.35,
        explains={
            "non-finite": _bad_batch,
            "loss-spike": _when(_spike_stayed, 0.3, 0.6),
        },
        rivals=("lr-too-high", "precision-overflow"),
        decider="the samples of the batch at the onset: run the model on them alone",
        disproof="the trouble stays when the data order changes",
        fix=fixes.bad_batch,
    ),
    Cause(
        id="unnormalised-inputs",
        title="inputs are not normalised",
        prior=0.2,
        explains={"non-finite": _when(_from_the_start, 0.6, 0.1)},
        rivals=("lr-too-high",),
        decider="mean and standard deviation of each input feature",
        disproof="features whose standard deviations are all near 1",
        fix=fixes.unnormalised_inputs,
    ),
    Cause(
        id="overfitting",
        title="the model overfits",
        prior=0.5,
        explains={
            "overfitting": lambda _: 0.9,
            "metric-collapse": _when(lambda f: bool(f.of("overfitting")), 0.6, 0.25),
        },
        rivals=("shortcut-learning",),
        decider="the same metric on training data in evaluation mode",
        disproof="the metric falls on training data too",
        fix=fixes.overfitting,
    ),
    Cause(
        id="shortcut-learning",
        title="the model took a shortcut that holds in training data alone",
        prior=0.25,
        explains={
            "overfitting": _when(_tail_lost, 0.5, 0.1),
            "metric-collapse": _when(_tail_lost, 0.6, 0.15),
        },
        rivals=("overfitting",),
        decider="the negatives that score highest: look at what they share with positives",
        disproof="high-scoring negatives that share nothing",
        fix=fixes.shortcut_learning,
    ),
    Cause(
        id="missing-early-stop",
        title="nothing stops the run when it gets worse",
        prior=0.5,
        explains={
            "overfitting": _when(_no_early_stop, 0.8, 0.0),
            "metric-collapse": _when(_no_early_stop, 0.8, 0.0),
        },
        rivals=(),
        decider="patience in the configuration",
        disproof="an early-stopping callback that the configuration does not show",
        fix=fixes.missing_early_stop,
        kind="enabler",
    ),
    Cause(
        id="loader-spikes",
        title="the data loader stalls now and then",
        prior=0.5,
        explains={"loader-spikes": lambda _: 0.9},
        rivals=(),
        decider="CPU, memory and storage at the worst spikes",
        disproof="the same stalls with the dataset replaced by constant tensors",
        fix=fixes.loader_spikes,
    ),
    Cause(
        id="hang",
        title="the process hangs",
        prior=0.5,
        explains={"stalled": lambda _: 0.9},
        rivals=(),
        decider="the stacks of the process: py-spy dump",
        disproof="a long evaluation or checkpoint that has just begun",
        fix=fixes.hang,
    ),
)

BY_ID: Mapping[str, Cause] = {cause.id: cause for cause in CAUSES}
