"""What to do about inputs, labels and the order of the data."""

from math import isfinite

from trainmon.causes.facts import Facts
from trainmon.causes.fixes.going_back import go_back
from trainmon.causes.leap import comes_again, comes_with_the_epoch


def bad_batch(facts: Facts) -> list[str]:
    """Return how to find and pass over bad data."""
    if facts.only_evaluations_broke:
        return [
            "compute and log the loss of each batch of the evaluation: which one is not finite?",
            "look at that batch: empty, a label out of range, a logarithm of 0, a division by 0",
            "compare with the loss of one training batch in evaluation mode: is that one finite?",
        ]
    worst = next(iter(facts.of("non-finite", "loss-spike")), None)
    where = f" of step {worst.onset_step:,.0f}" if worst and worst.onset_step is not None else ""
    if comes_again(facts):
        return _bad_batches(facts)
    return [
        f"look at the batch{where}: NaN, constant or mislabelled samples, a division by zero",
        "skip batches whose loss is not finite, and count them",
        *go_back(facts),
    ]


def _bad_batches(facts: Facts) -> list[str]:
    """Return how to find batches that come again, and what to do without them."""
    worst = facts.first("loss-spike")
    step = worst.onset_step if worst else None
    where = f"the batch of step {step:,.0f}" if step is not None else "one of them"
    batch = facts.amount("loss-spike", "batch")
    if comes_with_the_epoch(facts) and isfinite(batch):
        where = f"batch {batch:.0f} of any epoch, in the order of the loader"
    limit = _PASS_OVER * facts.amount("loss-spike", "median")
    return [
        f"look at {where}: samples of another scale, mislabelled ones, a broken file",
        "take them out of the training set, or mend them",
        f"until then pass over batches whose loss is above {limit:.2g}, and count them",
    ]


_PASS_OVER = 10.0
"""Times the usual loss: no good batch is so hard."""


def unnormalised_inputs(facts: Facts) -> list[str]:
    """Return how to normalise, beginning with the feature that leads."""
    leads = facts.evidence("unnormalised-inputs", "leads")
    mean, deviation = (facts.amount("unnormalised-inputs", key) for key in ("mean", "std"))
    steps = ["standardise each input feature to mean 0 and standard deviation 1"]
    if leads and isfinite(mean) and isfinite(deviation):
        steps.insert(0, f"{leads}: subtract {mean:.4g} and divide by {deviation:.3g}")
    return [*steps, "take the logarithm first where a feature spans orders of magnitude"]


def labels_misaligned(facts: Facts) -> list[str]:
    """Return how to see whether labels belong to their inputs."""
    del facts
    return [
        "print ten inputs with their labels as the loss gets them, after all shuffling",
        "overfit one batch of 8: if even that fails, the labels do not belong to the inputs",
        "look for two lists that are shuffled or filtered apart, and for a shift by one",
    ]


def data_duplication(facts: Facts) -> list[str]:
    """Return how to share the data among workers."""
    workers = facts.context.positive("num_workers")
    copies = facts.amount("data-duplication", "ratio")
    told = f"each sample comes {copies:.3g} times an epoch: " if isfinite(copies) else ""
    count = f" x {workers:.0f} workers" if workers else " x workers"
    return [
        f"{told}shard an iterable dataset by rank{count} + worker (get_worker_info())",
        "count the distinct samples of an epoch: log.batches(loader) does",
    ]


def unshuffled_data(facts: Facts) -> list[str]:
    """Return how to shuffle."""
    told = facts.context.settings.get("shuffle") in (False, 0.0)
    first = "set shuffle from False to True" if told else "shuffle the training set each epoch"
    return [first, "with shards: shuffle the shards, and a buffer of some thousand samples"]


def leakage(facts: Facts) -> list[str]:
    """Return how to look for validation data in the training set."""
    del facts
    return [
        "intersect training and validation samples: by a hash of their content, by group, by time",
        "look for a feature that is computed from the label",
    ]


def shortcut_learning(facts: Facts) -> list[str]:
    """Return how to look for a shortcut."""
    del facts
    return [
        "look at the highest-scoring negatives and at how they were collected",
        "evaluate on data from another source",
    ]
