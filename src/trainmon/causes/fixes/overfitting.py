"""What to do about a model that gets worse, and about a run that nothing stops."""

from trainmon.causes.facts import Facts


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
