from dataclasses import replace

from tests.ui.scenes import healthy, run_of, short, view_of
from trainmon.ui.choice import Choice
from trainmon.ui.runs.run_list import ORDERS
from trainmon.ui.wording import OVERLAY_INKS
from trainmon.view import View

RUNS = tuple(run_of(short(), f"run{number}") for number in range(7))
VIEW = view_of(*RUNS)


def test_the_newest_run_is_looked_at_until_one_is_chosen() -> None:
    choice = Choice().among(VIEW)
    assert choice.run(VIEW) is RUNS[0]
    assert choice.looking_at("run3").among(VIEW).run(VIEW) is RUNS[3]


def test_a_newer_run_does_not_take_the_place_of_the_chosen_one() -> None:
    choice = Choice().among(view_of(RUNS[1]))
    assert choice.among(VIEW).run(VIEW) is RUNS[1]


def test_a_run_that_is_gone_gives_way_to_the_newest() -> None:
    choice = Choice("run5", "run5", ("run5", "run1"), (0, 1)).among(view_of(*RUNS[:3]))
    assert (choice.looked_at, choice.cursor, choice.laid_over) == ("run0", "run0", ("run1",))


def test_without_runs_nothing_is_looked_at() -> None:
    empty = View(0, 0.0)
    assert Choice("run1").among(empty).run(empty) is None
    assert Choice().run(None) is None


def test_of_too_many_overlays_the_oldest_makes_room() -> None:
    choice = Choice()
    for run in RUNS:
        choice = choice.overlaid(run.key)
    assert choice.laid_over == ("run3", "run4", "run5", "run6")
    assert len(choice.laid_over) == len(OVERLAY_INKS)


def test_a_run_is_not_laid_over_itself() -> None:
    choice = Choice("run1").overlaid("run1").overlaid("run2")
    assert [run.key for run, _ in choice.overlays(VIEW)] == ["run2"]


def test_a_run_keeps_its_ink_when_another_one_is_taken_away() -> None:
    choice = Choice("run0").overlaid("run1").overlaid("run2").overlaid("run3")
    inks = {run.key: ink for run, ink in choice.overlays(VIEW)}
    assert len(set(inks.values())) == 3
    fewer = choice.overlaid("run1")
    assert {run.key: ink for run, ink in fewer.overlays(VIEW)} == {
        key: ink for key, ink in inks.items() if key != "run1"
    }
    again = {run.key: ink for run, ink in fewer.overlaid("run4").overlays(VIEW)}
    assert again["run4"] == inks["run1"], "the ink that is free is taken first"


def test_runs_are_listed_by_what_was_typed_and_in_the_order_that_was_chosen() -> None:
    choice = replace(Choice(), run_filter="run1")
    assert choice.runs(VIEW) == (RUNS[1],)
    orders = [choice.run_order]
    for _ in ORDERS[1:]:
        choice = choice.with_next_order()
        orders.append(choice.run_order)
    assert tuple(orders) == ORDERS
    assert choice.with_next_order().run_order == ORDERS[0]


def test_another_run_begins_with_its_first_finding() -> None:
    choice = Choice("run1", finding=3, opened=True).looking_at("run2")
    assert (choice.finding, choice.opened) == (0, False)


def test_laying_over_and_away_again_changes_nothing() -> None:
    choice = Choice().among(view_of(run_of(healthy())))
    assert choice.overlaid("run1").overlaid("run1") == choice


def test_a_superseded_run_gives_way_to_the_one_in_its_place() -> None:
    superseded = view_of(RUNS[0], replace(RUNS[1], superseded=True))
    assert Choice("run1", "run1").among(superseded).looked_at == "run0"


def test_a_superseded_run_that_was_picked_stays() -> None:
    superseded = view_of(RUNS[0], replace(RUNS[1], superseded=True))
    assert Choice().looking_at("run1").among(superseded).looked_at == "run1"


def test_the_cursor_stays_on_a_superseded_run_it_was_moved_to() -> None:
    superseded = view_of(RUNS[0], replace(RUNS[1], superseded=True))
    assert Choice("run0", cursor="run1").among(superseded).cursor == "run1"
