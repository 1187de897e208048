"""What training claims of itself and its evaluations deny: that nothing is left to be learned."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.claims import claim_at, zero_losses
from trainmon.evaluating.metrics import quantity_of
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, Severity

_TRAINING = "training: "
"""Before the metrics that training contradicts, as their evaluations may contradict themselves."""


@dataclass(frozen=True, slots=True)
class Denied:
    """When a claim of training is one that an evaluation can deny."""

    perfect: float
    """Of train accuracy: nothing is left to learn."""
    nothing: float
    """Of the first training loss: it claims the same."""
    zeros: int
    """Training losses of exactly 0, from the first one on."""

    def after(self, streaks: dict[str, Streak], context: Context, block: Block) -> list[Event]:
        """Return what is told at the evaluations of a block; the streaks are brought up to it."""
        events = list[Event]()
        claimed = any(key.startswith(_TRAINING) for key in streaks)
        if claimed or _may_claim(context, block):
            for row, metrics in _evaluated(context, block):
                events += self._at(streaks, row, metrics, context, block)
        return events

    def _at(
        self,
        streaks: dict[str, Streak],
        row: int,
        metrics: Mapping[str, float],
        context: Context,
        block: Block,
    ) -> list[Event]:
        """Return what is told of a training that claims what its evaluation at a row denies."""
        zeros = zero_losses(context, block, row)
        if zeros >= self.zeros and context.train_loss:
            title = f"{context.train_loss} is exactly 0 in {zeros:,} records: nothing is compared"
            evidence = {"kind": "zero-loss", "records": zeros}
            return _tell(streaks, context.train_loss, row, title, evidence)
        if any(metrics.values()) or not metrics:
            return _over(streaks, row, metrics or (context.train_loss,))
        zero, claim = next(iter(metrics)), claim_at(context, block, row)
        if claim is None or claim.accuracy < self.perfect:
            return []
        if claim.loss > self.nothing * claim.first_loss:
            return []
        title = (
            f"{zero} is 0 while training has an accuracy of {100 * claim.accuracy:.4g} % "
            f"and a loss of {claim.loss:.2g}"
        )
        evidence = {"kind": "perfect-training", "value": 0.0, "train_accuracy": claim.accuracy}
        evidence |= {"train_loss": claim.loss, "first_train_loss": claim.first_loss}
        return _tell(streaks, zero, row, title, evidence)


def _may_claim(context: Context, block: Block) -> bool:
    """Return whether any metric or loss of the block is 0: most never are."""
    if any((block.samples(name).values == 0).any() for name in context.names(Role.VAL_METRIC)):
        return True
    losses = block.before(context.train_loss, 1, block.stop).values
    return bool(len(losses) and losses[0] == 0)


def _evaluated(context: Context, block: Block) -> list[tuple[int, Mapping[str, float]]]:
    """Return the rows of evaluations, ascending, with those of their metrics that may be 0.

    More is better of them, and they are not the area under a curve, which never is 0.
    """
    found: dict[int, dict[str, float]] = {}
    for name in context.names(Role.VAL_LOSS, Role.VAL_METRIC):
        samples = block.samples(name)
        counts = context.role(name).direction == Direction.HIGHER and quantity_of(name) != "auroc"
        for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
            found.setdefault(row, {}).update({name: value} if counts else {})
    return sorted(found.items(), key=lambda pair: pair[0])


def _tell(
    streaks: dict[str, Streak], metric: str, row: int, title: str, evidence: Mapping[str, object]
) -> list[Event]:
    streak = streaks.get(_TRAINING + metric, Streak()).seen(row)
    evidence = {**evidence, "evaluations": streak.count}
    streak, events = streak.tell(row, Severity.WARNING, title, metric, evidence)
    streaks[_TRAINING + metric] = streak
    return events


def _over(streaks: dict[str, Streak], row: int, metrics: Collection[str | None]) -> list[Event]:
    """Clear what was told of training beside these metrics."""
    events = list[Event]()
    for metric in metrics:
        streak = streaks.pop(f"{_TRAINING}{metric}", Streak())
        events += streak.over(row, f"{metric} does not contradict training any more", metric)[1]
    return events
