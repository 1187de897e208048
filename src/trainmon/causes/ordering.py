"""The order in which several causes of a run are told."""

from collections.abc import Sequence

from trainmon.causes.diagnosis import Diagnosis
from trainmon.rule import Severity
from trainmon.rules import load

FACTS_OF_LIFE = frozenset({"config-risk", "early-stop", "generalisation-gap", "train-above-val"})
"""Findings of healthy runs, too: they speak for causes of others and have none of their own."""


def surest_first(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    """Return causes in order: each explains more than those behind it, or is surer by far.

    A guess that explains as little as a certainty stands behind it.
    """
    ordered: list[Diagnosis] = []
    for each in diagnoses:
        at = len(ordered)
        while at and _goes_before(each, ordered[at - 1]):
            at -= 1
        ordered.insert(at, each)
    return ordered


def _goes_before(one: Diagnosis, other: Diagnosis) -> bool:
    sure = one.confidence == "high" and other.confidence == "low"
    return sure and len(one.because) >= len(other.because)


def is_unsure(diagnosis: Diagnosis) -> bool:
    """Return whether a cause rests on infos alone that would be louder if they were sure."""
    return not any(
        load(rule).worst == Severity.INFO for rule in set(diagnosis.because) - FACTS_OF_LIFE
    )
