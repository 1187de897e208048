"""``trainmon rules``: the table of what is looked for."""

import pytest

from trainmon import rules
from trainmon.cli import main


def test_every_rule_is_listed_with_its_summary_and_its_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rules"]) == 0
    out = capsys.readouterr().out
    for rule in rules.all_rules():
        assert f"{rule.id} " in out
        assert rule.summary in out
        assert all(need.signal in out for need in rule.needs)
