"""A total that is not the sum of its parts is told after some looks, and cleared."""

import pytest

from trainmon.losses.part_looks import Look
from trainmon.losses.parts import Reading
from trainmon.losses.total import Total


def _reading(total: float, added: float, *, differs: bool) -> Reading:
    return Reading({}, {}, total, added, differs)


def _look(row: int) -> Look:
    return Look(row, row - 9, evaluation=True)


def _followed(looks: str) -> list[tuple[int, str, int]]:
    total, told = Total(), list[tuple[int, str, int]]()
    for number, look in enumerate(looks.split(), 1):
        reading = _reading(2.0, 1.5, differs=look == "differs")
        total, events = total.after(reading, _look(10 * number), "train/loss", confirm=2)
        told += [(event.row, event.kind.value, event.onset) for event in events]
    return told


def test_it_takes_two_looks_in_a_row() -> None:
    assert _followed("differs equal differs") == []
    assert _followed("differs differs") == [(20, "opened", 11)]


def test_it_is_over_at_the_first_look_at_which_the_parts_add_up() -> None:
    assert _followed("differs differs equal") == [(20, "opened", 11), (30, "cleared", 11)]


@pytest.mark.parametrize(
    ("added", "what"), [(1.5, "a part is not logged"), (2.5, "a part is not weighted")]
)
def test_it_says_in_which_sense_they_differ(added: float, what: str) -> None:
    reading = _reading(2.0, added, differs=True)
    _, events = Total(looks=1).after(reading, _look(20), "train/loss", confirm=2)
    assert events[0].title.endswith(what)
