"""No checkpoint is written though the run is meant to write some.

Looks for
---------
Evaluations without a checkpoint, in runs that are configured to keep the best one or that have
written some before, and the reason for it in the configuration and in the metric.

Why it matters
--------------
If the run dies, all that was computed since the last checkpoint is lost; and a run that ends well
without one has nothing to show for itself.

Fires when
----------
Checkpoints are configured (``checkpoint: best``, ``save_best``, ``save_top_k`` ...) or were written
for a metric: two of them, or one whose path calls it the best. And in 2 evaluations, or 30 minutes
after one, there was none although it was due: the key that decides is not logged; its mode is the
wrong way round, so that a better value counts as worse; the metric never beat its first value; or
it set 2 new bests and nothing was written, 4 behind a single checkpoint. Where none is monitored,
the metric counts that the checkpoints name. Where checkpoints came regularly and whatever the
metric was, three intervals without one count as well. It is a warning; info at the second
evaluation while only a first checkpoint is awaited.

Stays quiet
-----------
Where no checkpoint was ever logged and none is configured. While the metric does not improve after
a checkpoint: then none is due. In logs of other tools, which do not tell of checkpoints.

What to do
----------
Write one now, from the running process if it listens to a signal. Then correct the key (as it is
logged, such as ``val/f1``) and the mode, and write the last state beside the best one.

Sources
-------
The defaults of the usual callbacks, which wait for a better value for ever and say nothing.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("checkpoint-missing")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.evidence["reason"], first.evidence["steps_at_risk"]
('warning', 'key absent', 200.0)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from typing import Any

from trainmon.checkpoints.due import Due, Reason
from trainmon.checkpoints.plan import (
    clock,
    logged,
    missing_key,
    sign_of,
    wants_checkpoints,
)
from trainmon.checkpoints.saved import Saving
from trainmon.checkpoints.told import evidence_of, title_of
from trainmon.context import Context
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record, Rows
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class CheckpointMissing(Rule[Saving]):
    """Checkpoints that are due and do not come."""

    id = "checkpoint-missing"
    summary = "no checkpoint is written though one is due: what is computed is at risk"
    needs = (
        Need(
            "checkpoint",
            (),
            "log.checkpoint(path, metric={'val/f1': f1}, step=step)",
            events=("checkpoint",),
            settings=("checkpoint", "save_best", "save_top_k", "checkpoint_metric"),
        ),
    )
    hears = frozenset({EventKind.CHECKPOINT})
    units = {"seconds_at_risk": "seconds"}  # noqa: RUF012 - declared as a class variable by Rule

    confirm: int = threshold(2, "evaluations without a checkpoint")
    wait: float = threshold(1_800.0, "seconds after an evaluation whose checkpoint should be there")
    patient: int = threshold(3, "evaluations without a first checkpoint, for a warning")
    unsaved: int = threshold(
        2, "new bests without a checkpoint, and twice as many as there ever were before one"
    )
    unsaved_alone: int = threshold(
        4, "the same behind a single one by this metric: a small gain may be none to its script"
    )
    intervals: float = threshold(3.0, "times the widest interval between checkpoints")
    regular: int = threshold(3, "checkpoints at least, before an interval means anything")

    @cached_property
    def _due(self) -> Due:
        return thresholds(Due, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metric that tells of evaluations; a checkpoint may name any."""
        name = clock(context)
        if EventKind.CHECKPOINT in context.heard and not context.monitored:
            return context.names(Role.VAL_LOSS, Role.VAL_METRIC)
        return (name,) if name else ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the train loss, at which time is told between evaluations."""
        name = context.train_loss
        return (name,) if name and context.header and wants_checkpoints(context.settings) else ()

    def begin(self) -> Saving:
        """Return the state before the first row."""
        return Saving()

    def step(self, state: Saving, context: Context, block: Block) -> tuple[Saving, list[Event]]:
        """Go through evaluations and checkpoints in their order."""
        if state.settings is not context.settings:
            wanted = bool(context.header) and wants_checkpoints(context.settings)
            state = replace(state, settings=context.settings, wanted=wanted)
        if not state.wanted and EventKind.CHECKPOINT not in context.heard:
            return state, []
        events = list[Event]()
        ticks = self._ticks(state, context, block)
        for row, name, what in [*_marks(state, context, block), (block.stop, "", None)]:
            if len(ticks):
                state, now = self._wait(state, ticks[ticks < row], context, block)
                events += now
            if isinstance(what, Mapping):
                streak, now = state.streak.over(row, "a checkpoint was written", None)
                state = replace(_saved(state, row, what, context, block), streak=streak)
                events += now
            elif what is not None and name == clock(context, state.by):
                state = state.evaluated(row, sign_of(context, state.by) * what)
                due = self._due.at(state, row, context, block)
                state, now = self._tell(state, row, due, context, block)
                events += now
        return state, events

    def _ticks(self, state: Saving, context: Context, block: Block) -> Rows:
        """Return the rows at which time is told between evaluations, while it matters."""
        matters = state.wanted and not state.checkpoints
        digest = block.digest(context.train_loss if matters else None)
        return digest.rows[digest.since(block.start) :]

    def _wait(
        self, state: Saving, ticks: Rows, context: Context, block: Block
    ) -> tuple[Saving, list[Event]]:
        """Return whether the checkpoint of the last evaluation has been waited for too long."""
        due = state.wanted and state.is_new and not state.checkpoints
        if not due or state.streak.severity is not None:
            return state, []
        ticks = ticks[ticks > state.evaluated_row]
        waited = block.times[ticks] - block.times[state.evaluated_row]
        late = ticks[waited >= self.wait]
        if not len(late):
            return state, []
        row = int(late[0])
        reason: Reason = "key absent" if missing_key(context) else "none written"
        return self._tell(state, row, (reason, Severity.WARNING), context, block)

    def _tell(
        self,
        state: Saving,
        row: int,
        due: tuple[Reason, Severity] | None,
        context: Context,
        block: Block,
    ) -> tuple[Saving, list[Event]]:
        """Return what is told of a checkpoint that is due."""
        if due is None:
            return state, []
        reason, severity = due
        streak = state.streak.seen(row)
        evidence = evidence_of(state, row, context, block) | {"reason": reason}
        title = title_of(evidence, reason)
        streak, events = streak.tell(row, severity, title, None, evidence)
        return replace(state, streak=streak), events

    @staticmethod
    def fires() -> list[Record]:
        """The best is kept by a metric that nobody logs."""
        config = {"checkpoint": "best", "monitor": "val/f1_weighted", "mode": "max"}
        rows: list[Record] = [
            {"step": 100 * epoch, "epoch": epoch, "time": 1e9 + 60 * epoch, "val/f1": 0.1 * epoch}
            for epoch in range(1, 6)
        ]
        return [{"trainmon": 1, "time": 1e9, "config": config}, *rows]

    @staticmethod
    def quiet() -> list[Record]:
        """The best is kept, and then nothing is better."""
        config = {"checkpoint": "best", "monitor": "val/f1", "mode": "max"}
        records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
        for epoch, value in enumerate((0.3, 0.5, 0.6, 0.58, 0.59, 0.57, 0.58, 0.6), 1):
            place = {"step": 100 * epoch, "epoch": epoch, "time": 1e9 + 60 * epoch}
            records.append(place | {"val/f1": value})
            if epoch <= 3:
                records.append(place | {"event": "checkpoint", "path": "best.pt"})
        return records


def _saved(
    state: Saving, row: int, fields: Mapping[str, Any], context: Context, block: Block
) -> Saving:
    """Return the state after a checkpoint; the metric that it names tells of evaluations."""
    metric = fields.get("metric")
    by, path = metric if isinstance(metric, str) else None, str(fields.get("path") or "")
    name = logged(context, by)
    if name and name != clock(context, state.by) and not context.monitored:
        values = block.before(name, 1, row + 1).values
        worth = sign_of(context, name) * float(values[0]) if len(values) else nan
        state = state.told_by(name, worth)
    told = clock(context, state.by)
    return state.saved(row, block.steps, by=by, metric=told, path=path)


def _marks(
    state: Saving, context: Context, block: Block
) -> list[tuple[int, str, float | Mapping[str, Any]]]:
    """Return evaluations and checkpoints by row, with the metric: a value, or an event's fields."""
    saved = [event for event in block.events if event.kind == EventKind.CHECKPOINT]
    by = {logged(context, event.fields.get("metric")) for event in saved}
    names = {clock(context), clock(context, state.by), *by}
    marks: list[tuple[int, str, float | Mapping[str, Any]]] = []
    for name in sorted(filter(None, names)):
        samples = block.samples(name)
        marks += [
            (row, name, value)
            for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True)
        ]
    marks += [(event.row, "", event.fields) for event in saved]
    return sorted(marks, key=lambda mark: mark[0])
