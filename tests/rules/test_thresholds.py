"""The thresholds of a rule reach the parts of it that decide by them."""

from dataclasses import fields, is_dataclass, replace
from functools import cached_property
from typing import Any

import pytest

from trainmon import rules

PARTS = [
    pytest.param(rule, name, id=f"{rule.id}-{name.lstrip('_')}")
    for rule in rules.all_rules()
    for name, member in vars(type(rule)).items()
    if isinstance(member, cached_property) and is_dataclass(getattr(rule, name))
]


@pytest.mark.parametrize(("rule", "part"), PARTS)
def test_a_part_has_the_thresholds_that_its_rule_was_given(
    rule: Any,  # noqa: ANN401 - any rule, which is a dataclass
    part: str,
) -> None:
    for threshold in fields(rule):
        other = replace(rule, **{threshold.name: getattr(rule, threshold.name) + 1})
        for whole in (rule, other):
            assert _limits(getattr(whole, part)).items() <= _of_rule(whole).items()


def _of_rule(rule: Any) -> dict[str, object]:  # noqa: ANN401 - any rule, which is a dataclass
    return {item.name: getattr(rule, item.name) for item in fields(rule)}


def _limits(part: Any) -> dict[str, object]:  # noqa: ANN401 - a dataclass of numbers, or of some
    told: dict[str, object] = {}
    for item in fields(part):
        value = getattr(part, item.name)
        told |= _limits(value) if is_dataclass(value) else {item.name: value}
    return told
