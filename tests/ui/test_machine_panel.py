"""The machine in a few rows: what stands out of the readings of a moment."""

from tests.ui.scenes import START, run_of, scene_of, short, view_of
from trainmon.ui.panels.machine import draw_machine
from trainmon.view import Machine


def _text(**readings: float) -> str:
    named = {name.replace("__", "/"): value for name, value in readings.items()}
    view = view_of(run_of(short()), machine=Machine(START, named))
    return draw_machine(scene_of(view), 6, 90).text()


def test_a_card_that_is_slowed_down_by_heat_stands_out() -> None:
    card = {"gpu0__util": 0.9, "gpu0__mem_used": 2e9, "gpu0__mem_total": 8e9}
    assert "slowed down" in _text(**card, gpu0__throttle__hw_thermal=1.0)
    assert "slowed down" not in _text(**card, gpu0__throttle__hw_thermal=0.0)


def test_a_power_limit_that_is_reached_is_a_matter_of_course() -> None:
    assert "slowed down" not in _text(gpu0__util=0.9, gpu0__throttle__sw_power_cap=1.0)


def test_before_the_load_is_known_the_memory_is_told() -> None:
    assert "1 of 4 GB" in _text(mem_used=2.0**30, mem_total=2.0**32)
