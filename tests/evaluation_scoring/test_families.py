from tests.evaluation.families import FAMILIES
from trainmon.causes.graph import CAUSES


def test_every_cause_has_one_family() -> None:
    listed = [cause for causes in FAMILIES.values() for cause in causes]
    assert len(listed) == len(set(listed))
    assert {cause.id for cause in CAUSES} <= set(listed)
