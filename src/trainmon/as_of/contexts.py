"""What was known of a run at an earlier record: its settings, its metrics and their roles."""

from collections.abc import Collection
from dataclasses import replace
from operator import attrgetter, itemgetter

from trainmon.context import Context
from trainmon.roles import RunRoles
from trainmon.rule import LiveRule
from trainmon.rules import all_rules
from trainmon.store.lane_view import LaneView
from trainmon.view import NotJudged, RunView


def context_at_end(lane: LaneView, later: Context) -> Context:
    """Return what was known at the end of a lane of which more is known `later`.

    It is what the judge's fold over all rows had come to, from the events and the first row of each
    metric alone. What a person tells of the run holds from the beginning.
    """
    begins = ((int(samples.rows[0]), name) for name, samples in lane.series.items())
    names = [name for _, name in sorted(begins, key=itemgetter(0))]
    clocks = later.roles.clocks.intersection(names)
    roles = RunRoles(later.roles.overrides).including(names, clocks)
    context = Context.at_start(roles, later.assumed, later.reference)
    for event in lane.events:
        context = context.after(event.row, (event,))
    if lane.rewinds:
        context = replace(context, baseline_row=max(context.baseline_row, lane.rewinds[-1]))
    observed = replace(
        later.observed,
        warm_row=_reached(lane, later.observed.warm_row),
        learning_row=_reached(lane, later.observed.learning_row),
    )
    return replace(context, observed=observed)


def _reached(lane: LaneView, row: int | None) -> int | None:
    return row if row is not None and row < lane.n_rows else None


def judged_at_end(
    run: RunView, context: Context, spoke: Collection[str]
) -> tuple[tuple[str, ...], tuple[NotJudged, ...]]:
    """Return the rules that had found nothing, and those that could not look yet.

    Rules that judge ranks side by side know more than the lead's log tells: they are as they are.
    """
    later = {each.rule: each for each in run.not_judged}
    known = {*run.clear, *later, *(each.rule for each in run.decisions)} - {*spoke}
    clear, not_judged = [], []
    for rule in all_rules():
        if rule.id not in known:
            continue
        missing = () if rule.across_ranks else rule.missing(context)
        if missing:
            signals = tuple(need.signal for need in missing)
            not_judged.append(NotJudged(rule.id, signals, missing[0].log))
        elif rule.across_ranks and rule.id in later:
            not_judged.append(later[rule.id])
        elif not isinstance(rule, LiveRule):
            clear.append(rule.id)
    return tuple(sorted(clear)), tuple(sorted(not_judged, key=attrgetter("rule")))
