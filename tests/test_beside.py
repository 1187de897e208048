"""Findings beside one another: raised by some, explained by others."""

from typing import Any

import pytest

from trainmon.beside import EXPLAINED, RAISED, beside_one_another
from trainmon.incidents import Incident
from trainmon.rule import Severity
from trainmon.rules import names


def _incident(rule: str, severity: Severity = Severity.WARNING, **told: Any) -> Incident:  # noqa: ANN401 - any field
    place = 1.0
    return Incident(
        rule=rule, severity=severity, title=rule, metric=None, rank=0, row=1, step=place,
        epoch=None, time=None, onset_row=1, onset_step=place, onset_epoch=None, last_row=1,
        last_step=place, **told,
    )  # fmt: skip


def _beside(*incidents: Incident) -> dict[str, Severity]:
    return {incident.rule: incident.severity for incident in beside_one_another(incidents)}


@pytest.mark.parametrize("table", [RAISED, EXPLAINED], ids=["raised", "explained"])
def test_the_tables_speak_of_rules_that_there_are(table: dict[str, frozenset[str]]) -> None:
    assert {rule for row, others in table.items() for rule in (row, *others)} <= set(names())


def test_inputs_that_are_not_normalised_become_a_warning_beside_a_run_that_does_not_learn() -> None:
    inputs = _incident("unnormalised-inputs", Severity.INFO)
    assert _beside(inputs)["unnormalised-inputs"] == Severity.INFO
    assert _beside(inputs, _incident("not-learning"))["unnormalised-inputs"] == Severity.WARNING


def test_what_is_over_or_only_info_raises_nothing() -> None:
    inputs = _incident("unnormalised-inputs", Severity.INFO)
    over = _incident("not-learning", cleared=True)
    assert _beside(inputs, over)["unnormalised-inputs"] == Severity.INFO
    minor = _incident("not-learning", Severity.INFO)
    assert _beside(inputs, minor)["unnormalised-inputs"] == Severity.INFO


def test_a_train_loss_above_is_not_told_where_accumulation_explains_it() -> None:
    above = _incident("train-above-val", Severity.INFO)
    assert list(_beside(above, _incident("accumulation-misreport"))) == ["accumulation-misreport"]


def test_accumulation_never_hides_overfitting() -> None:
    both = _beside(_incident("overfitting"), _incident("accumulation-misreport"))
    assert set(both) == {"overfitting", "accumulation-misreport"}
