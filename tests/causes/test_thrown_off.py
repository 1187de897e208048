"""Causes of runs that their first steps threw off: the rate, and not labels or frozen weights."""

from dataclasses import replace

import numpy as np
import pytest

from trainmon.causes.facts import Facts
from trainmon.causes.ranking import diagnose
from trainmon.causes.readings import Readings
from trainmon.context import Context
from trainmon.incidents import Incident
from trainmon.observed import Observed
from trainmon.rule import Severity


def _incident(rule: str, metric: str | None = None, **evidence: object) -> Incident:
    return Incident(
        rule=rule,
        severity=Severity.ERROR,
        title=rule,
        metric=metric,
        rank=0,
        row=100,
        step=100.0,
        epoch=None,
        time=None,
        onset_row=0,
        onset_step=0.0,
        onset_epoch=None,
        last_row=100,
        last_step=100.0,
        cleared=False,
        evidence=evidence,
    )


STUCK = (
    _incident("not-learning", "train/loss"),
    _incident("frozen-metric", "val/loss"),
    _incident("grad-vanishing", "grad_norm"),
)
"""A run whose weights do not move any more."""


def _primary(facts: Facts) -> str:
    return diagnose(facts)[0].cause


@pytest.mark.parametrize("lr", [8.0, 0.4])
def test_gradients_that_a_huge_rate_leaves_nothing_of_are_no_frozen_weights(lr: float) -> None:
    readings = Readings(begun_grad_norm=7.5, first_grad_norm=1e-11, grad_norm=0.0, lr=lr)
    told = _primary(Facts(STUCK, Context(), readings=readings))
    assert told in {"lr-too-high", "dead-units"}


def test_gradients_of_0_from_the_first_record_on_at_a_huge_rate_are_its_work() -> None:
    readings = Readings(begun_grad_norm=0.0, first_grad_norm=0.0, grad_norm=0.0, lr=4.0)
    assert _primary(Facts(STUCK[:2], Context(), readings=readings)) == "lr-too-high"


@pytest.mark.parametrize(("first", "cause"), [(3.0, "lr-too-high"), (2.4, "labels-misaligned")])
def test_a_first_epoch_far_above_chance_speaks_against_the_labels(first: float, cause: str) -> None:
    context = Context(observed=Observed(epoch_records=True))
    stays = _incident("not-learning", "loss", baseline=float(np.log(10)))
    readings = Readings(first_loss=first, early_peak=first, loss=2.3)
    assert _primary(Facts((stays,), context, readings=readings)) == cause


def test_a_leap_is_not_left_to_another_cause_where_the_rate_explains_it_with_dead_units() -> None:
    """Units that the rate killed explain that a run stands, and not that its loss leapt before."""
    readings = Readings(begun_grad_norm=100.0, first_grad_norm=4e3, grad_norm=1e-3, lr=0.3)
    found = (_incident("not-learning", "loss"), _incident("loss-divergence", "loss"))
    told = diagnose(Facts(found, Context(), readings=readings))
    assert [each.cause for each in told if each.role == "primary"] == ["lr-too-high"]


def test_first_losses_that_are_as_noisy_as_the_last_ones_throw_nothing_off() -> None:
    noisy = Readings(
        first_loss=5.3, early_peak=11.2, early_level=6.9, loss=6.0, last_low=3.1, last_high=10.9
    )
    assert not noisy.was_thrown_off
    assert replace(noisy, early_peak=40.0).was_thrown_off
    assert replace(noisy, last_low=5.8, last_high=8.0).was_thrown_off
