"""The machine of a run that is watched where it runs, as its log would hold it, and rules on it.

What the writer would log with ``system_metrics`` stands in a lane of its own, beside what the
training told meanwhile, so that the rules of machines judge both alike. It depends on when the
watching began: what is decided on it is live.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.given import Given
from trainmon.judge import Decision, Judge
from trainmon.record import HEADER_KEY
from trainmon.roles import Role
from trainmon.rule import EventKind, Rule
from trainmon.spikes.readings import worst_beside
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

_NUMBERS_LIMIT = 1_000_000
"""Values held of one process, 8 MB: those of the last nine hours in full."""


class Sensed:
    """What probes told of one process of a run. Owned by the monitor thread.

    `log` is the lane of its log; `rules` are those that judge machines.
    """

    def __init__(self, log: Lane, rules: Sequence[Rule[Any]], given: Given | None = None) -> None:
        self.lane = Lane(log.rank, limit=_NUMBERS_LIMIT)
        self._judge = Judge(self.lane, rules, given=given)
        self._log = log
        self._upto = log.n_rows
        self._baseline_row = -1
        self._rows: list[int] = []
        self._log_rows: list[int] = []

    def take(self, context: Context, now: float, readings: Mapping[str, float]) -> list[Decision]:
        """Take in what was read at a moment; return what is decided, at the rows of the log.

        Nothing is where the log tells of the machine itself.
        """
        records = [*self._since(context, now), {"time": now, **readings}]
        self._rows.append(self.lane.n_rows)
        self._log_rows.append(max(0, self._log.n_rows - 1))
        self.lane.append(batch_of(records))
        if context.names(Role.SYSTEM):
            return []
        return [self._placed(decision) for decision in self._judge.advance()]

    def beside(self, decisions: Sequence[Decision]) -> Iterator[Decision]:
        """Yield spikes that the log tells anew with what was read of the machine at their time."""
        for decision in decisions:
            worst = decision.event.evidence.get("worst")
            told = worst_beside(worst, self._log, self.lane) if worst else {}
            if told:
                event = replace(decision.event, kind=EventKind.REPEATED, evidence=told)
                yield replace(decision, event=event)

    @property
    def context(self) -> Context:
        """What is known of the run as the rules of machines see it."""
        return self._judge.context

    @property
    def failures(self) -> Mapping[str, str]:
        """Rules that raised, and what."""
        return self._judge.failures

    def _since(self, context: Context, now: float) -> Iterator[Record]:
        """Yield what the training told since the last sample, as one record, if it did."""
        if context.baseline_row != self._baseline_row:
            self._baseline_row = context.baseline_row
            yield {HEADER_KEY: 1, "time": now, "config": dict(context.settings)}
        start, self._upto = self._upto, self._log.n_rows
        if start == self._upto:
            return
        record: Record = {"step": self._last(self._log.steps, start), "time": now}
        record["epoch"] = self._last(self._log.epochs, start)
        for name, metric in (("data_time", context.data_time), ("step_time", context.step_time)):
            record[name] = self._mean(metric, start)
        told = {name: value for name, value in record.items() if value is not None}
        if "step_time" not in told and context.train_loss:
            told["train/loss"] = self._mean(context.train_loss, start)
        if len(told) > 1:
            yield {name: value for name, value in told.items() if value is not None}

    def _last(self, column: Any, start: int) -> float | None:  # noqa: ANN401 - steps or epochs
        values = column[max(start, self._upto - _LOOKED_AT) : self._upto]
        told = finite(values)
        return float(told[-1]) if len(told) else None

    def _mean(self, metric: str | None, start: int) -> float | None:
        every = self._log.samples(metric)
        begin, end = every.positions(max(start, self._upto - _LOOKED_AT), self._upto)
        values = every.values[begin:end]
        values = finite(values)
        return float(values.mean()) if len(values) else None

    def _placed(self, decision: Decision) -> Decision:
        """Return a decision at the rows of the log that had been told then."""
        event = decision.event
        row, onset = (self._log_row(at) for at in (event.row, event.onset))
        return replace(decision, event=replace(event, row=row, onset=onset))

    def _log_row(self, row: int) -> int:
        return self._log_rows[max(0, bisect_right(self._rows, row) - 1)]


_LOOKED_AT = 1_024
"""Newest rows of the log that are looked at: no loop tells more in a second that anybody needs."""
