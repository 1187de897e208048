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
for a metric, and in 2 evaluations, or 30 minutes after one, there was none although it was due: the
key that decides is not logged; its mode is the wrong way round, so that a better value counts as
worse; the metric never beat its first value; or it set new bests and nothing was written. Where
checkpoints came regularly and whatever the metric was, three intervals without one count as well.
It is a warning; info at the second evaluation while only a first checkpoint is awaited.

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
from math import isfinite, nan
from typing import Any, Literal

from trainmon.checkpoints.plan import is_inverted, missing_key, real_direction, wants_checkpoints
from trainmon.checkpoints.saved import Saving
from trainmon.context import Context
from trainmon.record import EventKind
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, Need, Rule, Severity, known
from trainmon.store.batch import Record, Rows
from trainmon.threshold import threshold

Reason = Literal["key absent", "mode inverted", "never beat its first value", "none written"]


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
    intervals: float = threshold(3.0, "times the widest interval between checkpoints")
    regular: int = threshold(3, "checkpoints at least, before an interval means anything")

    def watched(self, context: Context) -> Collection[str]:
        """Return the metric that tells of evaluations."""
        name = _clock(context)
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
        for row, what in [*_marks(context, block), (block.stop, None)]:
            if len(ticks):
                state, now = self._wait(state, ticks[ticks < row], context, block)
                events += now
            if isinstance(what, Mapping):
                metric = what.get("metric")
                by = metric if isinstance(metric, str) else None
                streak, now = state.streak.over(row, "a checkpoint was written", None)
                state = state.saved(row, block.steps, by=by, metric=_clock(context))
                state = replace(state, streak=streak)
                events += now
            elif what is not None:
                state = state.evaluated(row, _sign(context) * what)
                due = self._due(state, row, context, block)
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

    def _due(
        self, state: Saving, row: int, context: Context, block: Block
    ) -> tuple[Reason, Severity] | None:
        """Return why a checkpoint is missing at an evaluation, and how bad that is."""
        if state.evaluations < self.confirm:
            return None
        found: tuple[Reason, Severity] | None = None
        late = state.since >= self.confirm
        if state.wanted or state.by_metric >= self.confirm:
            improves = state.is_new or state.unsaved > 0
            if is_inverted(context) and state.since and improves:
                found = "mode inverted", Severity.WARNING
            elif late and missing_key(context):
                found = "key absent", Severity.WARNING
            elif late and not state.checkpoints:
                stuck = not state.best > state.first
                patient = state.since >= self.patient
                reason: Reason = "never beat its first value" if stuck else "none written"
                found = reason, Severity.WARNING if patient else Severity.INFO
            elif (
                (state.by_metric or context.monitored)
                and state.checkpoints
                and state.unsaved >= self.unsaved * (1 + state.most_unsaved)
            ):
                found = "none written", Severity.WARNING
        elif late and state.regardless >= self.regular and state.widest > 0:
            apart = float(block.steps[row] - block.steps[state.last_row])
            if apart > self.intervals * state.widest:
                found = "none written", Severity.WARNING
        return found

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
        evidence = _evidence(state, row, context, block) | {"reason": reason}
        title = _title(evidence, reason)
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


def _clock(context: Context) -> str | None:
    """Return the metric that tells of evaluations: the monitored one, or what there is."""
    if context.monitored:
        return context.monitored[0]
    return context.val_loss or next(iter(context.names(Role.VAL_METRIC)), None)


def _marks(context: Context, block: Block) -> list[tuple[int, float | Mapping[str, Any]]]:
    """Return evaluations and checkpoints by row: a value, or the fields of an event."""
    samples = block.samples(_clock(context))
    marks: list[tuple[int, float | Mapping[str, Any]]] = [
        *zip(samples.rows.tolist(), samples.values.tolist(), strict=True)
    ]
    marks += [(e.row, e.fields) for e in block.events if e.kind == EventKind.CHECKPOINT]
    return sorted(marks, key=lambda mark: mark[0])


def _sign(context: Context) -> float:
    """Return what makes more of the metric better."""
    lower = real_direction(context, _clock(context) or "") == Direction.LOWER
    return -1.0 if lower else 1.0


def _evidence(state: Saving, row: int, context: Context, block: Block) -> dict[str, Any]:
    """Return what is at risk and what decides on checkpoints."""
    begin = state.last_row if state.checkpoints else context.baseline_row
    begin_step = float(block.steps[begin])
    if not isfinite(begin_step):  # a header has none
        begin_step = 0.0 if not context.baseline_row else nan
    monitored = context.monitored
    evidence: dict[str, Any] = {
        "evaluations": state.since,
        "steps_at_risk": float(block.steps[row]) - begin_step,
        "seconds_at_risk": float(block.times[row] - block.times[begin]),
        "unsaved_bests": state.unsaved,
        "checkpoints": state.checkpoints,
        "first_value": _sign(context) * state.first,
        "best_value": _sign(context) * state.best,
    }
    if state.checkpoints:
        evidence["last_step"] = begin_step
    if monitored or missing_key(context):
        evidence["metric"] = monitored[0] if monitored else missing_key(context)
    if context.settings.get("mode") is not None:
        evidence["mode"] = str(context.settings["mode"])
    return known(evidence)


def _title(evidence: Mapping[str, Any], reason: Reason) -> str:
    """Return what is told: since when, why, and what is at risk."""
    metric = evidence.get("metric", "the metric")
    why = {
        "key absent": f"{metric}, by which the best is kept, is not logged",
        "mode inverted": f"{metric} gets better, and mode {evidence.get('mode')} says worse",
        "never beat its first value": f"{metric} never beat its first value",
        "none written": "new bests came and none was written",
    }[reason]
    count = evidence["evaluations"]
    title = f"no checkpoint in {count} {'evaluation' if count == 1 else 'evaluations'}: {why}"
    if "steps_at_risk" in evidence:
        title += f"; {evidence['steps_at_risk']:,.0f} steps are at risk"
    return title
