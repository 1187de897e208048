"""``trainmon explain``: the page of a rule, of a cause, or both."""

import pytest

from trainmon import rules
from trainmon.causes.graph import BY_ID
from trainmon.cli import main

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", sorted({*rules.names(), *BY_ID}))
def test_every_rule_and_every_cause_has_a_page(name: str, capsys: Captured) -> None:
    assert main(["explain", name]) == 0
    assert f" {name}\n" in capsys.readouterr().out


def test_a_name_of_both_has_both_pages(capsys: Captured) -> None:
    main(["explain", "overfitting"])
    out = capsys.readouterr().out
    assert "rule overfitting" in out
    assert "cause overfitting" in out


def test_a_page_tells_the_thresholds_with_their_reasons(capsys: Captured) -> None:
    main(["explain", "loss-spike"])
    out = capsys.readouterr().out
    assert "deviations = 6.0\n    robust standard deviations" in out


def test_an_unknown_name_is_answered_with_those_there_are(capsys: Captured) -> None:
    assert main(["explain", "nan"]) == 2
    err = capsys.readouterr().err
    assert "no rule or cause 'nan'; there are: " in err
    assert "non-finite" in err
