"""When to look: often at first, then rarely."""

from trainmon.writer.rarely import EVERY, FIRST_CALLS, Rarely


def test_the_first_three_calls_are_due() -> None:
    rarely = Rarely()
    assert [rarely.due() for _ in range(5)] == [True, True, True, False, False]


def test_calls_that_are_due_grow_rarer_and_then_come_evenly() -> None:
    rarely = Rarely()
    due = [call for call in range(1, 4 * EVERY + 1) if rarely.due()]
    assert due == [*FIRST_CALLS, 2 * EVERY, 3 * EVERY, 4 * EVERY]


def test_each_one_counts_for_itself() -> None:
    first, second = Rarely(), Rarely()
    for _ in range(4):
        first.due()
    assert second.due()
