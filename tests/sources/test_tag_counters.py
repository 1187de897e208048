from math import isnan, nan

from hypothesis import given
from hypothesis import strategies as st

from trainmon.event_files.tag_counters import TagCounters

Told = tuple[str, int]


def _places(told: list[Told]) -> list[float]:
    counters = TagCounters()
    return [counters.place(*each) for each in told]


def test_tags_that_count_the_same_stand_where_they_say() -> None:
    assert _places([("loss", 0), ("lr", 0), ("loss", 10), ("lr", 10)]) == [0, 0, 10, 10]


def test_an_evaluation_counted_by_epoch_stands_at_the_last_step() -> None:
    counters = TagCounters()
    places = []
    for epoch in range(3):
        places += [counters.place("loss", 100 * epoch + batch) for batch in (0, 50)]
        places += [counters.place("val/accuracy", epoch)]
    assert places == [0, 50, 50, 100, 150, 150, 200, 250, 250]
    assert counters.otherwise == {"val/accuracy"}
    assert counters.epoch("val/accuracy") == 2
    assert isnan(counters.epoch("loss"))


def test_a_counter_that_goes_back_behind_itself_is_believed() -> None:
    told = [("loss", 100), ("val", 1), ("loss", 200), ("loss", 0), ("val", 1), ("loss", 100)]
    assert _places(told) == [100, 100, 200, 0, 1, 100]


def test_a_second_stage_with_tags_of_its_own_is_counted_on() -> None:
    first = [("fold0", step) for step in range(4)]
    second = [("fold1", step) for step in range(4)]
    assert _places([*first, *second]) == [0, 1, 2, 3, 3, 4, 5, 6]


def test_epochs_told_ahead_of_the_steps_give_way_to_them() -> None:
    told: list[Told] = []
    for epoch in range(1, 4):
        told.append(("lr by epoch", epoch))
        told += [("loss", 5 * (epoch - 1) + step) for step in range(5)]
    places = _places(told)
    assert places == sorted(places)
    assert places[-1] == 15


def test_names_that_say_against_what_they_are_drawn_do_not_count_steps() -> None:
    told: list[Told] = []
    for step in range(3):
        told += [("lr vs samples", 256 * step), ("lr", step), ("loss vs samples", 256 * step)]
    places = _places([*told, ("loss", 3)])
    assert str(places) == str([nan, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0])


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(-(2**63), 2**63) | st.integers(0, 9)),
        max_size=60,
    )
)
def test_any_counters_are_placed_at_numbers(told: list[Told]) -> None:
    assert not any(map(isnan, _places(told)))


def test_values_without_a_step_are_counted() -> None:
    told = [("loss", 0), ("lr", 0)] * 3
    assert _places(told) == [0, 0, 1, 1, 2, 2]
