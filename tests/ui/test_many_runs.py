"""Many runs on the screen: filtered, ordered, laid over, and quick however many there are."""

from dataclasses import replace

from tests.ui.opened import Opened, opened
from tests.ui.scenes import healthy, not_a_number, overfitting, run_of, short, view_of
from trainmon.store.batch import Record
from trainmon.view import RunView, View


def _run(name: str, lr: float) -> RunView:
    records: list[Record] = [{"trainmon": 1, "run": name, "config": {"lr": lr}}]
    return run_of([*records, *short(20)], name)


SWEEP = view_of(*(_run(f"sweep-{n:03}", 10.0**-n) for n in range(1, 7)))


def runs_of(screen: Opened) -> str:
    """Return the box of the runs."""
    lines = screen.text.splitlines()
    first = next(at for at, line in enumerate(lines) if "╭ runs" in line)
    begin = lines[first].index("╭ runs")
    return "\n".join(line[begin:] for line in lines[first:-1])


async def _focused(screen: Opened) -> None:
    screen.app.screen.query_one("#runs").focus()
    await screen.pilot.pause()


async def test_runs_are_filtered_by_name_and_by_configuration_and_esc_shows_all_again() -> None:
    async with opened(SWEEP) as screen:
        await _focused(screen)
        await screen.press("slash", *"lr>5e-4", "enter")
        assert "sweep-003" in runs_of(screen)
        assert "sweep-004" not in runs_of(screen)
        assert "3 of 6" in runs_of(screen)
        await screen.press("slash", *" 002", "enter")
        assert "sweep-003" not in runs_of(screen)
        await screen.press("escape")
        assert "sweep-006" in runs_of(screen)


async def test_a_filter_that_no_run_matches_says_so_and_the_run_stays() -> None:
    async with opened(SWEEP) as screen:
        await _focused(screen)
        await screen.press("slash", *"nosuch", "enter")
        assert "none of 6 runs matches" in screen.text
        assert "sweep-001" in screen.text.splitlines()[0]


async def test_r_goes_through_the_orders_and_says_which() -> None:
    runs = (run_of(healthy(), "well"), run_of(overfitting(), "over"), run_of(not_a_number(), "nan"))
    async with opened(view_of(*runs)) as screen:
        await _focused(screen)
        assert "by health" in await screen.press("r")
        assert runs_of(screen).index("nan") < runs_of(screen).index("over")
        assert "by best" in await screen.press("r")
        assert "by " not in runs_of(screen).replace(" by best", "").splitlines()[0]


async def test_a_wide_list_tells_the_best_value_and_how_long_still() -> None:
    async with opened(view_of(run_of(overfitting())), (220, 60)) as screen:
        assert "best 0.707" in runs_of(screen)
        assert " left" in runs_of(screen)


async def test_hundreds_of_runs_are_walked_through_with_the_cursor_in_sight() -> None:
    runs = [replace(SWEEP.runs[0], key=f"k{n}", name=f"run-{n:03}") for n in range(300)]
    async with opened(View(1, SWEEP.now, tuple(runs))) as screen:
        await _focused(screen)
        await screen.press(*["j"] * 40)
        assert "run-040" in runs_of(screen)
        assert "run-000" not in runs_of(screen)
