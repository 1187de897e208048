"""An early stopping's course read back from a checkpoint, which anyone may have written."""

from collections.abc import Mapping
from typing import Any

from trainmon.writer.stopping.course import Course
from trainmon.writer.stopping.terms import Terms
from trainmon.writer.stopping.track import Evaluation, Track

_LASTING = ("metric", "mode", "also", "also_mode")
"""Terms without which the values that were counted mean something else."""


def course_of(state: Mapping[str, Any], terms: Terms) -> Course:
    """Return the course that `asdict` made `state` of, to go on under `terms`.

    The metrics must be the same; patience and the rest may have changed since. Raises `ValueError`
    if they are not, or if `state` is no such thing.

    >>> from dataclasses import asdict
    >>> course = Course(Terms("val/f1", "max")).after({"val/f1": 0.7}, step=10)
    >>> course_of(asdict(course), course.terms) == course
    True
    """
    try:
        before = [state["terms"][term] for term in _LASTING]
        course = Course(
            terms,
            main=_track(state["main"]),
            also=_track(state["also"]),
            kept=_evaluation(state["kept"]),
            owed=bool(state["owed"]),
            step=_number(state.get("step")),
        )
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise ValueError("is none of an early stopping") from None
    for term, value in zip(_LASTING, before, strict=True):
        if value != getattr(terms, term):
            raise ValueError(f"is of {term}={value!r}, not {getattr(terms, term)!r}")
    return course


def _track(state: Mapping[str, Any]) -> Track:
    return Track(
        evaluations=int(state["evaluations"]),
        first=_number(state["first"]),
        moved=bool(state["moved"]),
        best=_evaluation(state["best"]),
        improved=bool(state["improved"]),
        since_best=int(state["since_best"]),
    )


def _evaluation(state: Mapping[str, Any] | None) -> Evaluation | None:
    if state is None:
        return None
    return Evaluation(float(state["value"]), _number(state["step"]), _number(state["epoch"]))


def _number(value: Any) -> float | None:  # noqa: ANN401 - whatever float() takes
    return None if value is None else float(value)
