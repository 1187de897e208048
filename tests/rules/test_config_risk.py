"""config-risk: one finding that lists them all, never more than info."""

import pytest

from tests.rules.schedules import events
from trainmon.store.batch import Record

RULE = "config-risk"


def _risks(config: Record) -> list[str]:
    found = events(RULE, [{"trainmon": 1, "config": config}])
    return [risk for event in found for risk in event.evidence["risks"]]


@pytest.mark.parametrize(
    ("config", "risk"),
    [
        ({"model": "gpt2", "clip": 0}, "no gradient clipping with a transformer"),
        ({"dropout": 0, "train_samples": 800}, "no dropout with 800 training samples"),
        ({"batch_size": 2_048, "warmup_steps": 0}, "no warm-up with 2,048 samples per step"),
        ({"shuffle": False}, "the loader does not shuffle"),
    ],
)
def test_each_risk_is_named_with_its_numbers(config: Record, risk: str) -> None:
    assert _risks(config) == [risk]


@pytest.mark.parametrize(
    "config",
    [
        {"model": "gpt2"},
        {"model": "gpt2", "clip": 1.0},
        {"batch_size": 2_048, "warmup_steps": 100},
        {"dropout": 0, "train_samples": 1e6},
        {},
    ],
)
def test_what_is_not_told_or_well_chosen_is_no_risk(config: Record) -> None:
    assert not _risks(config)


def test_a_later_configuration_is_judged_anew() -> None:
    first: Record = {"trainmon": 1, "config": {"shuffle": False}}
    then: Record = {"event": "config", "config": {"shuffle": True}}
    kinds = [event.kind.value for event in events(RULE, [first, {"step": 1, "loss": 1.0}, then])]
    assert kinds == ["opened", "cleared"]
