"""Early stopping as the training loop sees it: what was best, and whether it is time to stop."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from trainmon.record import EventKind
from trainmon.writer.journal import Journal
from trainmon.writer.scalar import Scalar
from trainmon.writer.stopping.course import Course
from trainmon.writer.stopping.saved import course_of
from trainmon.writer.stopping.terms import Terms


class EarlyStopping:
    """Follows a metric in what is logged, and says when it has not become better for too long.

    Made by ``log.early_stopping(...)``. Each line that holds the metric is one evaluation; NaN is
    never a better one. While the metric stands still (0, NaN, or its first value in all
    evaluations so far) the second one decides: on stopping, on `improved` and on `best`.

    Reading any of the properties waits for values that are still on a GPU, so read them after an
    evaluation and not in every step. In a distributed run they speak for this rank alone, which
    may differ from the others: leave the loop by ``log.should_stop``.
    """

    def __init__(self, journal: Journal, terms: Terms) -> None:
        """Listen to what `journal` logs from now on."""
        self._journal = journal
        self._course = Course(terms)
        self._told = False
        names = (terms.metric,) if terms.also is None else (terms.metric, terms.also)
        journal.listen(names, self._hear)

    @property
    def metric(self) -> str:
        """The metric that decides at present."""
        return self._now().metric

    @property
    def patience(self) -> int:
        """Evaluations in a row without a better one after which it stops."""
        return self._course.terms.patience

    @property
    def best(self) -> float | None:
        """The best value of the metric that decides; None before the first finite one."""
        best = self._now().track.best
        return None if best is None else best.value

    @property
    def best_step(self) -> float | None:
        """The step of the best evaluation, if it was logged with one."""
        best = self._now().track.best
        return None if best is None else best.step

    @property
    def best_epoch(self) -> float | None:
        """The epoch of the best evaluation, if it was logged with one."""
        best = self._now().track.best
        return None if best is None else best.epoch

    @property
    def improved(self) -> bool:
        """Whether the last evaluation is the best so far: save the checkpoint now."""
        return self._now().track.improved

    @property
    def evaluations(self) -> int:
        """How many evaluations the metric has had."""
        return self._now().main.evaluations

    @property
    def since_best(self) -> int:
        """How many evaluations there were since the best one."""
        return self._now().track.since_best

    @property
    def should_stop(self) -> bool:
        """Whether the patience is over, as far as this rank knows."""
        return self._now().out_of_patience

    @property
    def why(self) -> str:
        """Why it is time to stop, in a sentence; empty while it is not."""
        course = self._now()
        return _reason(course) if course.out_of_patience else ""

    def __bool__(self) -> bool:
        """Return `should_stop`."""
        return self.should_stop

    def __repr__(self) -> str:
        course = self._course
        return f"<EarlyStopping by {course.metric}: {course.track.since_best} of {self.patience}>"

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must hold to go on counting: plain numbers, text and None."""
        return asdict(self._now())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on counting from `state`; one of another metric, or none at all, is told and left."""
        try:
            self._course = course_of(state, self._course.terms)
        except ValueError as error:
            metric = self._course.terms.metric
            text = f"early stopping by {metric} begins anew: its saved state {error}"
            self._journal.tell(("early stopping state", metric), text)

    def _hear(self, line: Mapping[str, Scalar], step: float | None) -> None:
        # Lines come one after the other, so one assignment keeps readers in other threads right.
        self._course = self._course.after(line, step)

    def _now(self) -> Course:
        self._journal.settle()
        course = self._course
        if course.follows_also and not self._told:
            self._told = True
            text = f"{_standstill(course)}: {course.metric} decides until it moves"
            self._journal.tell(("standstill", course.terms.metric), text)
            self._journal.event(EventKind.NOTE, step=self._journal.step, text=text)
        return course


def _standstill(course: Course) -> str:
    where = "not finite" if course.main.first is None else f"{course.main.first:g}"
    return f"{course.terms.metric} was {where} in all {course.main.evaluations} evaluations"


def _reason(course: Course) -> str:
    best = course.track.best
    waited = f"{course.metric} has not become better for {course.track.since_best} evaluations"
    if best is None:
        return f"{waited}: it was never finite"
    place = "" if best.step is None else f" at step {best.step:,.0f}"
    place += "" if best.epoch is None else f" in epoch {best.epoch:g}"
    reason = f"{waited}: its best was {best.value:.4g}{place}"
    return f"{reason} ({_standstill(course)})" if course.follows_also else reason
