"""What to do about each cause, cheapest first, with the numbers of the run."""

from trainmon.causes.facts import Facts, rate, third


def lr_too_high(facts: Facts) -> list[str]:
    """Return how to calm a run whose steps are too large."""
    lr, raised = facts.lr, facts.raised_lr
    steps = [f"lower lr from {rate(lr)} to {third(lr)}" if lr else "lower the lr to a third"]
    if raised and lr:
        steps = [f"keep lr at {rate(lr)}: the schedule had raised it to {rate(raised)} by then"]
    if facts.context.clip is None:
        steps.append("clip the gradient norm near its 90th percentile, for example at 1.0")
    if not facts.context.number("warmup_steps"):
        steps.append("warm the learning rate up over the first 1 to 5 % of the steps")
    return [*steps, *_go_back(facts)]


def precision_overflow(facts: Facts) -> list[str]:
    """Return how to avoid overflows."""
    return ["train in bfloat16 instead of float16", *_go_back(facts)]


def bad_batch(facts: Facts) -> list[str]:
    """Return how to find and pass over bad data."""
    worst = next(iter(facts.of("non-finite", "loss-spike")), None)
    where = f" of step {worst.onset_step:,.0f}" if worst and worst.onset_step is not None else ""
    return [
        f"look at the batch{where}: NaN, constant or mislabelled samples",
        "skip batches whose loss is not finite, and count them",
        *_go_back(facts),
    ]


def unnormalised_inputs(_: Facts) -> list[str]:
    """Return how to normalise."""
    return ["standardise each input feature to mean 0 and standard deviation 1"]


def overfitting(facts: Facts) -> list[str]:
    """Return how to keep the best result and what to change next time."""
    steps = [f"keep the checkpoint of {_best(facts)} and stop{_wasted(facts)}"]
    decay, dropout = facts.context.number("weight_decay"), facts.context.number("dropout")
    stronger = [
        f"raise {name} from {value:g} to {value * 2:g}" if value else f"add {name}"
        for name, value in (("dropout", dropout), ("weight decay", decay))
        if facts.configured
    ]
    return [*steps, "next time: more data or augmentation, a smaller model", *stronger]


def shortcut_learning(_: Facts) -> list[str]:
    """Return how to look for a shortcut."""
    return [
        "look at the highest-scoring negatives and at how they were collected",
        "evaluate on data from another source",
    ]


def missing_early_stop(facts: Facts) -> list[str]:
    """Return which patience would have stopped the run, and where."""
    patience = 3
    steps = [f"stop early with a patience of {patience} evaluations"]
    for incident in facts.of("overfitting", "metric-collapse"):
        best = incident.evidence.get("best_epoch")
        if best is not None:
            steps[0] += f": it would have ended this run at epoch {best + patience:g}"
            break
    return steps


def loader_spikes(facts: Facts) -> list[str]:
    """Return what to change in the loader, in the order of cost."""
    context = facts.context
    incident = facts.first("loader-spikes")
    evidence = incident.evidence if incident else {}
    workers, prefetch = context.number("num_workers"), context.number("prefetch_factor")
    steps = []
    if evidence.get("matches"):
        steps.append(f"the period is {evidence['matches']}: look at what each worker does then")
    if workers and workers >= 8:  # noqa: PLR2004 - below it a loader is rarely too wide
        steps.append(f"fewer workers: {workers:.0f} to {max(2, workers * 2 // 3):.0f}")
    elif workers is not None:
        steps.append(f"more workers if CPU and memory are idle: {workers:.0f} to {workers + 4:.0f}")
    else:
        steps.append("change the number of workers: fewer if memory or CPU is tight, else more")
    if prefetch and prefetch > 2:  # noqa: PLR2004 - torch's own default
        steps.append(f"a smaller prefetch: {prefetch:.0f} to {max(2, prefetch // 2):.0f}")
    if workers != 0:  # without workers there is none to keep
        steps.append("persistent_workers=True")
    return [*steps, "move the data to local storage"]


def hang(facts: Facts) -> list[str]:
    """Return how to see where a process hangs."""
    pid = facts.context.header.get("pid")
    return [
        f"py-spy dump --pid {pid}" if isinstance(pid, int) else "py-spy dump --pid PID",
        "look for a rank that is gone, a dead loader worker, a full disk",
    ]


def _wasted(facts: Facts) -> str:
    """Return what has been spent since the best evaluation, in words."""
    for incident in facts.of("overfitting"):
        for unit in ("epochs", "steps"):
            wasted = incident.evidence.get(f"{unit}_wasted")
            if wasted:
                return f": {wasted:,.3g} {unit} wasted so far"
    return ""


def _best(facts: Facts) -> str:
    for incident in facts.of("overfitting", "metric-collapse"):
        for unit in ("epoch", "step"):
            best = incident.evidence.get(f"best_{unit}")
            if best is not None:
                return f"{unit} {best:g}" if unit == "epoch" else f"{unit} {best:,.0f}"
    return "the best evaluation"


def _go_back(facts: Facts) -> list[str]:
    """Return the way back, if the weights are lost."""
    lost = [i for i in facts.of("non-finite") if not i.cleared]
    onset = lost[0].onset_step if lost else None
    if onset is None:
        return []
    return [f"restart from the last checkpoint before step {onset:,.0f}"]
