"""The way back to weights that are not lost."""

from trainmon.causes.facts import Facts


def go_back(facts: Facts) -> list[str]:
    """Return from which checkpoint to go on, if the weights are lost."""
    lost = [i for i in facts.of("non-finite") if not i.cleared]
    onset = lost[0].onset_step if lost else None
    if onset is None:
        return []
    return [f"restart from the last checkpoint before step {onset:,.0f}"]
