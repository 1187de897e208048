"""Evaluations swing from good to bad and back, or the training loss alternates step by step.

Looks for
---------
A validation loss or metric whose every other evaluation is far off, and a training loss that goes
up and down with each step.

Why it matters
--------------
Steps are so large that the weights leap over the minimum and back. Which checkpoint is good is
luck, and the last one is as likely to be a bad one.

Fires when
----------
Behind the gate, over the last 12 evaluations: at least 80 % of the changes go the other way than
the one before (two thirds do in mere noise), and half of them are larger than 50 % of the loss, or
than .15 of a share and 3 times its sampling error. It is info at first and a warning after 5
evaluations in a row. A training loss is info: at least 90 % of the changes of 128 samples alternate
and half of them are larger than a tenth of it.

Stays quiet
-----------
On evaluations of so few examples that the swings are their noise, and of unknown size where the
values are ratios of small numbers. While the evaluations still set new bests, since noise at a high
learning rate is ordinary before the rate is cut.

What to do
----------
Lower the learning rate to a third, or raise the batch size. Average the weights (EMA) before
evaluating. Alternating losses come from alternating data as well: look at which batches are high.

Sources
-------
J. Cohen et al., Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability
(2021), for losses that alternate. W. A. Wallis and G. H. Moore, A Significance Test for Time Series
(1941), for turning points in noise.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("oscillation")
>>> told = [decision.event for decision in replay(rule, rule.fires())]
>>> [event.severity.word for event in told if event.kind != "repeated"]
['info', 'warning']
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import completes
from trainmon.courses.streak import Streak
from trainmon.courses.streaks import Streaks
from trainmon.digest import CELL
from trainmon.evaluating.metrics import quantity_of
from trainmon.learning.seldom import CELLS, is_due
from trainmon.learning.swings import Swings, share_of_turns
from trainmon.medians import median_of
from trainmon.once import once
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class Oscillation(Rule[Streaks]):
    """Values that swing to and fro."""

    id = "oscillation"
    summary = "evaluations swing from good to bad and back, or the loss alternates step by step"
    needs = (
        Need(
            "val/loss",
            (Role.VAL_LOSS, Role.VAL_METRIC, Role.TRAIN_LOSS),
            'log.log({"val/loss": val_loss}, step=step)  # after each evaluation',
            monitored=True,
        ),
    )

    window: int = threshold(12, "evaluations: ten turns tell swings from a few bad draws")
    turns: float = threshold(0.8, "of the changes go back: in noise two thirds do")
    swing: float = threshold(0.5, "of the loss: a good evaluation and a bad one")
    swing_share: float = threshold(0.15, "of a share: likewise")
    errors: float = threshold(3.0, "times the sampling error of a share")
    confirm: int = threshold(5, "evaluations in a row: with the window it is 16 in all")
    samples: int = threshold(128, "of a training loss")
    alternates: float = threshold(0.9, "of its changes: five deviations above noise")
    beat: float = threshold(0.1, "of its level: smaller ones change nothing")

    @cached_property
    def _swings(self) -> Swings:
        return thresholds(Swings, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics of evaluations that are judged."""
        return _judged(context)

    def paced(self, context: Context) -> Collection[str]:
        """Return the training loss."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Streaks:
        """Return the state before the first row."""
        return Streaks()

    def step(self, state: Streaks, context: Context, block: Block) -> tuple[Streaks, list[Event]]:
        """Judge the last evaluations, and the training loss, at some of their values."""
        rows = {name: found for name in _judged(context) if len(found := block.samples(name).rows)}
        digest = block.digest(context.train_loss)
        anew = state.baseline_row != context.baseline_row
        if not rows and not anew and not completes(digest, block.start, self.samples // CELL):
            return state, []
        cells = np.arange(digest.since(block.start), len(digest))
        seen, streaks, events = dict(state.seen), dict(state.by_metric), list[Event]()
        if not rows and not len(cells):
            return state, []
        if anew:
            first = min(
                [*(int(each[0]) for each in rows.values()), *digest.rows[cells[:1]].tolist()]
            )
            events += state.over(first)
            seen, streaks = {}, {}
        looks = list[tuple[int, str]]()
        for name, each in rows.items():
            numbers = seen.get(name, 0) + 1 + np.arange(len(each))
            seen[name] = int(numbers[-1])
            due = is_due(numbers) & (numbers >= self.window)
            looks += [(row, name) for row in each[due].tolist()]
        # One window of the training loss after the other.
        windows, rest = np.divmod(cells + 1 + digest.count - len(digest), self.samples // CELL)
        cells = cells[(rest == 0) & is_due(windows, CELLS)]
        looks += [(row, str(context.train_loss)) for row in digest.rows[cells].tolist()]
        for row, name in sorted(looks):
            streaks[name], told = self._look(streaks.get(name, Streak()), context, block, row, name)
            events += told
        kept = MappingProxyType(streaks)
        return Streaks(context.baseline_row, kept, MappingProxyType(seen)), events

    def _look(
        self, streak: Streak, context: Context, block: Block, row: int, name: str
    ) -> tuple[Streak, list[Event]]:
        """Return the streak of a metric after a row, and what is told of it."""
        train = name == context.train_loss
        values = block.before(name, self.samples if train else self.window, row + 1).values
        enough = len(values) == (self.samples if train else self.window)
        gate = context.learning_row
        if not enough or gate is None or row < gate or not np.isfinite(values).all():
            return streak, []
        if train:
            swings = self._swings.alternate(values)
        else:
            swings = self._swings.are_bad(context, block, row, name, values)
        if not swings:
            return streak.over(row, f"{name} swings no longer", name)
        streak = streak.seen(int(block.before(name, len(values), row + 1).rows[0]))
        severity = Severity.INFO
        if not train and streak.count >= self.confirm:
            severity = Severity.WARNING
        swing = median_of(np.abs(np.diff(values)))
        evidence = {"swing": swing, "low": float(values.min()), "high": float(values.max())}
        evidence |= {"median": median_of(values), "turns": share_of_turns(values)}
        evidence["count"] = len(values)
        rates = block.before(context.learning_rate, 1, row + 1).values
        if len(rates):
            evidence["lr"] = float(rates[0])
        what = "step by step" if train else f"in {len(values)} evaluations"
        title = f"{name} swings between {values.min():.3g} and {values.max():.3g} {what}"
        return streak.tell(row, severity, title, name, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """An accuracy that is good in every other evaluation."""
        values = [0.8134, 0.3521, 0.7842, 0.4107, 0.8015, 0.3043] * 4
        return [
            {"step": 200 * n, "epoch": n, "train/loss": 0.6 + 0.01 * n, "val/accuracy": value}
            for n, value in enumerate(values, 1)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Noise of evaluations around a level that rises."""
        noise = np.random.default_rng(0).normal(0, 0.05, 24)
        return [
            {"step": 200 * n, "epoch": n, "val/accuracy": 0.5 + 0.01 * n + float(noise[n])}
            for n in range(24)
        ]


_SHARES = frozenset(("accuracy", "balanced_accuracy", "f1", "auroc", "ap", "map", "ap50"))
"""Quantities that are judged beside the loss."""


@once
def _judged(context: Context) -> tuple[str, ...]:
    """Return the validation loss and the metric that decides, or the first usual one."""
    names = [context.val_loss] if context.val_loss else []
    monitored = context.monitored
    if monitored and monitored[1] != Direction.UNKNOWN:
        names.append(monitored[0])
    else:
        usual = (n for n in context.names(Role.VAL_METRIC) if quantity_of(n) in _SHARES)
        names += [name for name in [next(usual, None)] if name]
    return tuple(dict.fromkeys(names))
